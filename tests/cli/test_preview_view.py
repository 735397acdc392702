"""A preview as tables."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from consumer.cli.preview_report import plain_preview
from consumer.cli.preview_view import pages
from consumer.cli.reading import Span
from tests.cli.previewed import OTHER, previewed, trial
from tests.mapping.making import Message


def _lines(found: Any, *, width: int = 80, events_shown: int = 10) -> list[str]:
    out = StringIO()
    Console(file=out, width=width, highlight=False, markup=False).print(pages(found, events_shown=events_shown))
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", (80, 120))
def test_it_can_be_read_at_any_width(width: int) -> None:
    """No name of a rule or an event is broken where the terminal is as wide as most."""
    messages = (trial(0), trial(1, userId=None), trial(2, event="trial started"), Message(b"junk", at=3))
    lines = _lines(plain_preview(previewed(*messages, other=OTHER)), width=width)

    assert width >= max(map(len, lines))
    assert [] == [
        text for text in ("Trial Started", "r0", "send trialStarted") if not any(text in line for line in lines)
    ]


def test_only_the_most_frequent_events_are_shown_and_the_rest_is_added_up() -> None:
    """With its share."""
    lines = _lines(plain_preview(previewed(trial(0), *(trial(n, event=f"e{n}") for n in range(1, 4)))), events_shown=2)

    assert ["2 more names", "2", "50.0%"] == next(line for line in lines if "more names" in line).rsplit(None, 2)


def test_what_is_over_the_limit_is_seen() -> None:
    """A rate beside the limit, and how long one would wait."""
    trials = [trial(0, messageId=f"m{number}", userId=f"u{number}") for number in range(40)]
    lines = _lines(plain_preview(previewed(*trials, span=Span("now"), seconds=2.0)))

    assert "requests          40: 20.00 a second of 10" in lines
    assert "longest wait      3 s; 30 waiting at most" in lines
    assert "busiest minute    20.00 requests a second" in lines
    assert "as a backlog      40 requests, 4 s to drain at 10 a second" in lines


def test_a_name_that_would_steer_the_terminal_does_not() -> None:
    """Nor does one that is markup."""
    text = "\n".join(_lines(plain_preview(previewed(trial(0, event="\x1b[31m[red]x")))))

    assert "\x1b" not in text
    assert "[red]x" in text


def test_the_same_of_every_record_is_said() -> None:
    """There is no table then."""
    assert "other.yaml makes the same of every record" in _lines(plain_preview(previewed(other=OTHER)))


def test_ids_that_come_again_are_told_with_a_place() -> None:
    """Those that say something else."""
    first, copy, other = trial(0), trial(0), trial(0, properties={"plan": "team"})
    text = " ".join(_lines(plain_preview(previewed(first, copy, other)), width=200))

    assert "1 copies, which Loops does not take twice" in text
    assert "1 that say something else, which Loops would take for copies, as events:0:0" in text
