"""What is printed of a person's own data."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from consumer.cli.terminal import Hanging, console, printable


def lines(shown: object, *, width: int) -> list[str]:
    """What stands on a screen so wide."""
    screen = Console(width=width)
    with screen.capture() as captured:
        screen.print(shown)
    return captured.get().splitlines()


def test_a_text_hangs_behind_its_head_and_no_line_ends_in_spaces() -> None:
    """Each line of it begins below the first."""
    hanging = Hanging(Text("rule   "), Text("one two three four five six seven"))

    assert ["rule   one two three four", "       five six seven"] == lines(hanging, width=27)
    assert ["rule"] == lines(Hanging(Text("rule   "), Text("")), width=27)


def test_where_a_terminal_is_narrow_the_text_goes_on_below() -> None:
    """Nothing is cut away."""
    hanging = Hanging(Text("a head that is long  "), Text("a text behind it"))

    assert ["a head that is", "long  a text", "behind it"] == lines(hanging, width=14)


def test_nothing_of_a_text_steers_the_terminal_or_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """It is shown as it is."""
    console().print(printable("[red]a\x1b[31m\x9b31m\u202eb :smile:\nc"))

    assert "[red]a [31m 31m b :smile:\nc\n" == capsys.readouterr().out
