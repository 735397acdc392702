"""``loops-consumer run --dry-run``: what the consumer would send of all that lies on the topics now."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from consumer.adapters.kafka_peek import Peek, PeekFailed
from consumer.cli.ending import FAILED
from consumer.core.record import Batch, Plan, Rejection
from consumer.core.request import Call, Request, SendEvent
from consumer.logs import configure
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector
from consumer.settings import Settings

__all__ = ["Rehearsal", "described", "rehearse", "show"]

_TITLE = (
    "dry run: everything that lies there, from the beginning, whatever the group has committed;"
    " nothing was sent, nothing was committed"
)
_NO_RULE = "(no rule)"
_CALLS = {Call.UPDATE: "update contact", Call.CREATE: "create contact", Call.DELETE: "delete contact"}
_PIPED_WIDTH = 200
"""Columns where no terminal says how many it has."""


@dataclass(slots=True)
class Rehearsal:
    """What the records would come to; counts only, no contact."""

    records: int = 0
    wanted: int = 0
    sends: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By rule and what it does: ``send`` with the event's name in Loops, or a call about the contact."""
    stale: Counter[str] = field(default_factory=Counter)
    """By rule: too old to be sent."""
    rejections: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By rule, reason and message."""

    def take(self, batch: Batch, *, wall: float) -> None:
        """Counts a batch; ``wall`` (seconds since 1970) is when it would be sent."""
        for received in batch.values():
            self.records += received.records
            self.wanted += len(received.wanted)
            for wanted in received.wanted:
                for plan in wanted.plans:
                    self._count(plan, wall)

    def _count(self, plan: Plan, wall: float) -> None:
        if isinstance(plan, Rejection):
            self.rejections[plan.rule or _NO_RULE, plan.reason, plan.message] += 1
        elif plan.max_age_s is not None and wall - plan.event_time_ms / 1000 > plan.max_age_s:
            self.stale[plan.rule] += 1
        else:
            self.sends[plan.rule, described(plan)] += 1


def described(request: Request) -> str:
    """What a request does: ``send`` with the event's name in Loops, or a call about the contact."""
    return f"send {request.event_name}" if isinstance(request, SendEvent) else _CALLS[request.call]


def rehearse(settings: Settings, mapping: CompiledMapping) -> None:
    """Reads all that lies there and prints what it would come to; exits 1 where Kafka does not answer."""
    configure(sys.stderr, terminal=sys.stderr.isatty(), level="critical")
    selector, found = Selector(mapping), Rehearsal()
    try:
        console = Console(stderr=True)
        with (
            Peek(settings.kafka) as peek,
            Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ):
            task = progress.add_task("reading", total=peek.records)
            for messages in peek:
                found.take(selector.select(messages), wall=time.time())
                progress.update(task, completed=peek.done)
    except PeekFailed as failed:
        typer.echo(f"loops-consumer: {failed}", err=True)
        raise typer.Exit(FAILED) from None
    show(found, rate_per_s=settings.loops.rate_per_s)


def show(found: Rehearsal, *, rate_per_s: int) -> None:
    """Prints the counts, and how long the requests would take at so many a second."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)
    table = Table("rule", "would", "records")
    for rule, would, count in _rows(found):
        table.add_row(Text(rule), Text(would), str(count))
    total = sum(found.sends.values())
    seconds = total / rate_per_s
    duration = f"{seconds:.0f} s" if seconds >= 1 else "less than 1 s"
    console.print(_TITLE, soft_wrap=True)
    console.print(table)
    console.print(
        f"{found.records} records read, {found.records - found.wanted} of no interest, {total} requests"
        + (f": {duration} at {rate_per_s} a second" if total else ""),
        soft_wrap=True,
    )


def _rows(found: Rehearsal) -> Iterator[tuple[str, str, int]]:
    """Rule, what would become of so many records. What belongs to no rule is last."""
    for (rule, would), count in sorted(found.sends.items()):
        yield rule, would, count
    for rule, count in sorted(found.stale.items()):
        yield rule, "drop as stale", count
    for (rule, reason, message), count in sorted(
        found.rejections.items(), key=lambda item: (item[0][0] == _NO_RULE, item[0])
    ):
        yield rule, f"dead letter, {reason}: {message}", count
