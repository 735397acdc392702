"""``loops-consumer run --dry-run``: what the consumer would send of what lies on the topics now."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from consumer.adapters.kafka_peek import Peek, PeekFailed
from consumer.cli.ending import FAILED
from consumer.core.record import Batch, Plan, Rejection
from consumer.logs import configure
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector
from consumer.settings import Settings

__all__ = ["Rehearsal", "rehearse"]

_NO_RULE = "(no rule)"


@dataclass(slots=True)
class Rehearsal:
    """What the records would come to; counts only, no contact."""

    records: int = 0
    wanted: int = 0
    sends: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By rule and call."""
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
            self.sends[plan.rule, plan.call.value] += 1


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
    _show(found, Console(file=sys.stdout), settings.loops.rate_per_s)


def _show(found: Rehearsal, console: Console, rate_per_s: int) -> None:
    table = Table("rule", "would", "records", title="dry run: nothing was sent, nothing was committed")
    for (rule, call), count in sorted(found.sends.items()):
        table.add_row(rule, call.replace("_", " "), str(count))
    for rule, count in sorted(found.stale.items()):
        table.add_row(rule, "drop as stale", str(count))
    for (rule, reason, message), count in sorted(found.rejections.items()):
        table.add_row(rule, f"dead letter, {reason}: {message}", str(count))
    console.print(table)
    total = sum(found.sends.values())
    console.print(
        f"{found.records} records read, {found.records - found.wanted} of no interest, {total} requests:"
        f" {total / rate_per_s:.0f} s at {rate_per_s} a second"
    )
