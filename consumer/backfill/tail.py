"""Follows what comes behind the range, on a thread of its own: what the consumer beside this one does meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from consumer.adapters.kafka_config import KafkaConfig
from consumer.adapters.kafka_peek import Peek, PeekFailed
from consumer.backfill.since import Touched, touched_by
from consumer.core.record import TopicPartition
from consumer.logs import defect, logger
from consumer.mapping.envelope import NotYet
from consumer.mapping.message import Message
from consumer.ports import Select

__all__ = ["Tail"]

_AGAIN_AFTER_S: Final = 1.0
"""After a failure of Kafka's, or of the schema registry's."""

_log = logger("backfill")


class Tail:
    """Tells ``touched`` on the event loop's thread what records since do to contacts, for as long as it runs.

    A failure is tried again from where it happened, so nothing is left out; it is late then, as the other consumer is.
    """

    def __init__(
        self,
        kafka: KafkaConfig,
        begins: Mapping[TopicPartition, int],
        select: Select,
        *,
        wall: Callable[[], float],
        touched: Callable[[Sequence[Touched]], None],
        failed: Callable[[str], None],
    ) -> None:
        """Begins each partition there; ``wall`` is seconds since 1970. A defect ends it; ``failed`` is told."""
        self._kafka = kafka
        self._at = dict(begins)
        self._select = select
        self._wall = wall
        self._touched = touched
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._up_to_date = asyncio.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tail", daemon=True)

    async def start(self) -> None:
        """Returns when all is told that lay there by then, or when it is stopped."""
        self._thread.start()
        await self._up_to_date.wait()

    def give_up(self) -> None:
        """Tells nothing more, and lets :meth:`start` return; may be called twice."""
        self._stopping.set()
        self._up_to_date.set()

    async def stop(self) -> None:
        """Ends the thread; may be called twice, and before :meth:`start`."""
        self.give_up()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read(endless=False)
                self._tell(self._up_to_date.set)
                self._read(endless=True)
            except (PeekFailed, NotYet) as reason:
                _log.warning("backfill_lost_sight", reason=str(reason))
                self._stopping.wait(_AGAIN_AFTER_S)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect, and its text may quote a contact
                self._tell(self._failed, f"defect: {defect(error)}")
                return

    def _read(self, *, endless: bool) -> None:
        with Peek(self._kafka, begin=self._at, endless=endless) as peek:
            for messages in peek:
                if self._stopping.is_set():
                    return
                self._take(messages)

    def _take(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        batch = self._select(messages)
        if touched := list(touched_by(batch, clock_ms=round(self._wall() * 1_000))):
            self._tell(self._touched, touched)
        for tp, received in batch.items():
            self._at[tp] = received.runs[-1][1] + 1

    def _tell(self, what: Callable[..., object], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *arguments)
