"""``loops-consumer run --dry-run``: what the consumer would send of all that lies on the topics now."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from consumer.adapters.kafka_span import Begin
from consumer.adapters.schema_registry import registry_decoder
from consumer.cli.letter_options import fail
from consumer.cli.letter_words import NO_RULE
from consumer.cli.reading import Reading, Span
from consumer.cli.screen import Screen
from consumer.cli.terminal import console
from consumer.mapping.envelope import NotYet
from consumer.mapping.rules import CompiledMapping
from consumer.preview.rehearsal import Rehearsal
from consumer.preview.tally import Tally
from consumer.settings import Settings

__all__ = ["rehearse", "show"]

_TITLE = (
    "dry run: everything that lies there, from the beginning, whatever the group has committed;"
    " nothing was sent, nothing was committed"
)


def rehearse(settings: Settings, mapping: CompiledMapping) -> None:
    """Reads all that lies there and prints what it would come to; exits 1 where Kafka does not answer."""
    decoder = registry_decoder(settings.kafka.schema_registry, patient=True)
    tally, rehearsal = Tally(mapping, decoder), Rehearsal()
    wanted = 0
    reading = Reading(Span(Begin.BEGINNING.value), time.time())
    try:
        with Screen() as screen:
            for messages in reading.batches(settings.kafka, screen):
                now_ms = round(time.time() * 1_000)
                for looked in tally.take(messages):
                    wanted += 1
                    for plan in looked.plans:
                        rehearsal.take(plan, looked.record.position, clock_ms=now_ms)
    except NotYet as reason:
        fail(str(reason))
    show(rehearsal, records=tally.records, wanted=wanted, rate_per_s=settings.loops.expected_rate_per_s)


def show(found: Rehearsal, *, records: int, wanted: int, rate_per_s: int) -> None:
    """Prints the counts, and how long the requests would take at so many a second."""
    out = console()
    table = Table("rule", "would", "records")
    for rule, would, count in _rows(found):
        table.add_row(Text(rule), Text(would), str(count))
    total = found.requests
    seconds = total / rate_per_s
    duration = f"{seconds:.0f} s" if seconds >= 1 else "less than 1 s"
    out.print(_TITLE, soft_wrap=True)
    out.print(table)
    out.print(
        f"{records} records read, {records - wanted} of no interest, {total} requests"
        + (f": {duration} at {rate_per_s} a second" if total else ""),
        soft_wrap=True,
    )


def _rows(found: Rehearsal) -> Iterator[tuple[str, str, int]]:
    """Rule, what would become of so many records. What belongs to no rule is last."""
    for (rule, would), count in sorted(found.sends.items()):
        yield rule, would, count
    for rule, count in sorted(found.stale.items()):
        yield rule, "drop as stale", count
    for letter, count in sorted(
        found.letters.items(), key=lambda item: (item[0].rule is None, item[0].rule or "", item[0][1:])
    ):
        yield letter.rule or NO_RULE, f"dead letter, {letter.reason}: {letter.message}", count
