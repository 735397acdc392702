"""The runner, on virtual time, between the fakes of its ports."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any

import async_solipsism
import pytest
from confluent_kafka import Message

from consumer.core.effect import Committable, Effect, Fate, OutageBegan, OutageEnded
from consumer.core.outcome import Answer, Outcome, Response, TransportFailure, Verdict
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Batch, Plan, Received, Record, Rejection, TopicPartition, Wanted
from consumer.core.request import HttpRequest, SendEvent
from consumer.ports import Gate, LoopsApi
from consumer.runner import Clock, Ports, Runner, RunnerFailed
from tests.fakes.letters import FakeDeadLetterSink
from tests.fakes.loops_api import FakeLoopsApi, from_script
from tests.fakes.source import FakeKafka, FakeSource
from tests.waiting import until_async

TP = TopicPartition("events", 0)
WALL = 1_777_629_600.0
OK = Response(200, {}, b'{"success":true}')
BUSY = Response(503)


@pytest.fixture
def run_virtual() -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Runs a coroutine on a clock that jumps to the next timer."""
    loop = async_solipsism.EventLoop()

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        loop.run_until_complete(asyncio.wait_for(coroutine, 3600))

    yield run
    loop.close()
    gc.collect()


def select(messages: Sequence[Message]) -> Batch:
    """A record ``send U`` is an event of user U, ``junk`` cannot be read, all else is filtered."""
    received = Received(last_timestamp_ms=int(WALL * 1000))
    for message in messages:
        offset, value = message.offset() or 0, message.value() or b""
        received.runs.append((offset, offset))
        received.records += 1
        if value.startswith((b"send ", b"junk")):
            record = Record("events", 0, offset, int(WALL * 1000), None, value)
            received.wanted.append(Wanted(record, (_plan(value, offset),)))
    return {TP: received}


