"""Asking Loops by hand, over HTTP."""

from __future__ import annotations

import pytest

from consumer.adapters.loops_calls import CallFailed, LoopsCalls
from consumer.cli.asking import asked
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.server import Sandbox
from consumer.settings import Secret
from consumer.settings.sections import LoopsSettings
from tests.redaction import API_KEY


def settings(base_url: str) -> LoopsSettings:
    """Where Loops is, with the tests' key."""
    return LoopsSettings(base_url=base_url).with_key(Secret(API_KEY))


async def test_what_is_asked_is_answered_and_loops_is_told_by_which_command() -> None:
    """The client is closed behind it."""
    async with Sandbox(SandboxOptions(api_key=API_KEY, team_name="Acme")) as sandbox:
        team = await asked(settings(sandbox.base_url), "check", LoopsCalls.api_key)
        (entry,) = sandbox.journal

    assert "Acme" == team
    assert "/api-key" == entry.path


async def test_where_nobody_listens_the_address_and_the_kind_are_told() -> None:
    """A person must know where it was asked."""
    with pytest.raises(CallFailed, match=r"could not be reached.*\(http://127.0.0.1:1/api/v1: ECONNREFUSED\)"):
        await asked(settings("http://127.0.0.1:1/api/v1"), "check", LoopsCalls.api_key)
