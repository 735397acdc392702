"""A preview from its first record to its end: on a terminal as tables that grow, else without a word."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console, RenderableType

from consumer.adapters.schema_registry import registry_decoder
from consumer.cli.letter_options import fail
from consumer.cli.preview_report import Other, Preview, plain_preview
from consumer.cli.preview_view import pages
from consumer.cli.reading import Reading
from consumer.cli.screen import Screen
from consumer.cli.terminal import console
from consumer.mapping.envelope import NotYet
from consumer.mapping.message import Message
from consumer.mapping.rules import CompiledMapping
from consumer.preview.difference import Difference
from consumer.preview.findings import Findings
from consumer.preview.line import Merging
from consumer.preview.tally import Tally
from consumer.settings import Settings

__all__ = ["look", "print_pages"]

_EVENTS_SHOWN: Final = 40
_LINES_BESIDE_EVENTS: Final = 30
"""What else is shown takes about so many; the events take the rest of a screen, and at least some lines of it."""
_EVENTS_LIVE_MIN: Final = 4


def look(
    settings: Settings,
    mapping: CompiledMapping,
    reading: Reading,
    *,
    compared: tuple[str, CompiledMapping] | None,
    examples_max: int,
    shown: bool,
) -> dict[str, Any]:
    """Reads, and gives what was found, as ``plain_preview`` has it.

    ``compared`` is another mapping and its file's name; of each change so many places are kept. What is found is shown
    while it grows only where it is ``shown`` on a terminal.
    """
    delivery = settings.delivery
    decoder = registry_decoder(settings.kafka.schema_registry, patient=True)
    preview = Preview(
        topics=settings.kafka.topics,
        mapping=mapping,
        rate_per_s=settings.loops.expected_rate_per_s - settings.loops.reserve_per_s,
        held_max=delivery.in_flight_records_max,
        reading=reading,
        tally=Tally(mapping, decoder),
        findings=Findings(
            Merging(delivery.merge.updates, delivery.merge.into_events), held_max=delivery.in_flight_records_max
        ),
        other=None if compared is None else Other(compared[0], Tally(compared[1], decoder), Difference(examples_max)),
    )

    def found(on: Console) -> RenderableType:
        events = max(_EVENTS_LIVE_MIN, on.height - _LINES_BESIDE_EVENTS - len(mapping.rules))
        return pages(plain_preview(preview, done=False), events_shown=events)

    try:
        with Screen(found if shown else None) as screen:
            for messages in reading.batches(settings.kafka, screen):
                _take(preview, messages)
    except NotYet as reason:
        fail(str(reason))
    return plain_preview(preview)


def print_pages(found: dict[str, Any]) -> None:
    """Prints what was found for a person."""
    console().print(pages(found, events_shown=_EVENTS_SHOWN))


def _take(preview: Preview, messages: Sequence[Message]) -> None:
    now_ms = round(time.time() * 1_000)
    looked = preview.tally.take(messages)
    preview.findings.note_times(messages)
    preview.findings.take(looked, wall_ms=now_ms)
    if (other := preview.other) is not None:
        other.difference.take(looked, other.tally.take(messages), wall_ms=now_ms)
