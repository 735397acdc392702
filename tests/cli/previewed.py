"""A preview of records that no broker had to hold."""

from __future__ import annotations

import orjson

from consumer.cli.preview_report import Other, Preview
from consumer.cli.reading import Reading, Span
from consumer.mapping.rules import CompiledMapping
from consumer.preview.difference import Difference
from consumer.preview.findings import Findings
from consumer.preview.line import Merging
from consumer.preview.tally import Tally
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message, mapping_of

MAPPING = mapping_of(
    "when: Trial Started, send: trialStarted, event: {plan: properties.plan}", "when: Never Comes, delete: true"
)
OTHER = mapping_of("when: Trial Started, send: trialStarted, event: {plan: properties.seats}")


def trial(number: int, **changed: object) -> Message:
    """A trial of a user of its own, a second after the one before."""
    event = TRIAL | {"messageId": f"ajs-{number}", "userId": f"u{number}", "context": {}} | changed
    return Message(orjson.dumps(event), at=number, time=(1, MAY_FIRST_MS + 1_000 * number))


def previewed(
    *messages: Message, span: Span | None = None, other: CompiledMapping | None = None, seconds: float = 0
) -> Preview:
    """What they come to, read within so many seconds; an hour ends with the beginning of May."""
    reading = Reading(span or Span("1h"), MAY_FIRST_MS / 1_000)
    reading.seconds = seconds
    preview = Preview(
        topics=("events",),
        mapping=MAPPING,
        rate_per_s=10,
        held_max=1_000,
        reading=reading,
        tally=Tally(MAPPING),
        findings=Findings(Merging(), held_max=1_000),
        other=None if other is None else Other("other.yaml", Tally(other), Difference(2)),
    )
    looked = preview.tally.take(messages)
    preview.findings.note_times(messages)
    preview.findings.take(looked, wall_ms=MAY_FIRST_MS)
    if preview.other is not None:
        preview.other.difference.take(looked, preview.other.tally.take(messages), wall_ms=MAY_FIRST_MS)
    return preview
