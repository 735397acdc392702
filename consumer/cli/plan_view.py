"""A plan as a person sees it: what was assumed, figures, and waits by priority; it can be read at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

__all__ = ["pages", "span", "way_named"]

_NAME_WIDTH: Final = 18
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def pages(found: Mapping[str, Any]) -> Group:
    """Everything of what ``summary`` gives."""
    figures = [Text(name.ljust(_NAME_WIDTH), style="bold").append_text(value) for name, value in _rows(found)]
    parts: list[RenderableType] = [_head(found), Text(""), Text("\n").join(figures)]
    if found["waits"]:
        parts += [Text(""), _waits(found)]
    return Group(*parts, Text(""), _assumed(found))


def _head(found: Mapping[str, Any]) -> Text:
    count = found["replicas"]
    who = "1 replica" if count == 1 else f"{count} replicas"
    text = Text(f"{found['limit_per_s']} requests a second, {who}", style="bold")
    text.append(f": {span(found['for_s'])} on virtual time; nothing was sent", style="not bold")
    return text


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    records, requests = found["records"], found["requests"]
    yield "records", Text(f"{records['produced']:,}: {_number(records['per_s'])} a second of the whole time")
    text = f"{requests['accepted']:,}: {_number(requests['per_s'])} a second of the whole time"
    if (merged := records["delivered"] - requests["accepted"]) > 0:
        text += f"; merging saved {merged:,}"
    yield "requests", Text(text)
    yield "of the limit", _used(requests)
    yield "answers 429", _refused(requests)
    yield "backlog", _backlog(found)
    yield "commits", Text(f"{_number(found['commits_per_s'])} a second, of all replicas")


def _refused(requests: Mapping[str, Any]) -> Text:
    if not requests["refused"]:
        return Text("none")
    return Text(f"{requests['refused']:,}: {_number(requests['refused_per_1000'])} for every 1,000 accepted")


def _used(requests: Mapping[str, Any]) -> Text:
    text = Text(f"{requests['used_percent']:.1f} % used")
    if (busy := requests["used_percent_while_waiting"]) is not None:
        text.append(f"; {busy:.1f} % while more waited than leave in a second")
    return text


def _backlog(found: Mapping[str, Any]) -> Text:
    backlog = found["backlog"]
    most = f"at most {_waiting(backlog['most'])} at once"
    if backlog["drained_s"] == 0:
        return Text(f"none: {most}" if backlog["most"] else "none", style="green")
    if backlog["drained_s"] is not None:
        return Text(f"drained after {span(backlog['drained_s'])}; {most}")
    stands = f"{_waiting(backlog['at_end'])} at the end"
    if backlog["drains_in_s"] is None:
        rates = (
            f"{_number(backlog['arrived_per_s'])} records a second arrive and {_number(backlog['left_per_s'])} leave"
        )
        return Text(f"never drains: in the second half {rates}; {stands}", style="bold red")
    return Text(f"{stands}; at this pace it drains in another {span(backlog['drains_in_s'])}", style="yellow")


def _waiting(count: int) -> str:
    return "1 waits" if count == 1 else f"{count:,} wait"


def _waits(found: Mapping[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for column in ("priority", "left", "median", "99 of 100", "longest", "waiting", "oldest"):
        table.add_column(column, justify="left" if column == "priority" else "right", no_wrap=True)
    for row in found["waits"]:
        spans = (_wait(row[name]) for name in ("median_s", "p99_s", "longest_s"))
        table.add_row(row["priority"], f"{row['records']:,}", *spans, f"{row['waiting']:,}", _wait(row["oldest_s"]))
    return table


def _assumed(found: Mapping[str, Any]) -> Text:
    text = f"Assumed: {way_named(found['window'])}, {found['jitter_ms']} ms of jitter, {found['partitions']} partitions"
    text += f", {found['reserve_per_s']} a second left to others" if found["reserve_per_s"] else ""
    text += f", starvation after {span(found['starvation_s'])}. A wait is from being produced to leaving, of what"
    return Text(f"{text} has left; of what still waits the oldest is told.", style="dim")


def way_named(way: str) -> str:
    """How Loops counts, in words."""
    return way if way == "bucket" else f"{way} window"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def _wait(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s" if seconds < 100 else span(seconds)


def span(seconds: float) -> str:
    """The two largest units of it: ``2 h 5 min``."""
    left = round(seconds)
    parts: list[str] = []
    for unit, size in _UNITS:
        if left >= size and len(parts) < 2:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts) or "less than 1 s"
