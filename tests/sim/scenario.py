"""What a seed decides: a topic, how Loops, Kafka and the dead letters behave, what goes wrong, and the policy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from random import Random

from consumer.core.backoff import BackoffPolicy
from consumer.core.policy import Policy
from consumer.sandbox.options import KeyMode, LimitWay

__all__ = ["KafkaWays", "LoopsWays", "MappingWays", "Scenario", "TopicShape", "Trouble", "scenario_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicShape:
    """The records."""

    partitions: int
    added: int
    """How many partitions come later."""
    added_at_s: float
    wanted: int
    """Records that a rule wants."""
    contacts: int
    shared: float
    """The share of contacts whose address is also another's."""
    spread: float
    """The share of records that lie in another partition than their contact's others."""
    unwanted_max: int
    """Records that no rule wants between two that one does, at most."""
    several_rules: float
    """The share of wanted records that more than one rule wants."""
    undecodable: float
    rejected: float
    """The share of plans that are rejections."""
    gaps: float
    """The share of wanted records with offsets before them that hold no record."""
    undelivered: int
    """How many records the client fails to deliver, once each."""
    arrive_over_s: float
    """Within this time all records arrive; 0: all are there from the start."""
    max_age_s: float | None
    """Of one rule in three."""
    bytes_max: int
    """Of a record's value."""
    stories: float
    """The share of requests whose rules say something of their delivery."""
    priorities: bool
    """Whether rules differ in theirs."""
    updates: float
    """The share of records that are updates."""
    alike: float
    """The share of requests that bear both names of their contact: those of one contact that may be merged."""
    poisoned: float
    """The share of requests that Loops refuses for what they say."""
    still: float
    """The share of records about contacts that are told the same again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopsWays:
    """Loops and the way there."""

    key_mode: KeyMode
    limit_way: LimitWay
    latency_s: float
    """Mean."""
    timeout_s: float
    stumbles: float
    """The share of requests that come to nothing, or whose answer does not come."""
    down: tuple[tuple[float, float], ...]
    """Periods of 503."""
    silent: tuple[tuple[float, float], ...]
    """Periods without any answer."""
    locked: tuple[tuple[float, float], ...]
    """Periods of 401."""
    refused_contacts: int
    """How many contacts Loops takes nothing of."""
    stubborn_contacts: int
    """How many contacts' requests fail as long as there is trouble."""
    jitter_s: float
    """How much longer than another a request may travel until it is counted."""
    others_per_2_s: int
    """What another program of the team sends, about every two seconds and all at once."""
    limits: tuple[tuple[float, int], ...]
    """When Loops changes the team's limit, and to how many a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaWays:
    """The broker, the group and the client."""

    batch_records_max: int
    sticky: bool
    static: bool
    """A restarted replica takes its predecessor's place at once."""
    session_s: float
    rebalance_s: float
    """How long a step of a rebalance takes, at most."""
    commit_latency_s: float
    commit_failures: float
    metadata_bytes_max: int
    foreign_metadata: bool
    """What stands committed at the start is another program's."""
    letter_latency_s: float
    letter_failures: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How often what happens while there is trouble."""

    lasts_s: float
    every_s: tuple[float, float]
    """Between two incidents."""
    replicas_max: int
    weights: tuple[tuple[str, float], ...]
    """Kinds of incidents, each with how often it is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingWays:
    """How the mapping changes while there is trouble."""

    every_s: float | None
    """Between two edits, at most; None: it does not."""
    paused: float
    """The share of edits that pause it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All of it."""

    seed: int
    topic: TopicShape
    loops: LoopsWays
    kafka: KafkaWays
    trouble: Trouble
    mapping: MappingWays
    policy: Policy
    drain_s: float


_INCIDENTS = ("join", "kill", "stop", "lose", "shuffle", "jump", "retention", "fatal")


def scenario_of(seed: int) -> Scenario:
    """The same for the same seed, in any process."""
    random = Random(f"{seed}/scenario")  # noqa: S311 - a seed decides a simulation
    loops = _loops(random, seed)
    topic = _with_alike(_topic(random), Random(f"{seed}/alike"))  # noqa: S311 - as above
    kafka, trouble = _kafka(random), _trouble(random)
    policy = _policy(random, loops, lingering=topic.undelivered > 0 or topic.stories > 0)
    drain_s = loops.timeout_s + random.choice((5.0, 15.0))
    policy = _with_sharing(policy, Random(f"{seed}/sharing"))  # noqa: S311 - as above
    return Scenario(
        seed=seed,
        topic=topic,
        loops=_with_limit(loops, policy, Random(f"{seed}/limit")),  # noqa: S311 - as above
        kafka=kafka,
        trouble=trouble,
        mapping=_mapping(Random(f"{seed}/mapping")),  # noqa: S311 - as above
        policy=policy,
        drain_s=drain_s,
    )


def _topic(random: Random) -> TopicShape:
    return TopicShape(
        partitions=random.choice((1, 2, 3, 4, 6, 12)),
        added=random.choice((0, 0, 0, 0, 1, 4)),
        added_at_s=random.uniform(5, 40),
        wanted=random.randint(300, 400),
        contacts=random.choice((5, 30, 200)),
        shared=random.choice((0.0, 0.3)),
        spread=random.choice((0.0, 0.0, 0.2)),
        unwanted_max=random.choice((0, 1, 4, 12)),
        several_rules=random.choice((0.0, 0.1, 0.4)),
        undecodable=random.choice((0.0, 0.01, 0.03)),
        rejected=random.choice((0.0, 0.03)),
        gaps=random.choice((0.0, 0.05, 0.5)),
        undelivered=random.choice((0, 0, 0, 1, 3)),
        arrive_over_s=random.choice((0.0, 30.0, 60.0)),
        max_age_s=random.choice((None, None, 86_400.0, 40.0)),
        bytes_max=random.choice((1, 2_000)),
        stories=random.choice((0.0, 0.2, 0.6)),
        priorities=random.random() < 0.5,
        updates=0.0,
        alike=0.0,
        poisoned=0.0,
        still=0.0,
    )


