"""Builds a backfill and runs it: the consumer's own source, pipeline and edges, within a range and at a share."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Final

from consumer.adapters.admin import AdminServer
from consumer.adapters.dead_letters import KafkaLetters
from consumer.adapters.kafka import KafkaSource
from consumer.adapters.kafka_status import KafkaStatus
from consumer.adapters.mapping_file import MappingFile
from consumer.adapters.schema_registry import lacks_of, registry_decoder
from consumer.app import REVOKE_MARGIN_S, api_of, listen_for_signals, policy_of, telemetry_of
from consumer.backfill.deletes import TooManyContacts
from consumer.backfill.held_mapping import HeldMapping, rules_on
from consumer.backfill.newest import NothingSetBack
from consumer.backfill.plans import Course
from consumer.backfill.progress import Pace, Progress, Progressed, Tracker
from consumer.backfill.selection import Selection
from consumer.backfill.since import Since, Touched
from consumer.backfill.survey import Surveyed
from consumer.backfill.tail import Tail
from consumer.core.effect import Fate
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Position, TopicPartition
from consumer.core.request import Request
from consumer.freshness import Freshness
from consumer.logs import defect, log_loop_error, logger
from consumer.mapping.renewal import rules_of
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector
from consumer.reporting import Reporter
from consumer.runner import Clock, Ports, Runner
from consumer.settings import HeldKey, Settings
from consumer.side_threads import SideThreads

__all__ = ["Backfill", "Ended"]

_LOOK_EVERY_S: Final = 0.5
_MAPPING_CHANGED: Final = "the mapping has changed"
_AFTER_ALL_MS: Final = 2**63 - 1
"""The time of a delete behind the range, to which everything in the range is older, whatever clocks say."""

_log = logger("backfill")


@dataclass(slots=True)
class Ended:
    """What came of it."""

    reached: bool = False
    """Whether it came to its end by itself."""
    reason: str = ""
    """Why it ended before, where nobody asked for that."""
    requests: int = 0
    """Calls made to Loops."""
    shortened: int = 0
    """How many of these without what was set since."""
    fates: Counter[Fate] = field(default_factory=Counter)
    """Of records."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Backfill:
    """One backfill of a range that a survey found."""

    settings: Settings
    """Its own: group, beginning and admin port are the backfill's."""
    mapping: CompiledMapping
    key: HeldKey
    course: Course
    requests_per_s: int
    found: Surveyed

    def run(self, progressed: Progressed) -> Ended:
        """Runs to the end of the range, or until SIGTERM or SIGINT; a second signal ends the process at once.

        ``progressed`` is told twice a second. Raises :class:`~consumer.runner.RunnerFailed`, and
        :class:`~consumer.faults.Faults` where the admin port cannot be had.
        """
        return asyncio.run(self._run(progressed))

    async def _run(self, progressed: Progressed) -> Ended:
        return await _Run(self, progressed).run()


