"""What a rule came to, in words; they quote values of the record, for whoever gave it."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from consumer.cli.terminal import printable
from consumer.core.record import Rejection
from consumer.mapping.explaining import Explanation, RuleExplained, Verdict
from consumer.mapping.when import Asked

__all__ = ["mark", "reason", "shown", "span", "where_lines"]

_MARKS = {
    Verdict.REQUEST: "sends",
    Verdict.DEAD_LETTER: "dead letter",
    Verdict.STALE: "stale",
    Verdict.DISABLED: "disabled",
}

_SHOWN_MAX = 60
"""Characters of a value."""
_LINE_MAX = 300
"""Characters of a line about a condition, which may quote a whole document."""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def mark(told: RuleExplained) -> str:
    """What it came to, in a word or two."""
    return _MARKS.get(told.verdict, "no")


def reason(told: RuleExplained, of: Explanation) -> str:
    """Why it sends nothing, in one line; empty where it sends, or where several lines of its condition say why."""
    if told.verdict in {Verdict.WHEN, Verdict.DISABLED}:
        return _of_when(told)
    if told.verdict is Verdict.RECIPIENTS:
        seen = "there is no address" if told.address is None else f"{shown(told.address)} is none of its addresses"
        return f"recipients: {seen}"
    if told.verdict is Verdict.SNAPSHOT:
        return "the event tells what was so before, for which nothing is ever sent"
    if isinstance(told.plan, Rejection):
        return f"{told.plan.reason}: {told.plan.message}"
    if told.verdict is Verdict.STALE:
        update = "; its contact properties go as an update" if told.request is not None else ""
        return f"{span((of.clock_ms - of.time_ms) / 1000)} old; max_age is {span(told.rule.max_age_s or 0)}{update}"
    lines = _of_where(told)
    return lines[0] if told.verdict is Verdict.WHERE and len(lines) == 1 else ""


def where_lines(told: RuleExplained) -> list[str]:
    """Each part of its condition that decided, with what it saw; none where it is the :func:`reason`."""
    lines = _of_where(told)
    return [] if told.verdict is Verdict.WHERE and len(lines) == 1 else lines


def shown(value: object) -> str:
    """A value as JSON, cut where it is long."""
    return _cut(printable(orjson.dumps(value, default=str).decode()), _SHOWN_MAX)


def span(seconds: float) -> str:
    """``45 s``, ``1 d 1 s``: its two largest parts that are not 0, rounded down."""
    left, parts = int(seconds), []
    for unit, size_s in _UNITS:
        if left >= size_s:
            parts.append(f"{left // size_s} {unit}")
            left %= size_s
    return " ".join(parts[:2]) or "less than 1 s"


def _of_where(told: RuleExplained) -> list[str]:
    lines = () if told.where is None else told.where.lines
    return [f"where: {_cut(printable(line), _LINE_MAX)}" for line in lines]


def _of_when(told: RuleExplained) -> str:
    return "; ".join(_asked(ask) for ask in told.asked if not ask.holds)


def _asked(ask: Asked) -> str:
    what = "event" if ask.field is None else ask.field
    wanted = " or ".join(shown(each) for each in ask.wanted)
    if ask.seen is None:
        return f"no {'event name' if ask.field is None else what}, wanted {wanted}"
    case = _folded([ask.seen]) & _folded(ask.wanted)
    return f"{what} is {shown(ask.seen)}, not {wanted}{' (case counts)' if case else ''}"


def _folded(values: Iterable[object]) -> set[str]:
    return {value.casefold() for value in values if isinstance(value, str)}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