def _plan(value: bytes, offset: int) -> Plan:
    if value == b"junk":
        return Rejection("undecodable", "not JSON")
    return SendEvent(
        rule="r",
        email=None,
        user_id=value.removeprefix(b"send ").decode(),
        event_name="trialStarted",
        idempotency_key=f"key-{offset}",
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

    def received(self, partition: TopicPartition, records: int) -> None:
        """Counts."""
        assert partition == TP
        self.records += records

    def happened(self, effects: Iterable[Effect]) -> None:
        """Keeps."""
        self.effects += effects

    def answered(self, request: HttpRequest, try_number: int, outcome: Outcome, seconds: float) -> None:
        """Keeps."""
        assert (request.path, try_number > 0, seconds >= 0) == (request.path, True, True)
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


class Bench:
    """A runner with everything around it."""

    def __init__(
        self, api: LoopsApi, policy: Policy | None = None, *, drain_s: float = 25.0, gate: Gate | None = None
    ) -> None:
        """One topic of one partition."""
        loop = asyncio.get_running_loop()
        self.kafka = FakeKafka({"events": 1})
        self.source = FakeSource(self.kafka, select)
        self.letters = FakeDeadLetterSink()
        self.telemetry = RecordingTelemetry()
        self.pipeline = Pipeline(policy or Policy(), now=loop.time(), random=lambda: 0.5)
        clock = Clock(loop.time, lambda: WALL + loop.time())
        self.runner = Runner(
            self.pipeline, Ports(self.source, api, self.letters, self.telemetry, gate), clock, drain_s=drain_s
        )
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


def test_a_record_becomes_a_request_and_a_commit(run_virtual: Callable[..., None]) -> None:
    """From the topic to Loops and back; stopping leaves nothing behind."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]), latency_s=0.05)
        bench = Bench(api)
        bench.produce("noise", "send a", "noise")
        await bench.committed(3)
        bench.runner.stop()
        await bench.run
        assert ["/events/send"] == [request.path for request in api.requests]
        assert (3, {Fate.FILTERED: 2, Fate.DELIVERED: 1}) == (bench.telemetry.records, dict(bench.pipeline.fates))
        assert (["assigned 1", "revoked 1"], [None, None]) == (bench.telemetry.kinds, bench.telemetry.commits)
        assert 1 == len(bench.telemetry.ages_s)

    run_virtual(scenario())


def test_a_gate_has_the_last_word_on_an_attempt(run_virtual: Callable[..., None]) -> None:
    """What it holds makes no call, and came to what it says; a probe is asked for too."""

    async def scenario() -> None:
        asked: list[str] = []

        class OnlyOthers:
            async def hold(self, request: HttpRequest) -> Outcome | None:
                asked.append(str(request.idempotency_key))
                return Outcome(Verdict.REFUSED, "not_them") if request.idempotency_key == "key-0" else None

        api = FakeLoopsApi(from_script([OK]), latency_s=0.05)
        bench = Bench(api, gate=OnlyOthers())
        bench.produce("send a", "send b")
        await bench.committed(2)
        bench.runner.stop()
        await bench.run
        assert (["key-0", "key-1"], ["key-1"]) == (asked, [request.idempotency_key for request in api.requests])
        assert ["not_them"] == [letter.reason for letter in bench.letters.letters]
        assert ["not_them", "ok"] == [outcome.reason for outcome in bench.telemetry.outcomes]

    run_virtual(scenario())


def test_an_outage_is_waited_out(run_virtual: Callable[..., None]) -> None:
    """Nothing is lost or dead-lettered, and all of it is sent after."""

    async def scenario() -> None:
        down = True

        def answering(_: HttpRequest) -> Answer:
            return BUSY if down else OK

        api = FakeLoopsApi(answering, latency_s=0.05)
        bench = Bench(api)
        bench.produce(*(f"send u{number}" for number in range(20)))
        await until_async(lambda: asyncio.get_running_loop().time() > 120, 600, "two minutes")
        while_down = len(api.requests)
        down = False
        await bench.committed(20)
        bench.runner.stop()
        await bench.run
        assert while_down < 50
        assert {Fate.DELIVERED: 20} == dict(bench.pipeline.fates)
        assert [OutageBegan, OutageEnded] == [
            type(effect) for effect in bench.telemetry.effects if isinstance(effect, OutageBegan | OutageEnded)
        ]

    run_virtual(scenario())


def test_a_dead_letter_is_written_and_then_committed(run_virtual: Callable[..., None]) -> None:
    """By the sink, which confirms it."""

    async def scenario() -> None:
        bench = Bench(FakeLoopsApi(from_script([OK])))
        bench.produce("junk")
        await bench.committed(1)
        bench.runner.stop()
        await bench.run
        assert ["undecodable"] == [letter.reason for letter in bench.letters.letters]

    run_virtual(scenario())


def test_stopping_finishes_what_is_on_the_wire(run_virtual: Callable[..., None]) -> None:
    """What waits behind it is the next process's; stopping twice is stopping once."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]), latency_s=2.0)
        bench = Bench(api, Policy(on_wire_max=1))
        bench.produce("send a", "send b")
        await until_async(lambda: api.on_wire == 1, 60, "a request on the wire")
        bench.runner.stop()
        bench.runner.stop()
        await bench.run
        assert 1 == len(api.requests)
        await bench.committed(1)

    run_virtual(scenario())


def test_stopping_is_bounded(run_virtual: Callable[..., None]) -> None:
    """A request that never ends is given up; its record is read again by the next process."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]))
        bench = Bench(api, Policy(handover_s=2.0), drain_s=15.0)
        api.held()
        bench.produce("send a")
        await until_async(lambda: api.on_wire == 1, 60, "a request on the wire")
        began = asyncio.get_running_loop().time()
        bench.runner.stop()
        await bench.run
        assert asyncio.get_running_loop().time() - began <= 15.0
        assert Committable(0) == bench.kafka.commits[TP]

    run_virtual(scenario())


def test_a_source_that_cannot_go_on_ends_the_run_with_its_words(run_virtual: Callable[..., None]) -> None:
    """The process exits with them."""

    async def scenario() -> None:
        bench = Bench(FakeLoopsApi(from_script([OK])))
        await until_async(lambda: bool(bench.telemetry.kinds), 60, "an assignment")
        bench.source.fail("the group fenced this member: _FENCED")
        with pytest.raises(RunnerFailed, match="_FENCED"):
            await bench.run

    run_virtual(scenario())


def test_a_defect_ends_the_run_without_a_commit_and_without_its_text(run_virtual: Callable[..., None]) -> None:
    """A defect's text may quote a contact."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([TransportFailure.BROKEN]))
        bench = Bench(api)
        await until_async(lambda: bool(bench.telemetry.kinds), 60, "an assignment")

        def broken(*_: object, **__: object) -> list[Effect]:
            raise KeyError("euser@example.com")

        bench.pipeline.selected = broken  # type: ignore[method-assign]  # the defect
        bench.produce("send a")
        with pytest.raises(RunnerFailed, match=r"^defect: KeyError at runner\.py:\d+ > test_runner\.py:\d+$"):
            await bench.run
        assert {} == bench.kafka.commits

    run_virtual(scenario())


def test_after_a_defect_nothing_is_committed_that_came_later(run_virtual: Callable[..., None]) -> None:
    """A batch behind the one that was never taken in must not move the watermark past it."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]))
        bench = Bench(api)
        await until_async(lambda: bool(bench.telemetry.kinds), 60, "an assignment")
        good = bench.pipeline.selected

        def broken_once(*_: Any, **__: Any) -> list[Effect]:
            bench.pipeline.selected = good  # type: ignore[method-assign]  # the second batch is taken in
            raise KeyError

        bench.pipeline.selected = broken_once  # type: ignore[method-assign]  # the defect
        bench.source.deliver(select([_message(0, b"send lost")]))
        bench.source.deliver(select([_message(1, b"noise")]))
        with pytest.raises(RunnerFailed, match="defect: KeyError"):
            await bench.run
        assert {} == bench.kafka.commits

    run_virtual(scenario())


def test_telemetry_that_cannot_go_on_ends_the_run(run_virtual: Callable[..., None]) -> None:
    """Better than a turn half carried out, which would wait for ever."""

    async def scenario() -> None:
        bench = Bench(FakeLoopsApi(from_script([OK])))
        await until_async(lambda: bool(bench.telemetry.kinds), 60, "an assignment")

        def broken(*_: object) -> None:
            raise OSError

        bench.telemetry.happened = broken  # type: ignore[method-assign,assignment]  # the defect
        bench.produce("send a")
        with pytest.raises(RunnerFailed, match="defect: OSError"):
            await bench.run

    run_virtual(scenario())


def _message(offset: int, value: bytes) -> Message:
    return Message(
        topic="events", partition=0, offset=offset, key=None, value=value, headers=[], error=None, timestamp=(1, 0)
    )
