"""A missing tool is a failure, never a test less."""

from __future__ import annotations

import subprocess

import pytest

from tests.deploy.tools import tool


def test_a_tool_that_is_missing_fails_and_says_how_to_have_it() -> None:
    """A skipped check would look like a passed one."""
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is missing: make deploy-tools"):
        tool("no-such-tool")


def test_a_tool_of_the_machine_is_found() -> None:
    """By its whole path."""
    assert tool("promtool").endswith("/promtool")


@pytest.mark.parametrize(("name", "major"), (("helm3", "v3."), ("helm4", "v4.")))
def test_helm_is_there_in_both_majors(name: str, major: str) -> None:
    """Each under a name of its own."""
    version = subprocess.run([tool(name), "version", "--short"], check=True, capture_output=True, text=True).stdout  # noqa: S603 - helm

    assert version.startswith(major)
