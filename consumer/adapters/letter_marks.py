"""Marks: records on the dead-letter topic that say which letters are done.

A mark has neither key nor value, so that it takes no letter's place where the topic is compacted and no tool takes it
for one. It lies in its letter's partition, behind it, and so lives as long.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from consumer.adapters.dead_letters import QUEUE_FULL
from consumer.adapters.kafka_config import KafkaConfig, letters_properties
from consumer.adapters.kafka_guard import ClientLog, Guard
from consumer.adapters.letter_headers import LetterHeaders, iso
from consumer.adapters.letter_reading import FATE, MARKED_AT, REDRIVEN, Mark
from consumer.core.record import Position

__all__ = ["NOT_ANSWERED", "KafkaMarks", "Written", "mark_headers", "place_of"]

NOT_ANSWERED = "_TIMED_OUT"
"""The client's name for: nobody said how it ended."""

_WITHIN_S = 40.0
"""The client gives a mark up after 30 s (``message.timeout.ms``); this is for a client that hangs."""

_POLL_WITHIN_S = 0.1


def place_of(letter: Position) -> bytes:
    """``PARTITION/OFFSET``, as headers say where a letter lies."""
    return f"{letter.partition}/{letter.offset}".encode()


def mark_headers(mark: Mark) -> LetterHeaders:
    """The whole of a mark."""
    named = {REDRIVEN: place_of(mark.of), FATE: mark.fate.encode(), MARKED_AT: (iso(mark.marked_ms) or "").encode()}
    return list(named.items())


@dataclass(slots=True)
class Written:
    """How writing some marks ended."""

    confirmed: set[Position] = field(default_factory=set)
    """The letters whose marks the broker has."""
    error: str | None = None
    """The client's name of the first error; None where all are confirmed."""


class KafkaMarks:
    """Writes marks. One call at a time."""

    def __init__(self, config: KafkaConfig) -> None:
        """Connects at the first call."""
        self._properties = letters_properties(config)
        self._guard = Guard()
        self._producer: Producer | None = None

    async def write(self, marks: Collection[Mark]) -> Written:
        """Writes them and waits, off the event loop, until the broker has them or does not."""
        return await asyncio.to_thread(self._written, marks)

    def _written(self, marks: Collection[Mark]) -> Written:
        written = Written()
        producer = self._producer = self._producer or Producer({**self._properties, "logger": ClientLog()})
        under_way = set(marks)
        for mark in marks:

            def told(error: KafkaError | None, _: Message, mark: Mark = mark) -> None:
                under_way.discard(mark)
                if error is None:
                    written.confirmed.add(mark.of)
                else:
                    written.error = written.error or error.name()

            topic, partition, _offset = mark.of
            try:
                producer.produce(
                    topic, None, None, partition, on_delivery=self._guard(told), headers=mark_headers(mark)
                )
            except (KafkaException, BufferError) as error:
                under_way.discard(mark)
                written.error = error.args[0].name() if isinstance(error, KafkaException) else QUEUE_FULL
        broken = self._wait(producer, under_way)
        if len(written.confirmed) < len(marks):
            written.error = written.error or broken or NOT_ANSWERED
            self._renew(producer)
        return written

    @staticmethod
    def _wait(producer: Producer, under_way: Collection[Mark]) -> str | None:
        """Until all are told. The client's name of the error that broke it for good, if one did."""
        until = time.monotonic() + _WITHIN_S
        try:
            while under_way and time.monotonic() < until:
                # Not flush: a fatal error makes that fail with callbacks half done.
                producer.poll(_POLL_WITHIN_S)
        except KafkaException as error:
            broken: str = error.args[0].name()
            return broken
        return None

    def _renew(self, producer: Producer) -> None:
        """What it still has is owed again, so it must not go out later; it may be broken for good besides."""
        with contextlib.suppress(KafkaException):
            producer.purge()
        self._producer = None
