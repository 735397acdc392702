"""How the demo looks while it runs: a panel on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from consumer.cli.demo_figures import ConsumerFigures

__all__ = ["CHART_S", "Addresses", "Frame", "View", "panel", "plain_line", "view_on"]

CHART_S: Final = 30
"""Seconds that the two charts show, one column each."""

_WIDTH: Final = 78
_LINE_EVERY_S: Final = 3.0
_BARS: Final = " ▁▂▃▄▅▆▇█"
_CALLS: Final = {
    "events_send": "events",
    "contacts_update": "updates",
    "contacts_create": "created",
    "contacts_delete": "deleted",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """What can be opened while it runs."""

    page: str
    metrics: str
    status: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment."""

    phase: str
    """What it is doing: a few words."""
    passed_s: float
    """Since the first event."""
    for_s: float
    """How long events come."""
    events: int
    """That the product has produced."""
    events_by_s: Sequence[int]
    """Of each of the last seconds; the one that runs is not among them."""
    requests_by_s: Sequence[int]
    """Likewise, as Loops counts them."""
    addresses: Addresses
    consumer: ConsumerFigures = field(default_factory=ConsumerFigures)

    @property
    def events_per_s(self) -> int:
        """In the last whole second."""
        return self.events_by_s[-1] if self.events_by_s else 0


class View:
    """Where frames are shown, between entering and leaving; this one shows nothing."""

    def __enter__(self) -> Self:
        """Begins."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the last frame as it is."""

    def show(self, frame: Frame) -> None:
        """Shows it, or not, where the last one is not old enough."""


class _Panel(View):
    """A panel that stays where it is."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, frame: Frame) -> None:
        self._live.update(panel(frame), refresh=True)


class _Lines(View):
    """The addresses once, then a line every :data:`_LINE_EVERY_S` seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._due_s = 0.0
        self._began = False

    def show(self, frame: Frame) -> None:
        if not self._began:
            self._began = True
            for name, address in _named(frame.addresses):
                self._say(f"{name:8} {address}")
        if frame.passed_s > self._due_s:
            self._due_s = frame.passed_s + _LINE_EVERY_S
            self._say(plain_line(frame))

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)


def view_on(console: Console, *, silent: bool) -> View:
    """What fits where the console writes to."""
    return View() if silent else _Panel(console) if console.is_terminal else _Lines(console)


def panel(frame: Frame) -> RenderableType:
    """At most 18 lines of 78 columns."""
    body = Group(_figures(frame), Text(), _addresses(frame.addresses))
    return Panel(
        Padding(body, (1, 0, 0, 0)),
        title=f"[bold]loops-consumer demo[/bold]  {min(frame.passed_s, frame.for_s):.0f} of {frame.for_s:.0f} s",
        subtitle=frame.phase,
        title_align="left",
        subtitle_align="right",
        width=_WIDTH,
        border_style="dim",
    )


def plain_line(frame: Frame) -> str:
    """The same in one line."""
    shown = frame.consumer
    parts = (
        f"{frame.passed_s:4.0f} s",
        f"events {frame.events:,} ({frame.events_per_s:,}/s)",
        f"filtered {shown.filtered:,}",
        f"sent {sum(shown.sent.values()):,} ({_calls(shown)})",
        f"rate {shown.rate_used}/{shown.rate_limit}",
        f"waiting {shown.waiting:,}",
        f"on the wire {shown.on_wire}",
        f"dead letters {shown.dead_letters}",
        f"429s {shown.throttled}",
        f"age {_age(shown)}",
        *shown.outages,
    )
    return "  ".join(parts)


def _figures(frame: Frame) -> Table:
    shown = frame.consumer
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", width=12)
    table.add_column(justify="right", width=8, style="bold")
    table.add_column(no_wrap=True)
    limit = max(1, shown.rate_limit)
    table.add_row("events", f"{frame.events:,}", _chart(frame.events_by_s, "cyan", f"{frame.events_per_s:,} a second"))
    table.add_row("filtered", f"{shown.filtered:,}", Text(_share(shown)))
    table.add_row("sent", f"{sum(shown.sent.values()):,}", Text(_calls(shown)))
    table.add_row(
        "rate", f"{shown.rate_used}", _chart(frame.requests_by_s, "green", f"of {shown.rate_limit} a second", limit)
    )
    table.add_row("waiting", f"{shown.waiting:,}", Text(f"and {shown.on_wire} on the wire"))
    table.add_row("dead letters", f"{shown.dead_letters:,}", Text("cut short, about nobody, or unknown to Loops"))
    table.add_row("429s", f"{shown.throttled:,}", Text("answers that say: too fast"))
    table.add_row("age", _age(shown), Text("from the event to Loops' answer, median"))
    for outage in shown.outages:
        table.add_row("outage", "", Text(outage, style="red"))
    return table


def _addresses(addresses: Addresses) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", width=12)
    table.add_column(style="blue", overflow="fold")
    for name, address in _named(addresses):
        table.add_row(name, address)
    return table


def _named(addresses: Addresses) -> tuple[tuple[str, str], ...]:
    return ("sandbox", addresses.page), ("metrics", addresses.metrics), ("status", addresses.status)


def _chart(counts: Sequence[int], style: str, text: str, most: int = 0) -> Text:
    """One column a second, scaled to ``most`` or, where it is 0, to the highest."""
    shown = list(counts[-CHART_S:])
    top = max(most, *shown, 1) if shown else 1
    bars = "".join(_BARS[0 if not count else max(1, round(count / top * 8))] for count in shown)
    return Text.assemble((bars.rjust(CHART_S), style), "  ", text)


def _share(shown: ConsumerFigures) -> str:
    if not shown.received:
        return "nothing read yet"
    return f"{shown.filtered / shown.received:.1%} of what was read is of no interest"


def _calls(shown: ConsumerFigures) -> str:
    return (
        ", ".join(f"{shown.sent[call]:,} {name}" for call, name in _CALLS.items() if call in shown.sent)
        or "nothing yet"
    )


def _age(shown: ConsumerFigures) -> str:
    return "-" if shown.age_median_s is None else f"{shown.age_median_s:.2f} s"
