"""``loops-consumer explain``: one record and what each rule makes of it, for a person."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

import orjson
from rich.console import Console, Group, RenderableType
from rich.text import Text

from consumer.adapters.letter_headers import iso
from consumer.cli.given_records import Given
from consumer.cli.rule_words import mark, reason, where_lines
from consumer.cli.terminal import Hanging, printable
from consumer.core.record import Rejection
from consumer.core.request import Request
from consumer.mapping.explaining import Explanation, RuleExplained, Verdict

__all__ = ["rule_lines", "show"]

_STYLES = {
    Verdict.REQUEST: "bold green",
    Verdict.DEAD_LETTER: "bold red",
    Verdict.STALE: "yellow",
}
_MARK_WIDTH = 11
"""Columns of the longest, ``dead letter``."""
_NAME_WIDTH_MAX = 24
_INDENT = "    "
"""Before what belongs to a rule: an idempotency key behind them fits into 80."""


def show(screen: Console, given: Given, told: Explanation, *, paused: bool, rate_per_s: int) -> None:
    """Prints all of it; ``rate_per_s`` is what Loops takes of the team. What may be copied is not broken into lines."""
    for line in _about(given, told):
        screen.print(Hanging(Text(), line))
    for rule in told.rules:
        screen.print(rule_lines(rule, told))
        if rule.request is not None:
            screen.print(Text(indent(_request(rule, rule.request, told), _INDENT)), soft_wrap=True)
    screen.print(Text(_end(told, rate_per_s), style="bold"))
    for note in _notes(told, paused=paused):
        screen.print(Text(note, style="dim"))


def rule_lines(rule: RuleExplained, told: Explanation) -> RenderableType:
    """What a rule came to, why, and what its condition saw."""
    name, said = printable(rule.rule.name), reason(rule, told)
    width = min(max(len(each.rule.name) for each in told.rules), _NAME_WIDTH_MAX)
    style = "dim" if rule.verdict in {Verdict.WHEN, Verdict.DISABLED} else "bold"
    marked = Text(f"{mark(rule):<{_MARK_WIDTH}}  ", style=_STYLES.get(rule.verdict, "dim"))
    if len(name) > width:
        head = Hanging(marked, Text.assemble((f"{name}  ", style), said))
    else:
        head = Hanging(Text.assemble(marked, (f"{name:<{width}}  ", style)), Text(said))
    lines = (Hanging(Text(_INDENT), Text(line)) for line in where_lines(rule))
    return Group(head, *lines)


def _about(given: Given, told: Explanation) -> Iterator[Text]:
    record, event = given.record, told.event
    of = "" if record.timestamp_ms == told.clock_ms else f", of {iso(record.timestamp_ms) or 'no time'}"
    key = "" if record.key is None else f", key {printable(record.key.decode('utf-8', 'backslashreplace'))}"
    yield Text.assemble((printable(given.name), "bold"), of, key)
    if event is not None:
        name = "no event name" if event.name is None else f"event {printable(event.name)}"
        own_id = "no id of its own" if event.id is None else f"id {printable(event.id)}"
        when = "no time of its own" if event.time_ms is None else f"of {iso(event.time_ms)}"
        yield Text(f"{name}, {own_id}, {when}")
    elif told.unreadable is not None:
        yield Text(f"cannot be read: {told.unreadable}")


def _request(rule: RuleExplained, request: Request, told: Explanation) -> str:
    http = request.http()
    lines = [f"{http.method} {http.path}"]
    if http.idempotency_key is not None:
        lines.append(f"key {http.idempotency_key}")
        if rule.rule.once is not None:
            lines.append(f"(the same for each event of this contact within the {rule.rule.once})")
        elif told.event is not None and told.event.id is None:
            lines.append("(made of the record's place in its topic, as the event has no id)")
    body = orjson.dumps(orjson.loads(http.body or b"{}"), option=orjson.OPT_INDENT_2).decode()
    return "\n".join((*lines, printable(body)))


def _end(told: Explanation, rate_per_s: int) -> str:
    letters = sum(isinstance(plan, Rejection) for plan in told.plans)
    dead = f"{letters} dead letter{'' if letters == 1 else 's'}"
    least, most = told.slots
    if least:
        requests = f"{least} request{'' if least == 1 else 's'}"
        more = f", {most} where Loops does not know the userId" if most > least else ""
        return f"{requests}{f' and {dead}' if letters else ''}: {least} of the {rate_per_s} a second{more}"
    if letters:
        return dead
    if told.event is None:
        why = "it has no value" if told.unreadable is None else "no rule wants its name, so the rest is never looked at"
        return f"nothing is sent: {why}"
    return f"nothing is sent: {'it is too old' if told.fate == 'stale' else 'no rule acts'}"


def _notes(told: Explanation, *, paused: bool) -> Iterator[str]:
    if paused:
        yield "the mapping says paused: true, so nothing leaves for now"
    if any(rule.verdict is Verdict.STALE for rule in told.rules):
        yield f"its age is that at {iso(told.clock_ms)}; --at takes another moment"
