"""The demo from start to verdict: a broker, a sandbox and a product in this process, the consumer in one of its own."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from consumer.cli.demo_figures import ConsumerFigures, ConsumerPages
from consumer.cli.demo_process import ChildProcess
from consumer.cli.demo_view import CHART_S, Addresses, Frame
from consumer.cli.loading import load_all
from consumer.faults import Fault, Faults
from consumer.sandbox.arrivals import Arrival, arrival_of, compare
from consumer.sandbox.broker import MockBroker
from consumer.sandbox.inspection import Inspection
from consumer.sandbox.options import LimitWay, SandboxOptions
from consumer.sandbox.product import Product
from consumer.sandbox.server import Sandbox
from consumer.sandbox.traffic import traffic
from consumer.sandbox.verdict import DemoVerdict, count_letters
from consumer.settings import Settings

__all__ = ["DemoFailed", "DemoOptions", "play"]

PARTITIONS: Final = 4
READY_WITHIN_S: Final = 30.0

_LATENCY_S: Final = 0.04
_JITTER_S: Final = 0.005
"""A quarter of what the pacer is prepared for: the rest is for this machine, which does all of it at once."""
_LOOK_EVERY_S: Final = 0.5
_ASK_EVERY_S: Final = 0.2
_LOG_LINES: Final = 20


class DemoFailed(Exception):  # noqa: N818 - it says what happened
    """There is no verdict; the text says why, over several lines where the consumer's log does."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What can be chosen. ``directory`` exists and takes the consumer's log."""

    config: Path
    for_s: float
    seed: int
    directory: Path
    api_key: str = field(repr=False)
    program: Sequence[str] = (sys.executable, "-m", "consumer")
    """How the consumer is called."""
    progress_within_s: float = 60.0
    """Where nothing arrives or is committed for so long, what is not there counts as missing."""

    @property
    def log(self) -> Path:
        """The consumer's log."""
        return self.directory / "consumer.log"


async def play(
    options: DemoOptions, environ: Mapping[str, str], ended: asyncio.Event, show: Callable[[Frame], None]
) -> DemoVerdict:
    """Runs it until ``for_s`` have passed or ``ended`` is set, waits until all is delivered, and compares.

    ``show`` is called about twice a second. Whatever ends it, a cancellation too, the consumer's process is gone
    afterwards. Raises :class:`DemoFailed`, and :class:`Faults` where the settings or the mapping are wrong.
    """
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(MockBroker())
        sandbox = Sandbox(
            SandboxOptions(
                api_key=options.api_key,
                limit_way=LimitWay.SLIDING,
                latency_s=_LATENCY_S,
                jitter_s=_JITTER_S,
                seed=options.seed,
            )
        )
        await stack.enter_async_context(sandbox)
        port = _free_port()
        inner = _environ(environ, options, broker.bootstrap_servers, sandbox.base_url, port)
        settings, _ = load_all(options.config, inner)
        _create_topics(broker, settings)
        pages = ConsumerPages(await stack.enter_async_context(aiohttp.ClientSession()), port)
        product = Product(broker.bootstrap_servers, settings.kafka.topics[0])
        inspection = Inspection(broker.bootstrap_servers, settings.kafka.group_id)
        stack.callback(inspection.close)
        command = [*options.program, "run", "--config", str(options.config)]
        child = stack.enter_context(ChildProcess(command, inner, options.log))
        course = _Course(options, settings, sandbox, product, inspection, pages, child, ended, show)
        return await course.run()


