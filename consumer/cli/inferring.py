"""An inference from its first record to its text."""

from __future__ import annotations

import time

from consumer.adapters.schema_registry import lacks_of, registry_decoder
from consumer.cli.letter_options import fail
from consumer.cli.reading import Reading, Span
from consumer.cli.screen import Screen
from consumer.infer.inference import Inference, SchemaNeeded
from consumer.infer.writing import written
from consumer.mapping.envelope import NotYet
from consumer.settings import KafkaSettings

__all__ = ["inferred"]


def inferred(kafka: KafkaSettings, span: Span, *, rules_max: int) -> tuple[str, str]:
    """Reads; gives the mapping's text, and a sentence about it. Ends the command where nothing is there."""
    registry = kafka.schema_registry
    inference, reading = Inference(registry_decoder(registry, patient=True)), Reading(span, time.time())
    try:
        with Screen() as screen:
            for messages in reading.batches(kafka, screen):
                inference.take(messages)
            inference.end()
    except NotYet as reason:
        fail(str(reason))
    except SchemaNeeded as reason:
        lack = lacks_of(registry)("avro")
        fail(str(reason) if lack is None else f"{reason}: {lack.hint}")
    topics, names = inference.topics, inference.names
    if not topics:
        fail(f"no record lies on {', '.join(kafka.topics)} {_of(span)}: try --since beginning")
    read = f"{inference.records:,} records, of which {inference.looked_at:,} were looked at closely"
    formats = ", ".join(dict.fromkeys(topic.recognized.name or "none that is known" for topic in topics))
    summary = f"{inference.records:,} records in {reading.seconds:.2f} s; format: {formats}"
    return written(topics, names, read=read, rules_max=rules_max), summary


def _of(span: Span) -> str:
    return "" if span.since in {"now", "beginning"} else f"of the last {span.since}"
