"""A runner with everything around it, on whatever clock the event loop has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from consumer.core.effect import Attempt, Effect
from consumer.core.outcome import Outcome, Response
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Batch, Plan, Received, Record, Rejection, TopicPartition, Wanted
from consumer.core.request import SendEvent
from consumer.mapping.message import Message
from consumer.mapping.renewal import RefusalKind
from consumer.ports import Gate, LoopsApi, MappingSource
from consumer.runner import Clock, Ports, Runner
from tests.fakes.letters import FakeDeadLetterSink
from tests.fakes.source import FakeKafka, FakeSource
from tests.waiting import until_async

__all__ = ["OK", "TP", "WALL", "RecordingTelemetry", "Stand", "select"]

TP = TopicPartition("events", 0)
WALL = 1_777_629_600.0
OK = Response(200, {}, b'{"success":true}')


def select(messages: Sequence[Message], mapping: str = "") -> Batch:
    """A record ``send U`` is an event of user U, ``junk`` cannot be read, all else is filtered."""
    received = Received(last_timestamp_ms=int(WALL * 1000), mapping=mapping)
    for message in messages:
        offset, value = message.offset() or 0, message.value() or b""
        received.runs.append((offset, offset))
        received.records += 1
        if value.startswith((b"send ", b"junk")):
            record = Record("events", 0, offset, int(WALL * 1000), None, value)
            received.wanted.append(Wanted(record, (_plan(value, f"{mapping}-{offset}"),)))
    return {TP: received}


def _plan(value: bytes, name: str) -> Plan:
    if value == b"junk":
        return Rejection("undecodable", "not JSON")
    return SendEvent(
        rule="r",
        email=None,
        user_id=value.removeprefix(b"send ").decode(),
        event_name="trialStarted",
        idempotency_key=f"key{name}",
        event_time_ms=int(WALL * 1000),
    )


class RecordingTelemetry:
    """Keeps what it is told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.effects: list[Effect] = []
        self.outcomes: list[Outcome] = []
        self.ages_s: list[float] = []
        self.commits: list[str | None] = []
        self.kinds: list[str] = []
        self.records = 0

    def received(self, partition: TopicPartition, received: Received) -> None:
        """Counts."""
        assert partition.topic == TP.topic
        self.records += received.records

    def happened(self, effects: Iterable[Effect]) -> None:
        """Keeps."""
        self.effects += effects

    def answered(self, attempt: Attempt, outcome: Outcome, seconds: float) -> None:
        """Keeps."""
        assert (attempt.try_number > 0, seconds >= 0) == (True, True)
        self.outcomes.append(outcome)

    def delivered(self, age_s: float) -> None:
        """Keeps."""
        self.ages_s.append(age_s)

    def rebalanced(self, kind: str, partitions: int) -> None:
        """Keeps."""
        self.kinds.append(f"{kind} {partitions}")

    def committed(self, partitions: int, error: str | None) -> None:
        """Keeps."""
        assert partitions > 0
        self.commits.append(error)

    def committed_read(self, *, known: bool) -> None:
        """Keeps."""
        self.kinds.append(f"committed {'known' if known else 'unknown'}")

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """Keeps."""
        self.kinds.append(f"refused {kind} {reasons}")


class Stand:
    """A runner with everything around it."""

    def __init__(
        self,
        api: LoopsApi,
        policy: Policy | None = None,
        *,
        drain_s: float = 25.0,
        gate: Gate | None = None,
        mapping: MappingSource | None = None,
    ) -> None:
        """One topic of one partition."""
        loop = asyncio.get_running_loop()
        self.kafka = FakeKafka({"events": 1})
        self.source = FakeSource(self.kafka, select)
        self.letters = FakeDeadLetterSink()
        self.telemetry = RecordingTelemetry()
        self.pipeline = Pipeline(policy or Policy(), now=loop.time(), random=lambda: 0.5)
        clock = Clock(loop.time, lambda: WALL + loop.time())
        ports = Ports(self.source, api, self.letters, self.telemetry, gate, mapping)
        self.runner = Runner(self.pipeline, ports, clock, drain_s=drain_s)
        self.run = loop.create_task(self.runner.run())

    def produce(self, *values: str) -> None:
        """Adds records."""
        for value in values:
            self.kafka.produce(TP, value.encode(), timestamp_ms=int(WALL * 1000))

    async def committed(self, offset: int) -> None:
        """Waits until the group has this offset."""
        await until_async(lambda: self._offset() == offset, 600, f"a commit of {offset}")

    def _offset(self) -> int | None:
        at = self.kafka.commits.get(TP)
        return None if at is None else at.offset
