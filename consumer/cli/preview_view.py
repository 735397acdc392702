"""A preview as a person sees it: tables that can be read at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from consumer.cli.letter_words import NO_RULE, safe

__all__ = ["pages"]

_LETTERS_SHOWN: Final = 20
_ALIKE_SHOWN: Final = 20
_CHANGES_SHOWN: Final = 40
_NUMBERS: Final = {
    "requests": "requests",
    "filtered": "filtered",
    "stale": "stale",
    "capped": "capped",
    "dead_letters": "dead letters",
}
_ALWAYS: Final = frozenset({"requests", "filtered", "dead_letters"})
_NAME_WIDTH: Final = 18
_SECONDS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def pages(found: Mapping[str, Any], *, events_shown: int) -> Group:
    """Everything of what ``plain_preview`` gives, the most frequent events alone."""
    return Group(*_with_space(_pages(found, events_shown)))


def _with_space(parts: Iterator[RenderableType]) -> Iterator[RenderableType]:
    for number, part in enumerate(parts):
        if number:
            yield Text("")
        yield part


def _pages(found: Mapping[str, Any], events_shown: int) -> Iterator[RenderableType]:
    yield _head(found)
    if found["records"]:
        yield _events(found, events_shown)
    yield _rules(found)
    if found["dead_letters"]:
        yield _letters(found["dead_letters"])
    if found["lookalikes"]:
        yield _alike(found["lookalikes"])
    if found["difference"] is not None:
        yield _difference(found)
    yield _figures(found)
    if found["notes"]:
        yield Text("\n").join(Text(note, style="yellow") for note in found["notes"])


def _head(found: Mapping[str, Any]) -> Text:
    since = found["since"]
    span = {"now": "as they come", "beginning": "from the beginning"}.get(since, f"the last {since}")
    text = Text(f"{', '.join(found['topics'])}, {span}", style="bold")
    text.append(f": {found['records']:,} records; nothing was sent, nothing was committed", style="not bold")
    return text


def _table(*columns: str) -> Table:
    """The first column takes text and what room there is; the others take numbers unless they begin with ``<``."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        is_text = column.startswith("<") or column == columns[0]
        table.add_column(column.removeprefix("<"), justify="left" if is_text else "right", overflow="fold")
    return table


def _events(found: Mapping[str, Any], events_shown: int) -> Table:
    table = _table("event", "records", "share", "<rules")
    events = found["events"]
    for event in events[:events_shown]:
        rules = ", ".join(event["rules"])
        table.add_row(Text(safe(event["event"])), f"{event['records']:,}", _percent(event["share"]), Text(rules))
    rest = events[events_shown:]
    count = sum(event["records"] for event in rest) + found["events_of_other_names"]
    if count:
        names = f"{len(rest):,} more names" if not found["events_of_other_names"] else "all other names"
        table.add_row(Text(names, style="dim"), f"{count:,}", _percent(count / found["records"]), "")
    return table


def _rules(found: Mapping[str, Any]) -> Table:
    numbers = [name for name in _NUMBERS if name in _ALWAYS or any(rule[name] for rule in found["rules"])]
    table = _table("rule", "records", "share", *(_NUMBERS[name] for name in numbers))
    for rule in found["rules"]:
        cells = [Text(f"{rule[name]:,}" if rule[name] else "-") for name in numbers]
        cells[-1].stylize("red" if rule["dead_letters"] else "")
        name = Text(rule["rule"], style="" if rule["records"] else "yellow")
        for what in rule["would"]:
            name.append(f"\n  {what}", style="dim")
        table.add_row(name, f"{rule['records']:,}", _percent(rule["share"]), *cells)
    return table


def _letters(letters: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("dead letters of", "records", "<why", "<the first")
    for letter in letters[:_LETTERS_SHOWN]:
        rule, why = letter["rule"] or NO_RULE, f"{letter['reason']}: {letter['message']}"
        table.add_row(Text(rule), f"{letter['records']:,}", Text(why), Text(letter["example"], style="dim"))
    _and_more(table, len(letters) - _LETTERS_SHOWN)
    return table


def _alike(alike: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("no rule is about", "records", "<which looks like", "<of the rule")
    for one in alike[:_ALIKE_SHOWN]:
        table.add_row(Text(safe(one["name"]), style="yellow"), f"{one['records']:,}", Text(one["meant"]), one["rule"])
    _and_more(table, len(alike) - _ALIKE_SHOWN)
    return table


def _difference(found: Mapping[str, Any]) -> RenderableType:
    difference = found["difference"]
    changes, other = difference["changes"], safe(difference["other"])
    if not changes:
        return Text(f"{other} makes the same of every record", style="green")
    table = _table("event", "<rule", "<now", f"<with {other}", "records", "<for example")
    for change in changes[:_CHANGES_SHOWN]:
        there = Text(change["there"])
        if change["members"]:
            there = Text(f"other {', '.join(change['members'])}")
        table.add_row(
            Text(safe(change["event"])),
            Text(change["rule"] or NO_RULE),
            Text(change["here"]),
            there,
            f"{change['records']:,}",
            Text("\n".join(change["examples"]), style="dim"),
        )
    _and_more(table, len(changes) - _CHANGES_SHOWN)
    return Group(Text(f"{difference['records']:,} records come to something else with {other}"), table)


def _and_more(table: Table, more: int) -> None:
    if more > 0:
        table.add_row(Text(f"and {more} more (--json)", style="dim"))


def _figures(found: Mapping[str, Any]) -> Text:
    lines = [Text(name.ljust(_NAME_WIDTH), style="bold").append_text(value) for name, value in _rows(found)]
    lines.append(Text(f"Assumed: {found['requests']['assumed']}.", style="dim"))
    return Text("\n").join(lines)


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    requests, limit = found["requests"], found["requests"]["limit_per_s"]
    yield "requests", _rate(requests["count"], requests["per_s"], limit)
    if (after := requests["after_coalescing"]) is not None:
        yield "after coalescing", _rate(after["count"], after["per_s"], limit)
        yield "busiest minute", Text(f"{_number(requests['busiest_minute_per_s'])} requests a second")
        yield "longest wait", Text(f"{_seconds(requests['wait_max_s'])}; {requests['waiting_max']:,} waiting at most")
    drain = found["drain"]
    yield (
        "as a backlog",
        Text(f"{drain['requests']:,} requests, {_seconds(drain['seconds'])} to drain at {limit} a second"),
    )
    contacts = found["contacts"]
    yield "contacts", Text(f"{'' if contacts['exact'] else 'about '}{contacts['count']:,}")
    again = found["event_ids_again"]
    if again["copies"]:
        yield "event ids again", Text(f"{again['copies']:,} copies, which Loops does not take twice")
    if again["differing"]:
        text = f"{again['differing']:,} that say something else, which Loops would take for copies"
        yield "event ids again", Text(f"{text}, as {again['examples'][0]}", style="red")


def _rate(count: int, per_s: float | None, limit_per_s: int) -> Text:
    text = Text(f"{count:,}")
    if per_s is not None:
        text.append(f": {_number(per_s)} a second of {limit_per_s}", style="bold red" if per_s > limit_per_s else "")
    return text


def _number(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.2f}" if per_s >= 1 else f"{per_s:.2g}"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 or not share else "<0.1%"


def _seconds(seconds: float) -> str:
    """The two largest units of it: ``2 h 5 min``."""
    if seconds < 1:
        return "less than 1 s" if seconds else "none"
    left = round(seconds)
    parts: list[str] = []
    for unit, size in _SECONDS:
        if left >= size and len(parts) < 2:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts)
