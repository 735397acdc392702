"""How many requests merging saves, and that nothing else is different: a bursty trace run naive, and run merged.

The real runner, pipeline, selector and mapping between a topic in memory and the sandbox's model of Loops, on virtual
time.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import async_solipsism

from consumer.core.outcome import Answer, Response
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from consumer.core.request import Call, HttpRequest
from consumer.mapping.renewal import rules_of
from consumer.mapping.rules import load_mapping
from consumer.mapping.select import Selector
from consumer.runner import Clock, Ports, Runner
from consumer.sandbox.model import LoopsModel
from consumer.sandbox.options import SandboxOptions
from tests.bench.figure import Baseline, Figure
from tests.bench.trace import MAPPING, SEED, Produced, Trace, bursty
from tests.fakes.letters import FakeDeadLetterSink
from tests.fakes.runner_stand import WALL, RecordingTelemetry
from tests.fakes.source import FakeKafka, FakeSource
from tests.waiting import until_async

__all__ = ["MERGED", "NAIVE", "Ran", "differences", "measure", "ran"]

NAIVE: Final = Policy()
MERGED: Final = replace(NAIVE, merge_updates=True, merge_into_events=True)

GOAL_SHARE: Final = 40
GOAL_DIFFERENCES: Final = 0

_PARTITIONS: Final = 4
_TOPIC: Final = "events"
_JITTER_S: Final = 0.02
_LATENCY_S: Final = 0.03
_DRAIN_S: Final = 25.0
_WITHIN_S: Final = 24 * 3600.0
"""Virtual seconds."""

_MILD: Final = Trace(visits=200)
"""A third of those who come with a mailing."""

_METHOD: Final = f"""\
A trace of a product with bursts (`tests/bench/trace.py`, seed {SEED}): every quarter of an hour a mailing brings
{Trace().visits} people within a minute, beside one person every ten seconds; a visit identifies its person on each of 3
to 8 pages, and changes five properties within half a second around an order. All in all it is less than ten requests a
second. It is run twice on virtual time, with `delivery.merge` off and with the shipped settings: the real runner,
pipeline and mapping, ten requests a second, and the sandbox's model of Loops with {_JITTER_S * 1000:g} ms of jitter
before and {_LATENCY_S * 1000:g} ms behind what it counts. Requests are all that came to Loops, refused ones too. Only
what waits is merged, so the figure says how far a burst is above the limit: beside it stands that of a burst a third as
large. What differs is counted person by person: their contact at the end with each of its properties and lists, their
events in their order with all that they bear, and their contact as it stood when each event took effect."""


@dataclass(slots=True)
class Ran:
    """What a run came to."""

    requests: int = 0
    contacts: dict[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    """By userId, without Loops' own id."""
    events: defaultdict[str, list[tuple[object, ...]]] = field(default_factory=lambda: defaultdict(list), repr=False)
    """By userId in order: name, properties, key, and the contact right after it."""
    letters: int = 0


class _Loops:
    """The model behind the port, which takes its time on the way to being counted and back."""

    def __init__(self, came_to: Ran) -> None:
        self.model = LoopsModel(SandboxOptions(jitter_s=_JITTER_S, latency_s=_LATENCY_S))
        self._came_to = came_to
        self._loop = asyncio.get_running_loop()

    async def call(self, request: HttpRequest) -> Answer:
        """Makes one call."""
        body, headers = request.body or b"", {"authorization": "Bearer sandbox", "content-type": "application/json"}
        if request.idempotency_key is not None:
            headers["idempotency-key"] = request.idempotency_key
        plan = self.model.plan(request.method, request.path, body, now=self._loop.time())
        await _passed(plan.before_s)
        now = self._loop.time()
        reply = self.model.handle(
            request.method, request.path, request.query, headers, body, now=now, wall=WALL + now, plan=plan
        )
        self._note(request)
        await _passed(reply.wait_s)
        return Response(reply.status, reply.headers, reply.body)

    async def close(self) -> None:
        """Nothing is open."""

    def contacts(self) -> dict[str, Mapping[str, object]]:
        """As they are now."""
        store = self.model.team.contacts
        return {str(each.user_id): _told(each.public()) for each in store.newest(len(store))}

    def _note(self, request: HttpRequest) -> None:
        entry = next(reversed(self.model.journal.after(self.model.journal.last - 1)))
        if request.call is Call.SEND and entry.took_effect:
            (contact,) = (each for each in self.model.team.contacts.newest(1) if each.user_id == entry.user_id)
            event = (entry.event_name, entry.event_properties, entry.idempotency_key, _told(contact.public()))
            self._came_to.events[str(entry.user_id)].append(event)