@dataclass(slots=True)
class _Course:
    """One run, with everything started."""

    options: DemoOptions
    settings: Settings
    sandbox: Sandbox
    product: Product
    inspection: Inspection
    pages: ConsumerPages
    child: ChildProcess
    ended: asyncio.Event
    show: Callable[[Frame], None]
    phase: str = "the consumer starts"
    began: float | None = None
    figures: ConsumerFigures = field(default_factory=ConsumerFigures)
    entries_seen: int = 0
    arrivals: list[Arrival] = field(default_factory=list)

    async def run(self) -> DemoVerdict:
        async with _alongside(self._watch()):
            await self._until_ready()
            self.began = asyncio.get_running_loop().time()
            self.phase = "events are produced, Ctrl-C ends it early"
            records = traffic(self.options.seed, wall=time.time())
            await self.product.run(records, self.options.for_s, self.ended)
            self.phase = "no more events, waiting until all is delivered"
            committed = await self._until_delivered()
            self.phase = "the consumer stops"
            await self._look()
            exit_code = await self.child.stop(self.settings.delivery.drain_s + 5)
        self._collect()
        ledger = self.product.ledger
        letters = await asyncio.to_thread(self.inspection.letters, self.settings.kafka.dead_letter_topic)
        return DemoVerdict(
            records=ledger.records,
            requests=compare(ledger.arrivals, self.arrivals),
            letters=count_letters(ledger.letters, letters),
            ends=ledger.ends,
            committed=committed,
            not_produced=ledger.failed,
            exit_code=exit_code,
        )

    async def _until_ready(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_WITHIN_S
        while not await self.pages.ready():
            self._check_alive()
            if self.ended.is_set():
                raise DemoFailed("ended before the first event")
            if loop.time() > deadline:
                raise self._failed(f"the consumer was not ready within {READY_WITHIN_S:.0f} s")
            await asyncio.sleep(_ASK_EVERY_S)

    async def _until_delivered(self) -> dict[int, int]:
        """Until the group's commits cover every record, or nothing moves any more; what is committed then."""
        loop = asyncio.get_running_loop()
        ends, topic = self.product.ledger.ends, self.settings.kafka.topics[0]
        moved_at, last = loop.time(), None
        while True:
            committed = await asyncio.to_thread(self.inspection.committed, topic, list(ends))
            if all(committed.get(partition, 0) >= end for partition, end in ends.items()):
                return committed
            moment = (committed, len(self.arrivals))
            if moment != last:
                moved_at, last = loop.time(), moment
            elif loop.time() - moved_at > self.options.progress_within_s:
                return committed
            self._check_alive()
            await asyncio.sleep(_ASK_EVERY_S)

    async def _watch(self) -> None:
        """Shows how it goes; a consumer that dies ends the traffic."""
        while True:
            await self._look()
            if self.child.exit_code is not None:
                self.ended.set()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self) -> None:
        self.figures = await self.pages.figures() or self.figures
        self._collect()
        self.show(self._frame())

    def _frame(self) -> Frame:
        now = asyncio.get_running_loop().time()
        seconds = self.sandbox.model.tally.seconds(now=now, count=CHART_S + 1)[:-1]
        ledger = self.product.ledger
        return Frame(
            phase=self.phase,
            passed_s=0.0 if self.began is None else now - self.began,
            for_s=self.options.for_s,
            events=ledger.records,
            events_by_s=[ledger.by_second[second.at] for second in seconds],
            requests_by_s=[second.total for second in seconds],
            addresses=Addresses(
                f"{self.sandbox.address}/", f"{self.pages.address}/metrics", f"{self.pages.address}/status"
            ),
            consumer=self.figures,
        )

    def _collect(self) -> None:
        """Takes what arrived since the last time: the sandbox keeps only so much."""
        entries = self.sandbox.journal.after(self.entries_seen)
        self.entries_seen = self.sandbox.journal.last
        self.arrivals += [arrival for entry in entries if (arrival := arrival_of(entry)) is not None]

    def _check_alive(self) -> None:
        if (code := self.child.exit_code) is not None:
            raise self._failed(f"the consumer ended by itself, with {code}")

    def _failed(self, reason: str) -> DemoFailed:
        lines = self.child.last_lines(_LOG_LINES)
        return DemoFailed("\n".join((f"{reason}; the last lines of its log:", *(f"    {line}" for line in lines))))


@asynccontextmanager
async def _alongside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs ``work`` as long as the body runs; raises what it raises."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _environ(
    environ: Mapping[str, str], options: DemoOptions, bootstrap_servers: str, base_url: str, port: int
) -> dict[str, str]:
    """The consumer's environment: whatever else is set, it speaks to this broker and this sandbox alone.

    Nothing becomes one request, so that each that had to arrive can be looked for.
    """
    return {
        **environ,
        "PYTHONUNBUFFERED": "1",
        "LOOPS_API_KEY": options.api_key,
        "LOOPS_CONSUMER__KAFKA__BOOTSTRAP_SERVERS": bootstrap_servers,
        "LOOPS_CONSUMER__LOOPS__BASE_URL": base_url,
        "LOOPS_CONSUMER__DELIVERY__MERGE__UPDATES": "false",
        "LOOPS_CONSUMER__DELIVERY__MERGE__INTO_EVENTS": "false",
        "LOOPS_CONSUMER__ADMIN__HOST": "127.0.0.1",
        "LOOPS_CONSUMER__ADMIN__PORT": str(port),
    }


def _create_topics(broker: MockBroker, settings: Settings) -> None:
    for topic in settings.kafka.topics:
        if topic.startswith("^"):
            hint = "name one topic: the demo produces to it"
            raise Faults([Fault(f'found "{topic}", a regular expression', path="kafka.topics", hint=hint)])
        broker.create_topic(topic, PARTITIONS)
    broker.create_topic(settings.kafka.dead_letter_topic, 1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
