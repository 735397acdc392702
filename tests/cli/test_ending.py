"""How a command ends, whatever happens in it."""

from __future__ import annotations

import io
import sys
from typing import NoReturn

import pytest

from consumer.cli.ending import DEBUG_VARIABLE, ended, show_faults
from consumer.faults import Fault, Faults

FAULT = Fault("unknown key", "a.yaml", "kafka.grup", 2, 3, "  grup: x", "did you mean group?")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def raising(error: BaseException) -> int:
    """The exit code of a command that ends with this."""

    def command() -> NoReturn:
        raise error

    return ended(command)


@pytest.mark.parametrize(
    ("error", "expected"),
    (
        (SystemExit(), 0),
        (SystemExit(0), 0),
        (SystemExit(78), 78),
        (SystemExit(1), 1),
        (SystemExit(2), 1),
        (SystemExit(130), 1),
        (SystemExit("why"), 1),
        (KeyboardInterrupt(), 1),
        (Faults([FAULT]), 78),
        (ValueError("why"), 1),
    ),
)
def test_there_are_three_exit_codes(error: BaseException, expected: int) -> None:
    """0 did its job, 78 wrong files, 1 all else: typer's 2 for a wrong call too."""
    assert expected == raising(error)


def test_a_command_that_returns_did_its_job(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it returns."""
    assert ended(lambda: 5) == 0
    assert ("", "") == capsys.readouterr()


def test_all_faults_are_shown_with_their_number(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, so that a program's output stays clean."""
    show_faults([FAULT, Fault("there is no key")])
    show_faults([Fault("there is no key")])

    out, err = capsys.readouterr()
    assert f"{FAULT}\nthere is no key\n2 faults\nthere is no key\n1 fault\n" == err
    assert not out


def test_a_terminal_shows_the_same_text_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the place in bold; brackets are no markup."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    show_faults([FAULT, Fault("[red]x[/red] is no key", "a.yaml", "topics[0]")])

    shown = terminal.getvalue()
    assert "\x1b[1ma.yaml:2:3: kafka.grup: \x1b[0munknown key" in shown
    assert "\x1b[1;31m^" in shown
    assert "\x1b[36mdid you mean group?" in shown
    assert "[red]x[/red] is no key" in shown
    assert shown.count("2 faults") == 1


def test_an_unexpected_failure_is_one_line_without_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text may hold what came from a record; kind and place are enough to report it."""
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)

    raising(KeyError("hunter2"))

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("loops-consumer: KeyError at test_ending.py:")
    assert line.endswith(" (--debug shows more)")
    assert "hunter2" not in line


def test_what_the_operating_system_says_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """It is about files and ports."""
    raising(PermissionError(13, "Permission denied", "/a/b"))

    assert ": Permission denied: /a/b (" in capsys.readouterr().err


def test_a_module_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The installation is incomplete."""
    raising(ModuleNotFoundError("No module named 'x'"))

    assert ": No module named 'x' (" in capsys.readouterr().err


def test_debug_shows_where_it_came_from(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the whole traceback."""
    monkeypatch.setenv(DEBUG_VARIABLE, "1")

    raising(ValueError("why"))

    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.endswith("ValueError: why\n")
