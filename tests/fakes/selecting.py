"""The simplest selection: a record whose value begins with ``want`` is wanted, without anything to be sent for it."""

from __future__ import annotations

from collections.abc import Sequence

from consumer.core.record import Batch, Received, Record, TopicPartition, Wanted
from consumer.mapping.message import Message

__all__ = ["select"]


def select(messages: Sequence[Message]) -> Batch:
    """A batch with every record, by partition."""
    batch: dict[TopicPartition, Received] = {}
    for message in messages:
        offset = message.offset() or 0
        received = batch.setdefault(TopicPartition(message.topic() or "", message.partition() or 0), Received())
        if received.runs and received.runs[-1][1] == offset - 1:
            received.runs[-1] = (received.runs[-1][0], offset)
        else:
            received.runs.append((offset, offset))
        received.records += 1
        received.last_timestamp_ms = message.timestamp()[1]
        if (message.value() or b"").startswith(b"want"):
            received.wanted.append(Wanted(_record(message), ()))
    return batch


def _record(message: Message) -> Record:
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        message.timestamp()[1],
        message.key(),
        message.value(),
    )