class _Run:
    """One run. Its methods are called on the event loop's thread, but for :meth:`_outdated`, which the source calls."""

    def __init__(self, backfill: Backfill, progressed: Progressed) -> None:
        loop = self._loop = asyncio.get_running_loop()
        settings, kafka = backfill.settings, backfill.settings.kafka
        self._of, self._progressed, self._born = backfill, progressed, loop.time()
        self._ended = Ended()
        self._since = Since()
        self._passed: set[TopicPartition] = set()
        self._tracker = Tracker(backfill.found, self._passed)
        self._stopped = False
        self._program = version("loops-consumer")
        self._rules = rules_of(backfill.mapping)
        self._selection = Selection(backfill.course, backfill.found.ends, self._outdated, self._note_passed)
        self._pipeline = Pipeline(
            _policy(settings, backfill.requests_per_s),
            now=self._born,
            random=random.SystemRandom().random,
            rules=rules_on(backfill.course, self._rules),
        )
        self._decoder = registry_decoder(kafka.schema_registry, patient=False)
        select = self._selection.of(Selector(backfill.mapping, self._decoder).select)
        self._source = KafkaSource(kafka, select, loop, handed_within_s=settings.loops.timeout_s + REVOKE_MARGIN_S)
        self._client = api_of(settings.loops, backfill.key, self._program)
        self._api = NothingSetBack(self._client, self._since)
        self._watched = self._mapping_file()
        self._report = self._reporter()
        self._runner = self._make_runner()
        self._tail = Tail(
            kafka,
            backfill.found.tails,
            Selector(backfill.mapping, registry_decoder(kafka.schema_registry, patient=True)).select,
            wall=time.time,
            touched=self._touched,
            failed=self._end,
        )

    async def run(self) -> Ended:
        """Serves, catches up with what came since the survey, and runs."""
        admin = self._of.settings.admin
        self._loop.set_exception_handler(log_loop_error)
        self._loop.set_default_executor(SideThreads())
        server = AdminServer(self._telemetry.registry, self._report, host=admin.host, port=admin.port)
        await server.start()
        listen_for_signals(self._loop, self._stop)
        watching = self._loop.create_task(self._watch())
        try:
            await self._tail.start()
            if not self._stopped:
                _log.info("backfill_started", **self._described())
                await self._runner.run()
        finally:
            watching.cancel()
            await self._tail.stop()
            await self._api.close()
            await server.stop()
            self._add_up()
        return self._ended

    # Building --------------------------------------------------------------------------------------------------------

    def _mapping_file(self) -> MappingFile:
        settings, kafka = self._of.settings, self._of.settings.kafka
        digest, lacks = self._rules.digest, lacks_of(kafka.schema_registry)
        return MappingFile(settings.mapping, kafka.topics, os.environ, digest, decoder=self._decoder, lacks=lacks)

    def _reporter(self) -> Reporter:
        refused, error = lambda: self._watched.refused, lambda: self._client.failure
        now, wall, past = self._loop.time, time.time, Freshness(time.time, within_s=None)
        told = refused, error, self._program
        return Reporter(self._pipeline, self._source, *told, now, wall, self._born, freshness=past)

    def _make_runner(self) -> Runner:
        self._telemetry = telemetry_of(self._report, self._rules, self._loop.time)
        mapping = HeldMapping(self._watched, self._rules.digest, self._selection, lambda: self._end(_MAPPING_CHANGED))
        letters = KafkaLetters(self._of.settings.kafka, self._loop)
        ports = Ports(self._source, self._api, letters, self._telemetry, mapping=mapping)
        drain_s = self._of.settings.delivery.drain_s
        return Runner(self._pipeline, ports, Clock(self._loop.time, time.time), drain_s=drain_s)

    def _described(self) -> dict[str, object]:
        backfill = self._of
        return {
            "group": backfill.settings.kafka.group_id,
            "topics": backfill.settings.kafka.topics,
            "records": backfill.found.records,
            "rate_per_s": backfill.requests_per_s,
            "events": backfill.course.send_events,
            "rekey": backfill.course.rekey,
            "deleted_identifiers": len(backfill.found.deletes),
            "mapping": self._rules.digest,
        }

    # What happens ----------------------------------------------------------------------------------------------------

    def _outdated(self, request: Request, at: Position) -> bool:
        return self._of.found.deletes.outdates(request, at) or self._since.gone(request.lanes)

    def _note_passed(self, partition: TopicPartition) -> None:
        """On the source's thread; what was selected before is told before."""
        self._passed.add(partition)

    def _touched(self, touched: Sequence[Touched]) -> None:
        for lanes, names in touched:
            if names is None:
                self._pipeline.checks.deleted.put(lanes, _AFTER_ALL_MS, now=self._loop.time())
        try:
            self._since.take(touched)
        except TooManyContacts as reason:
            self._end(str(reason))

    async def _watch(self) -> None:
        try:
            await self._watch_on()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect, and nobody else would see the end
            self._end(f"defect: {defect(error)}")

    async def _watch_on(self) -> None:
        pace = Pace()
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self._report.look()
            kafka, partitions = self._source.status(), self._pipeline.partitions
            done, of = self._tracker.counts(partitions, kafka.partitions)
            left_s = pace.left_s(done, of, now=self._loop.time()) if of else None
            self._progressed(Progress(done, of, self._api.calls, left_s, self._waits_for(kafka)))
            if self._stopped:
                return
            if self._tracker.is_done(partitions, kafka.partitions):
                self._ended.reached = True
                self._stop()

    def _waits_for(self, kafka: KafkaStatus) -> str:
        breakers = self._pipeline.wire.outages.breakers.values()
        outages = {f"Loops does not take it: {each.reason}" for each in breakers if not each.closed}
        paused = ["the mapping is paused"] if self._pipeline.rules.now.paused else []
        return "; ".join(filter(None, [*paused, kafka.waits_for, *sorted(outages)]))

    def _end(self, reason: str) -> None:
        self._ended.reason = self._ended.reason or reason
        self._stop()

    def _stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._tail.give_up()
            self._runner.stop()

    def _add_up(self) -> None:
        ended = self._ended
        ended.requests, ended.shortened = self._api.calls, self._api.shortened
        ended.fates = self._pipeline.fates
        ended.seconds = self._loop.time() - self._born


def _policy(settings: Settings, requests_per_s: int) -> Policy:
    """The consumer's own, but for the rate: the share is the whole of it, whatever Loops says of the team's limit."""
    return replace(policy_of(settings), rate_per_s=requests_per_s, reserve_per_s=0, follows_limit=False)