async def _passed(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over


def _told(contact: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in contact.items() if name != "id"}


def ran(records: Sequence[Produced], policy: Policy) -> Ran:
    """Runs a trace on virtual time until all of it is committed."""
    loop = async_solipsism.EventLoop()
    try:
        came_to: Ran = loop.run_until_complete(asyncio.wait_for(_run(records, policy), _WITHIN_S))
    finally:
        loop.close()
    return came_to


async def _run(records: Sequence[Produced], policy: Policy) -> Ran:
    came_to, loop = Ran(), asyncio.get_running_loop()
    mapping = load_mapping(MAPPING, "mapping.yaml")
    kafka, loops, letters = FakeKafka({_TOPIC: _PARTITIONS}), _Loops(came_to), FakeDeadLetterSink()
    source = FakeSource(kafka, Selector(mapping).select)
    pipeline = Pipeline(policy, now=loop.time(), random=lambda: 0.5, rules=rules_of(mapping))
    runner = Runner(
        pipeline,
        Ports(source, loops, letters, RecordingTelemetry()),
        Clock(loop.time, lambda: WALL + loop.time()),
        drain_s=_DRAIN_S,
    )
    running = loop.create_task(runner.run())
    for record in records:
        await _passed(record.at_s - loop.time())
        tp = TopicPartition(_TOPIC, zlib.crc32(record.key) % _PARTITIONS)
        kafka.produce(tp, record.value, record.key, int((WALL + loop.time()) * 1000))
    ends = {tp: len(log) for tp, log in kafka.logs.items() if log}
    await until_async(
        lambda: ends == {tp: at.offset for tp, at in kafka.commits.items()}, _WITHIN_S, "all is committed"
    )
    runner.stop()
    await running
    came_to.requests, came_to.contacts = loops.model.journal.last, loops.contacts()
    came_to.letters = len(letters.letters)
    return came_to


def differences(naive: Ran, merged: Ran) -> list[str]:
    """What is not the same, in words without what is told of anybody."""
    found = [f"{merged.letters} dead letters instead of {naive.letters}"] if naive.letters != merged.letters else []
    for user in sorted(naive.contacts.keys() | merged.contacts.keys() | naive.events.keys() | merged.events.keys()):
        had, has = naive.contacts.get(user, {}), merged.contacts.get(user, {})
        found += [f"{user}: {name}" for name in sorted(had.keys() | has.keys()) if had.get(name) != has.get(name)]
        sent, sends = naive.events.get(user, []), merged.events.get(user, [])
        if len(sent) != len(sends):
            found.append(f"{user}: {len(sends)} events instead of {len(sent)}")
        found += [
            f"{user}: event {number}"
            for number, pair in enumerate(zip(sent, sends, strict=False))
            if pair[0] != pair[1]
        ]
    return found


def measure() -> list[Figure]:
    """Requests, and differences."""
    share, differ = _compared(Trace())
    mild, differ_too = _compared(_MILD)
    fewer = Baseline(f"with {_MILD.visits} people a mailing", mild)
    return [
        Figure("requests of a bursty trace, of the naive number", "%", share, GOAL_SHARE, _METHOD, baselines=(fewer,)),
        Figure("differences from the naive run", "", differ + differ_too, GOAL_DIFFERENCES, _METHOD),
    ]


def _compared(trace: Trace) -> tuple[float, int]:
    """Percent of the naive number of requests, and how much differs."""
    records = bursty(trace, wall=WALL)
    naive, merged = ran(records, NAIVE), ran(records, MERGED)
    return 100 * merged.requests / naive.requests, len(differences(naive, merged))
