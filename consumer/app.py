"""The composition root: builds every part, wires them, and is alone in reading clock, randomness and signals."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from consumer.adapters.admin import AdminServer
from consumer.adapters.dead_letters import KafkaLetters
from consumer.adapters.kafka import KafkaSource
from consumer.adapters.kafka_config import is_new_protocol
from consumer.adapters.kafka_retention import Retention
from consumer.adapters.letter_topic import LetterTopic, check_topic, what_is_wrong
from consumer.adapters.loops import LoopsClient
from consumer.adapters.mapping_file import MappingFile
from consumer.adapters.process_age import process_age_s
from consumer.adapters.schema_registry import lacks_of, registry_decoder
from consumer.adapters.telemetry import PrometheusTelemetry
from consumer.adapters.tracing import FLUSH_S, tracing_of
from consumer.core.backoff import BackoffPolicy
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Position, TopicPartition
from consumer.core.rules import Rules
from consumer.core.sharing import READ_EVERY_S
from consumer.faults import Fault, Faults
from consumer.logs import ContactTags, configure, log_loop_error, logger
from consumer.mapping.renewal import rules_of
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector
from consumer.overload import OverloadWatch
from consumer.reporting import Reporter
from consumer.runner import Clock, Ports, Runner
from consumer.settings import HeldKey, KafkaSettings, LoopsSettings, Settings
from consumer.side_threads import SideThreads

__all__ = ["REVOKE_MARGIN_S", "api_of", "check_letter_topic", "listen_for_signals", "policy_of", "run", "telemetry_of"]

_HANDOVER_MARGIN_S = 1.0
"""A request on the wire ends within its time-out; its outcome needs a moment to be taken in."""

REVOKE_MARGIN_S = 5.0
"""The Kafka thread waits longer than the pipeline does, so that the pipeline's answer is the one that counts."""

_COMMIT_AT_ONCE_PER_S = 100
_COMMIT_EVERY_S = 0.02
"""Above that many requests a second, ten times what Loops allows, a commit for each answer would cost more than the
answer's own way through the pipeline; within 20 ms there are then ten answers, as many as are on the wire anyway."""

_CHECK_WITHIN_S = 10.0
"""How long the brokers may take to say whether the dead-letter topic is there."""

_CONNECTIONS_UNBOUNDED = 0
"""Where the number on the wire is found by itself, the pipeline bounds it alone: a request that waited for a connection
would count that wait as latency."""


def run(settings: Settings, mapping: CompiledMapping) -> None:
    """Reads, sends and commits until SIGTERM or SIGINT; a second signal ends the process at once.

    Raises :class:`~consumer.faults.Faults` where something outside is not as the settings say, and
    :class:`~consumer.runner.RunnerFailed` where it cannot go on.
    """
    configure(sys.stderr, terminal=sys.stderr.isatty())
    if not (mapping.rules or mapping.paused):
        because = "all that is read is finished: a rule that is enabled later sees none of it, but for a backfill"
        logger("app").warning("no_rule_enabled", because=because, hint="paused: true in the mapping holds it")
    key = HeldKey(settings.loops.key_source)
    logger("app").info("asking_the_brokers", brokers=settings.kafka.bootstrap_servers, within_s=_CHECK_WITHIN_S)
    check_letter_topic(settings.kafka)
    asyncio.run(_App(settings, mapping, key).run())


def check_letter_topic(kafka: KafkaSettings) -> None:
    """A record that can go nowhere would hold its partition for good: better not to start. Raises ``Faults``."""
    found = check_topic(kafka, within_s=_CHECK_WITHIN_S)
    if (wrong := what_is_wrong(found, kafka.dead_letter_topic)) is not None:
        raise Faults([Fault(wrong, path="kafka.dead_letter_topic")])
    if found in {LetterTopic.NO_ANSWER, LetterTopic.NOT_LET_IN}:
        logger("app").warning("dead_letter_topic_not_checked", reason=found.value)


