"""What is seen while a topic is read."""

from __future__ import annotations

import os
import pty
from types import SimpleNamespace
from typing import cast

import pytest

from consumer.adapters.kafka_peek import Peek
from consumer.cli.screen import Screen

HALF = cast("Peek", SimpleNamespace(records=200, done=100))
ENDLESS = cast("Peek", SimpleNamespace(records=0, done=0))


def test_where_nobody_sees_it_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe or a file gets the answer alone."""
    with Screen(lambda _: "found") as screen:
        screen.show(HALF)

    assert ("", "") == capsys.readouterr()


@pytest.mark.parametrize(("peek", "said"), ((HALF, "50%"), (ENDLESS, "Ctrl-C ends it")))
def test_a_terminal_shows_what_was_found_and_how_far_it_is(
    peek: Peek, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no end it says how to make one."""
    mine, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as out:
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setenv("TERM", "xterm")
        with Screen(lambda _: "found so far") as screen:
            screen.show(peek)
        out.flush()
        shown = os.read(mine, 100_000).decode()
    os.close(mine)

    assert [True, True] == ["found so far" in shown, said in shown]
