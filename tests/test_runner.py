"""The runner, on virtual time, between the fakes of its ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Message

from consumer.core.effect import Committable, Effect, Fate, OutageBegan, OutageEnded
from consumer.core.outcome import Answer, Outcome, Response, TransportFailure, Verdict
from consumer.core.policy import Policy
from consumer.core.request import HttpRequest
from consumer.runner import RunnerFailed
from tests.fakes.loops_api import FakeLoopsApi, from_script
from tests.fakes.runner_stand import OK, TP, Stand, select
from tests.waiting import until_async

BUSY = Response(503)


def test_a_record_becomes_a_request_and_a_commit(run_virtual: Callable[..., None]) -> None:
    """From the topic to Loops and back; stopping leaves nothing behind."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]), latency_s=0.05)
        stand = Stand(api)
        stand.produce("noise", "send a", "noise")
        await stand.committed(3)
        stand.runner.stop()
        await stand.run
        assert ["/events/send"] == [request.path for request in api.requests]
        assert (3, {Fate.FILTERED: 2, Fate.DELIVERED: 1}) == (stand.telemetry.records, dict(stand.pipeline.fates))
        assert (["assigned 1", "revoked 1"], [None, None]) == (stand.telemetry.kinds, stand.telemetry.commits)
        assert 1 == len(stand.telemetry.ages_s)

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
        stand = Stand(api, gate=OnlyOthers())
        stand.produce("send a", "send b")
        await stand.committed(2)
        stand.runner.stop()
        await stand.run
        assert (["key-0", "key-1"], ["key-1"]) == (asked, [request.idempotency_key for request in api.requests])
        assert ["not_them"] == [letter.reason for letter in stand.letters.letters]
        assert ["not_them", "ok"] == [outcome.reason for outcome in stand.telemetry.outcomes]

    run_virtual(scenario())


def test_an_outage_is_waited_out(run_virtual: Callable[..., None]) -> None:
    """Nothing is lost or dead-lettered, and all of it is sent after."""

    async def scenario() -> None:
        down = True

        def answering(_: HttpRequest) -> Answer:
            return BUSY if down else OK

        api = FakeLoopsApi(answering, latency_s=0.05)
        stand = Stand(api)
        stand.produce(*(f"send u{number}" for number in range(20)))
        await until_async(lambda: asyncio.get_running_loop().time() > 120, 600, "two minutes")
        while_down = len(api.requests)
        down = False
        await stand.committed(20)
        stand.runner.stop()
        await stand.run
        assert while_down < 50
        assert {Fate.DELIVERED: 20} == dict(stand.pipeline.fates)
        assert [OutageBegan, OutageEnded] == [
            type(effect) for effect in stand.telemetry.effects if isinstance(effect, OutageBegan | OutageEnded)
        ]

    run_virtual(scenario())


def test_a_dead_letter_is_written_and_then_committed(run_virtual: Callable[..., None]) -> None:
    """By the sink, which confirms it."""

    async def scenario() -> None:
        stand = Stand(FakeLoopsApi(from_script([OK])))
        stand.produce("junk")
        await stand.committed(1)
        stand.runner.stop()
        await stand.run
        assert ["undecodable"] == [letter.reason for letter in stand.letters.letters]

    run_virtual(scenario())


def test_stopping_finishes_what_is_on_the_wire(run_virtual: Callable[..., None]) -> None:
    """What waits behind it is the next process's; stopping twice is stopping once."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]), latency_s=2.0)
        stand = Stand(api, Policy(on_wire_max=1))
        stand.produce("send a", "send b")
        await until_async(lambda: api.on_wire == 1, 60, "a request on the wire")
        stand.runner.stop()
        stand.runner.stop()
        await stand.run
        assert 1 == len(api.requests)
        await stand.committed(1)

    run_virtual(scenario())


def test_stopping_is_bounded(run_virtual: Callable[..., None]) -> None:
    """A request that never ends is given up; its record is read again by the next process."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]))
        stand = Stand(api, Policy(handover_s=2.0), drain_s=15.0)
        api.held()
        stand.produce("send a")
        await until_async(lambda: api.on_wire == 1, 60, "a request on the wire")
        began = asyncio.get_running_loop().time()
        stand.runner.stop()
        await stand.run
        assert asyncio.get_running_loop().time() - began <= 15.0
        assert Committable(0) == stand.kafka.commits[TP]

    run_virtual(scenario())