def _with_alike(shape: TopicShape, random: Random) -> TopicShape:
    """What of a topic's requests may be merged, or need not be sent."""
    return replace(
        shape,
        updates=random.choice((0.2, 0.2, 0.6)),
        alike=random.choice((0.5, 0.5, 0.95)),
        poisoned=random.choice((0.0, 0.0, 0.02)),
        still=random.choice((0.0, 0.0, 0.2)),
    )


def _loops(random: Random, seed: int) -> LoopsWays:
    return LoopsWays(
        key_mode=tuple(KeyMode)[seed % 3],
        limit_way=tuple(LimitWay)[seed // 3 % 3],
        latency_s=random.choice((0.04, 0.04, 0.2, 0.8)),
        timeout_s=random.choice((4.0, 10.0, 10.0, 30.0)),
        stumbles=random.choice((0.0, 0.05, 0.25)),
        down=_periods(random, 0.4, 20.0),
        silent=_periods(random, 0.2, 20.0),
        locked=_periods(random, 0.3, 10.0),
        refused_contacts=random.choice((0, 1, 2)),
        stubborn_contacts=random.choice((0, 0, 1, 2)),
        jitter_s=0.01,
        others_per_2_s=0,
        limits=(),
    )


def _with_limit(loops: LoopsWays, policy: Policy, random: Random) -> LoopsWays:
    """How the team's limit is met."""
    rate = policy.rate_per_s
    limits = tuple(sorted((random.uniform(5, 50), rate * random.choice((2, 10))) for _ in range(random.randint(1, 2))))
    return replace(
        loops,
        jitter_s=random.choice((0.01, 0.01, 0.02, 0.08)),
        others_per_2_s=random.choice((0, 0, 0, 8)),
        limits=(*limits, (55.0, rate)) if random.random() < 0.2 else (),
    )


def _periods(random: Random, chance: float, lasts_s_max: float) -> tuple[tuple[float, float], ...]:
    if random.random() >= chance:
        return ()
    began_s = random.uniform(1, 50)
    return ((began_s, began_s + random.uniform(1, lasts_s_max)),)


def _kafka(random: Random) -> KafkaWays:
    return KafkaWays(
        batch_records_max=random.choice((5, 50, 1_000)),
        sticky=random.random() < 0.5,
        static=random.random() < 0.3,
        session_s=random.choice((3.0, 10.0)),
        rebalance_s=random.choice((0.05, 1.0, 3.0)),
        commit_latency_s=random.choice((0.002, 0.02, 0.3)),
        commit_failures=random.choice((0.0, 0.0, 0.1, 0.4)),
        metadata_bytes_max=random.choice((4_095, 4_095, 4_095, 300, 60, 0)),
        foreign_metadata=random.random() < 0.1,
        letter_latency_s=random.choice((0.01, 0.01, 3.0)),
        letter_failures=random.choice((0.0, 0.3)),
    )


def _trouble(random: Random) -> Trouble:
    pace_s = random.choice((3.0, 8.0, 25.0))
    return Trouble(
        lasts_s=60.0,
        every_s=(pace_s / 3, pace_s),
        replicas_max=random.choice((1, 2, 3, 5)),
        weights=tuple((kind, random.choice((0.2, 1.0, 3.0))) for kind in _INCIDENTS),
    )


def _mapping(random: Random) -> MappingWays:
    return MappingWays(every_s=random.choice((None, None, 4.0, 15.0)), paused=random.choice((0.0, 0.4)))


def _policy(random: Random, loops: LoopsWays, *, lingering: bool) -> Policy:
    return Policy(
        rate_per_s=random.choice((10, 10, 20, 50)),
        on_wire_max=random.choice((None, 3, 10, 20)),
        in_flight_records_max=random.choice((24, 120, 10_000)),
        in_flight_bytes_max=random.choice((30_000, 64 * 1024 * 1024)),
        attempts_max=random.choice((3, 8, 1_000)),
        backoff=BackoffPolicy(0.5, random.choice((5.0, 60.0))),
        starvation_s=random.choice((3.0, 300.0)),
        undecodable_per_min=random.choice((4, 60)),
        handover_s=loops.timeout_s + 1.0,
        # Where little can be told, a record that is read again only after others cannot wait for it; and one of which a
        # plan waits for its contact takes more room, partly final, than was set aside for its end.
        metadata_bytes_max=random.choice((4_095, 4_095, 4_095, 4_095 if lingering else 60)),
    )


def _with_sharing(policy: Policy, random: Random) -> Policy:
    """What divides the limit, and what saves requests: on in most."""
    return replace(
        policy,
        reserve_per_s=random.choice((0, 0, 0, 4)),
        follows_limit=random.random() < 0.7,
        demand_every_s=random.choice((2.0, 2.0, 2.0, math.inf)),
        merge_updates=random.random() < 0.8,
        merge_into_events=random.random() < 0.8,
        unchanged_for_s=random.choice((0.0, 0.0, 20.0, 3_600.0)),
    )
