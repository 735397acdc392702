"""The runner under a mapping that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from consumer.core.rules import Rules
from consumer.mapping.renewal import Renewal
from consumer.ports import MappingListener
from tests.fakes.loops_api import FakeLoopsApi, from_script
from tests.fakes.runner_stand import OK, Stand, select
from tests.waiting import until_async


class Changing:
    """A mapping that changes when the test says so."""

    def __init__(self) -> None:
        """Nobody listens."""
        self.listeners: list[MappingListener] = []

    def start(self, listener: MappingListener) -> None:
        """Somebody listens."""
        self.listeners.append(listener)

    def stop(self) -> None:
        """Nobody does."""
        self.listeners.clear()

    def to(self, digest: str, *, paused: bool = False) -> None:
        """Another one is there, which calls its requests after itself."""
        (listener,) = self.listeners
        renewal = Renewal(Rules(digest, frozenset({"r"}), paused), lambda messages: select(messages, digest))
        listener.mapping_found(renewal)


def test_another_mapping_selects_what_is_read_from_then_on(run_virtual: Callable[..., None]) -> None:
    """What was read before keeps its own; one that is refused changes nothing, and neither tells the group."""

    async def scenario() -> None:
        api, mapping = FakeLoopsApi(from_script([OK]), latency_s=0.05), Changing()
        stand = Stand(api, mapping=mapping)
        stand.produce("send a")
        await until_async(lambda: stand.pipeline.in_flight == 1, 60, "the first is in flight")
        mapping.to("00000001")
        mapping.listeners[0].mapping_refused("tests", ["its test 't' fails"])
        stand.produce("send b")
        await stand.committed(2)
        stand.runner.stop()
        await stand.run
        assert ["key-0", "key00000001-1"] == [request.idempotency_key for request in api.requests]
        expected = ["assigned 1", "refused tests [\"its test 't' fails\"]", "revoked 1"]
        assert (expected, []) == (stand.telemetry.kinds, mapping.listeners)

    run_virtual(scenario())


def test_a_paused_mapping_is_read_on_from_where_it_stood(run_virtual: Callable[..., None]) -> None:
    """Each record once: what was on the wire before, and what was dropped after."""

    async def scenario() -> None:
        api, mapping = FakeLoopsApi(from_script([OK]), latency_s=0.05), Changing()
        stand = Stand(api, mapping=mapping)
        stand.produce("send a", "send a", "send b")
        await until_async(lambda: len(stand.pipeline.wire) == 2, 60, "two on the wire")
        mapping.to("00000001", paused=True)
        stand.produce("send c")
        await stand.committed(1)
        await until_async(lambda: asyncio.get_running_loop().time() > 600, 900, "ten minutes")
        assert 2 == len(api.requests)
        mapping.to("00000002")
        await stand.committed(4)
        stand.runner.stop()
        await stand.run
        keys = [request.idempotency_key for request in api.requests]
        assert ["key-0", "key-2", "key00000002-1", "key00000002-3"] == keys

    run_virtual(scenario())
