"""What came of a redrive, or would: in words, and as JSON."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumer.adapters.letter_reading import StoredLetter
from consumer.cli.letter_words import NO_RULE, safe
from consumer.core.effect import Fate
from consumer.core.record import Plan, Rejection
from consumer.preview.rehearsal import described
from consumer.redrive.hand import Tally
from consumer.redrive.planning import Left

__all__ = ["Rehearsal", "plain_rehearsal", "plain_tally", "show_rehearsal", "show_tally"]

_PIPED_WIDTH = 200

_FATES: Mapping[Fate, str] = {
    Fate.DEAD_LETTERED: "a dead letter again",
    Fate.UNCHANGED: "nothing to do: the contact is there already",
    Fate.FILTERED: "no rule wants it any more",
}
"""Those whose value does not say it; all are marked."""

_LEFT: Mapping[Left, str] = {
    Left.STALE: "too old, over 24 h or its rule's max_age (--send-stale sends it)",
    Left.CONTACT_UNKNOWN: "the contact is not in Loops (--create-contacts makes it)",
    Left.RULE_GONE: "its rule is not in the mapping, or not enabled",
    Left.TOPIC_UNKNOWN: "the mapping has no format for its topic",
    Left.VALUE_OMITTED: "its value was too large for the dead-letter topic",
    Left.NOT_REACHED: "not reached",
}


@dataclass(slots=True)
class Rehearsal:
    """What letters would come to; counts only, no contact."""

    letters_per_s: float
    """That go out at the share that was asked for."""
    others: Mapping[str, int]
    """What is no letter of ours, by why."""
    would: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Requests by rule and what they do."""
    left: Counter[tuple[str, Left]] = field(default_factory=Counter)
    """Letters by rule and why they stay."""

    def take(self, letter: StoredLetter, planned: tuple[Plan, ...] | Left) -> None:
        """One more letter."""
        rule = letter.rule or ""
        if isinstance(planned, Left):
            self.left[rule, planned] += 1
            return
        if not planned:
            self.would[rule, _FATES[Fate.FILTERED]] += 1
        for plan in planned:
            if isinstance(plan, Rejection):
                self.would[plan.rule or "", f"{_FATES[Fate.DEAD_LETTERED]}, {plan.reason}: {plan.message}"] += 1
            else:
                self.would[plan.rule, described(plan)] += 1


def plain_rehearsal(found: Rehearsal) -> dict[str, Any]:
    """What a program reads."""
    return {
        "would": [{"rule": rule or None, "what": what, "count": count} for (rule, what), count in _sorted(found.would)],
        "left": _plain_left(found.left),
        "others": dict(found.others),
    }


def plain_tally(tally: Tally, others: Mapping[str, int], *, ended: bool) -> dict[str, Any]:
    """What a program reads; ``ended``: whether it came to its end by itself."""
    done = [
        {"rule": rule or None, "fate": fate.value, "letters": count}
        for (rule, fate), count in sorted(tally.done.items(), key=lambda item: (item[0][0], item[0][1].value))
    ]
    return {"ended": ended, "done": done, "left": _plain_left(tally.left), "others": dict(others)}


def show_rehearsal(found: Rehearsal) -> None:
    """For people."""
    console = _console()
    console.print("dry run: nothing was sent, nothing was marked, and Loops was not asked for contacts\n")
    if found.would:
        console.print(_table("would", ((rule, what, count) for (rule, what), count in _sorted(found.would))), "")
    _show_left(console, found.left, found.others)
    if found.would:
        seconds = math.ceil(found.would.total() / found.letters_per_s)
        console.print(f"about {seconds} s at {found.letters_per_s:g} letters a second")
    elif not found.left:
        console.print("no letters")


def show_tally(tally: Tally, others: Mapping[str, int], *, ended: bool) -> None:
    """For people."""
    console = _console()
    if tally.done:
        rows = ((rule, _FATES.get(fate, fate.value), count) for (rule, fate), count in tally.done.items())
        console.print(_table("became", sorted(rows)), "")
    _show_left(console, tally.left, others)
    if not tally.count:
        console.print("no letters")
    else:
        early = "" if ended else "ended early: "
        console.print(f"{early}{tally.done.total()} letters done, {tally.left.total()} left")


def _show_left(console: Console, left: Counter[tuple[str, Left]], others: Mapping[str, int]) -> None:
    if left:
        rows = ((rule, _LEFT[why], count) for (rule, why), count in left.items())
        console.print(_table("left as it is", sorted(rows)), "")
    for why, count in others.items():
        console.print(f"{count} left aside: {why}")


def _table(what: str, rows: Iterable[tuple[str, str, int]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("letters", justify="right")
    table.add_column("rule", overflow="fold")
    table.add_column(what, overflow="fold")
    for rule, text, count in rows:
        table.add_row(str(count), Text(safe(rule) or NO_RULE), Text(safe(text)))
    return table


def _sorted(counts: Mapping[tuple[str, str], int]) -> Iterator[tuple[tuple[str, str], int]]:
    return iter(sorted(counts.items()))


def _plain_left(left: Counter[tuple[str, Left]]) -> list[dict[str, Any]]:
    return [
        {"rule": rule or None, "reason": why.value, "letters": count}
        for (rule, why), count in sorted(left.items(), key=lambda item: (item[0][0], item[0][1].value))
    ]


def _console() -> Console:
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)