def test_what_the_group_has_committed_is_counted_as_read_or_not(run_virtual: Callable[..., None]) -> None:
    """However it ends, nothing else does."""

    async def scenario() -> None:
        stand = Stand(FakeLoopsApi(from_script([OK])))
        await until_async(lambda: bool(stand.telemetry.kinds), 60, "an assignment")
        stand.source.silent_readings = 1
        stand.source.read_committed([TP])
        stand.source.read_committed([TP])
        await until_async(lambda: len(stand.telemetry.kinds) == 3, 60, "both answers")
        stand.runner.stop()
        await stand.run
        assert ["assigned 1", "committed unknown", "committed known", "revoked 1"] == stand.telemetry.kinds

    run_virtual(scenario())


def test_a_source_that_cannot_go_on_ends_the_run_with_its_words(run_virtual: Callable[..., None]) -> None:
    """The process exits with them."""

    async def scenario() -> None:
        stand = Stand(FakeLoopsApi(from_script([OK])))
        await until_async(lambda: bool(stand.telemetry.kinds), 60, "an assignment")
        stand.source.fail("the group fenced this member: _FENCED")
        with pytest.raises(RunnerFailed, match="_FENCED"):
            await stand.run

    run_virtual(scenario())


def test_a_defect_ends_the_run_without_a_commit_and_without_its_text(run_virtual: Callable[..., None]) -> None:
    """A defect's text may quote a contact."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([TransportFailure.BROKEN]))
        stand = Stand(api)
        await until_async(lambda: bool(stand.telemetry.kinds), 60, "an assignment")

        def broken(*_: object, **__: object) -> list[Effect]:
            raise KeyError("euser@example.com")

        stand.pipeline.selected = broken  # type: ignore[method-assign]  # the defect
        stand.produce("send a")
        with pytest.raises(RunnerFailed, match=r"^defect: KeyError at runner\.py:\d+ > test_runner\.py:\d+$"):
            await stand.run
        assert {} == stand.kafka.commits

    run_virtual(scenario())


def test_after_a_defect_nothing_is_committed_that_came_later(run_virtual: Callable[..., None]) -> None:
    """A batch behind the one that was never taken in must not move the watermark past it."""

    async def scenario() -> None:
        api = FakeLoopsApi(from_script([OK]))
        stand = Stand(api)
        await until_async(lambda: bool(stand.telemetry.kinds), 60, "an assignment")
        good = stand.pipeline.selected

        def broken_once(*_: Any, **__: Any) -> list[Effect]:
            stand.pipeline.selected = good  # type: ignore[method-assign]  # the second batch is taken in
            raise KeyError

        stand.pipeline.selected = broken_once  # type: ignore[method-assign]  # the defect
        stand.source.deliver(select([_message(0, b"send lost")]))
        stand.source.deliver(select([_message(1, b"noise")]))
        with pytest.raises(RunnerFailed, match="defect: KeyError"):
            await stand.run
        assert {} == stand.kafka.commits

    run_virtual(scenario())


def test_telemetry_that_cannot_go_on_ends_the_run(run_virtual: Callable[..., None]) -> None:
    """Better than a turn half carried out, which would wait for ever."""

    async def scenario() -> None:
        stand = Stand(FakeLoopsApi(from_script([OK])))
        await until_async(lambda: bool(stand.telemetry.kinds), 60, "an assignment")

        def broken(*_: object) -> None:
            raise OSError

        stand.telemetry.happened = broken  # type: ignore[method-assign,assignment]  # the defect
        stand.produce("send a")
        with pytest.raises(RunnerFailed, match="defect: OSError"):
            await stand.run

    run_virtual(scenario())


def _message(offset: int, value: bytes) -> Message:
    return Message(
        topic="events", partition=0, offset=offset, key=None, value=value, headers=[], error=None, timestamp=(1, 0)
    )