def policy_of(settings: Settings) -> Policy:
    """The pipeline's numbers."""
    loops, delivery = settings.loops, settings.delivery
    return Policy(
        rate_per_s=loops.expected_rate_per_s,
        follows_limit=loops.rate_per_s == "auto",
        reserve_per_s=loops.reserve_per_s,
        demand_every_s=READ_EVERY_S,
        replaces=settings.kafka.group_instance_id is not None and not is_new_protocol(settings.kafka),
        on_wire_max=None if loops.on_wire_max == "auto" else loops.on_wire_max,
        in_flight_records_max=delivery.in_flight_records_max,
        in_flight_bytes_max=delivery.in_flight_bytes_max,
        attempts_max=delivery.attempts_max,
        backoff=BackoffPolicy(delivery.backoff_min_s, delivery.backoff_max_s),
        merge_updates=delivery.merge.updates,
        merge_into_events=delivery.merge.into_events,
        unchanged_for_s=delivery.unchanged_for_s,
        starvation_s=delivery.starvation_s,
        outage_probe_max_s=loops.outage_probe_max_s,
        undecodable_per_min=delivery.undecodable_per_min,
        handover_s=loops.timeout_s + _HANDOVER_MARGIN_S,
        commit_every_s=_COMMIT_EVERY_S if loops.expected_rate_per_s > _COMMIT_AT_ONCE_PER_S else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _App:
    """One run."""

    settings: Settings
    mapping: CompiledMapping
    key: HeldKey

    async def run(self) -> None:
        """Builds, runs, and leaves nothing behind."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(log_loop_error)
        loop.set_default_executor(SideThreads())
        born = loop.time() - process_age_s()
        program = version("loops-consumer")
        loops, kafka, admin = self.settings.loops, self.settings.kafka, self.settings.admin
        rules = rules_of(self.mapping)
        pipeline = Pipeline(policy_of(self.settings), now=born, random=random.SystemRandom().random, rules=rules)
        source, watched = self._sources(loop)
        api = api_of(loops, self.key, program)
        failures = (lambda: watched.refused), (lambda: api.failure)
        retention = Retention(kafka, lambda: {partition.topic for partition in source.status().partitions})
        report = Reporter(pipeline, source, *failures, program, loop.time, time.time, born, retention_s=retention)
        telemetry = telemetry_of(report, rules, loop.time)
        tracing = tracing_of(self.settings, os.environ, version=program, now=loop.time)
        told = telemetry if tracing is None else tracing.around(telemetry, partial(_is_open, pipeline))
        ports = Ports(source, api, KafkaLetters(kafka, loop), told, mapping=watched)
        runner = Runner(pipeline, ports, Clock(loop.time, time.time), drain_s=self.settings.delivery.drain_s)
        server = AdminServer(telemetry.registry, report, host=admin.host, port=admin.port)
        await server.start()
        listen_for_signals(loop, runner.stop)
        if not sys.stderr.isatty():  # of a terminal that is closed it means that all ends
            loop.add_signal_handler(signal.SIGHUP, watched.look)
        _leave_out_what_is_made()
        log = logger("app")
        log.info("started", version=program, **_described(self.settings, rules))
        watches = [OverloadWatch(report.look, now=loop.time).run(), retention.run()]
        watching = [loop.create_task(_watch(watch)) for watch in watches]
        try:
            await runner.run()
        finally:
            for watch in watching:
                watch.cancel()
            await server.stop()
            if tracing is not None:
                await tracing.close(_flush_s(runner.ends_by, loop.time()))
            log.info("stopped", records=telemetry.fates, up_s=round(loop.time() - born, 3))

    def _sources(self, loop: asyncio.AbstractEventLoop) -> tuple[KafkaSource, MappingFile]:
        """Where records and mappings come from; one decoder serves the records, whatever the mapping is."""
        settings, kafka, registry = self.settings, self.settings.kafka, self.settings.kafka.schema_registry
        decoder, lacks = registry_decoder(registry, patient=False), lacks_of(registry)
        select = Selector(self.mapping, decoder).select
        source = KafkaSource(kafka, select, loop, handed_within_s=settings.loops.timeout_s + REVOKE_MARGIN_S)
        digest = self.mapping.digest
        watched = MappingFile(settings.mapping, kafka.topics, os.environ, digest, decoder=decoder, lacks=lacks)
        return source, watched


def telemetry_of(report: Reporter, rules: Rules, now: Callable[[], float]) -> PrometheusTelemetry:
    """What counts and logs, and tells the report what it hears; ``now`` is monotonic seconds."""
    return PrometheusTelemetry(
        report,
        rules=rules.ids,
        contact_tags=ContactTags(secrets.token_bytes(16)),
        now=now,
        version=report.version,
        left=report.load.left,
        finished=report.freshness.finished,
        lettered=report.letters.decided,
    )


async def _watch(watch: Coroutine[None, None, None]) -> None:
    """No delivery rests on it: a defect ends this watch alone, and is logged as one that nobody caught."""
    try:
        await watch
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect
        asyncio.get_running_loop().call_exception_handler({"message": "a watch ended", "exception": error})


def _is_open(pipeline: Pipeline, position: Position) -> bool:
    """Whether a record is in flight."""
    partition = pipeline.partitions.get(TopicPartition(position.topic, position.partition))
    return partition is not None and position.offset in partition.open


def _flush_s(ends_by: float | None, now: float) -> float:
    """How long the last spans may take: what is left of the time to stop, and not all of it."""
    return FLUSH_S if ends_by is None else min(FLUSH_S, max(0.0, ends_by - now))


def api_of(loops: LoopsSettings, key: HeldKey, program: str) -> LoopsClient:
    """The client that makes the calls; ``program`` is its version."""
    return LoopsClient(
        loops.base_url,
        key,
        connections_max=_CONNECTIONS_UNBOUNDED if loops.on_wire_max == "auto" else loops.on_wire_max,
        connect_timeout_s=loops.connect_timeout_s,
        timeout_s=loops.timeout_s,
        user_agent=f"loops-consumer/{program}",
    )


def _described(settings: Settings, rules: Rules) -> dict[str, object]:
    """What runs, in a line of the log: from where, to where, by which rules, how fast."""
    kafka, loops = settings.kafka, settings.loops
    return {
        "brokers": kafka.bootstrap_servers,
        "topics": kafka.topics,
        "group": kafka.group_id,
        "dead_letter_topic": kafka.dead_letter_topic,
        "loops": loops.base_url,
        "rate_per_s": loops.rate_per_s,
        "mapping": rules.digest,
        "rules": len(rules.ids),
        "paused": rules.paused,
    }


def _leave_out_what_is_made() -> None:
    """Looks for cyclic garbage never again among what was made at the start; ``cli/main.py`` says how often elsewhere.

    Records and requests form no cycles, and what does (a failed connection) is small; with Python's own thresholds all
    records in flight are searched through again and again: a twentieth of the CPU of a request.
    """
    gc.collect()
    gc.freeze()


def listen_for_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """The first asks to stop, the second does not ask."""
    log = logger("app")
    came: list[int] = []

    def on_signal(number: int) -> None:
        came.append(number)
        if len(came) > 1:
            log.warning("ended_at_once", signal=signal.Signals(number).name)
            os._exit(128 + number)
        log.info("stopping", signal=signal.Signals(number).name)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number)
