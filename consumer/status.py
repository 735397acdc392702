"""What the program shows of itself: read by ``/status``, by the gauges of ``/metrics``, by the probes.

Plain values without personal data: no identifier of a contact, no value of a record, no key. Filled by whoever wires
the program; a reader never changes one. Durations are seconds, ages are seconds until the moment it was filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = [
    "DeadLettersStatus",
    "LaneAges",
    "LoadState",
    "LoadStatus",
    "MappingStatus",
    "OutageStatus",
    "PartitionStatus",
    "RateStatus",
    "RuleLoad",
    "SourceState",
    "SourceStatus",
    "Status",
]


class SourceState(Enum):
    """Where the Kafka thread is; the value is what ``/status`` shows."""

    STARTING = "starting"
    JOINING = "joining"
    JOINED = "joined"
    """A member with at least one partition."""
    STANDING_BY = "standing_by"
    """A member without partitions: there are more members than partitions."""
    DRAINING = "draining"
    CLOSED = "closed"
    FAILED = "failed"


class LoadState(Enum):
    """How this replica stands with its part of the limit; the value is what ``/status`` shows."""

    KEEPING_UP = "keeping_up"
    """What waits leaves within ten seconds."""
    CATCHING_UP = "catching_up"
    """More waits than that, and less arrives than may leave."""
    OVERLOADED = "overloaded"
    """More waits than that, and more arrives than may leave, over the last minute."""
    HELD = "held"
    """Nothing leaves for now: an outage of all that waits, a paused mapping, or no part of the limit."""


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition that is ours. Offsets are of the next record to commit or to read; None: not known yet."""

    topic: str
    partition: int
    committed: int | None = None
    """What the group has."""
    watermark: int | None = None
    """What may be committed."""
    position: int | None = None
    """What is read next."""
    high_watermark: int | None = None
    """Where the partition ends on the broker."""
    lag_records: int | None = None
    """From the watermark to the end."""
    lag_s: float | None = None
    """Age of the oldest record that is not finished; 0 where all are."""
    finished_runs: int = 0
    """Runs of offsets above the watermark that are finished: what the commit's metadata holds."""
    in_flight_records: int = 0
    in_flight_bytes: int = 0
    paused: tuple[str, ...] = ()
    """Why it is not read: the fixed words of ``Pause.reason``."""


@dataclass(frozen=True, slots=True)
class RateStatus:
    """The part of the team's rate that is this replica's."""

    limit_per_s: int = 0
    """The team's requests a second, less the reserve."""
    allowed_per_s: int = 0
    """How many of them are this replica's now."""
    used_last_s: int = 0
    """Requests that left within the last second."""
    margin_s: float = 0.0
    """What the pacer adds to the second."""
    taken_by_others_per_s: float = 0.0
    """Requests a second that programs take which are not of this group, as far as Loops' answers tell."""
    wanted_per_s: int = 0
    """What this replica tells the group's other members that it would use."""
    others_read_ago_s: float | None = None
    """Since what they want was read; None: never, as where this one has all partitions."""
    others_told: int = 0
    """Partitions of others of which it was told what is wanted."""
    reserve_per_s: int = 0
    """Of the team's requests a second, how many are left to other programs."""
    others_told_ago_s: float | None = None
    """Since the one of those that was told longest ago, by both replicas' clocks; None where there is none."""


@dataclass(frozen=True, slots=True)
class RuleLoad:
    """What one rule takes of the limit."""

    rule: str
    """Its id; empty for the probes of an outage."""
    leaving_per_s: float
    """Its attempts, over the last minute."""
    waiting: int = 0
    """Its requests that were received and are not on the wire."""


@dataclass(frozen=True, slots=True)
class LoadStatus:
    """What is asked of this replica's part of the limit. Rates are requests a second over the last minute."""

    state: LoadState = LoadState.KEEPING_UP
    arriving_per_s: float | None = None
    """What new records want, read or not; None: not measured yet."""
    allowed_per_s: float = 0.0
    """What that is held against: this replica's part of the limit, now or on the mean, whichever is more."""
    leaving_per_s: float = 0.0
    """Attempts."""
    waiting_requests: int = 0
    """Received, and not on the wire."""
    unread_requests: int | None = 0
    """What the records that are not read yet will come to, if they are like those before; None: none was read yet."""
    drains_in_s: float | None = 0.0
    """Until none of both is left, at the allowed rate less what arrives; None: never at these rates, or not known."""
    rules: tuple[RuleLoad, ...] = ()
    """Who uses the limit up: the largest first."""
    oldest_wait_s: Mapping[str, float] = field(default_factory=dict)
    """By priority: how long the oldest request that waits for the pacer alone has been ready; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class LaneAges:
    """How many lanes are of an age: since the record of the first request in them was written."""

    from_s: float
    below_s: float | None
    """None: any age."""
    lanes: int


@dataclass(frozen=True, slots=True)
class OutageStatus:
    """A call that is held back until Loops takes one again."""

    call: str
    reason: str
    since_s: float
    """How long ago it began."""


@dataclass(frozen=True, slots=True)
class DeadLettersStatus:
    """Dead letters that were decided on since the start. What the last one was about is empty before the first."""

    count: int = 0
    """Each once, however often it was written."""
    last_stage: str = ""
    """``decode``, ``map`` or ``deliver``."""
    last_reason: str = ""
    """A fixed word."""
    last_rule: str = ""
    """Its id; empty too where the record could not be read."""
    last_ago_s: float | None = None
    """None: there was none."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The Kafka thread."""

    state: SourceState = SourceState.STARTING
    waits_for: str = ""
    """A sentence, where it waits for something: ``no broker answers``, ``a topic does not exist``."""
    poll_age_s: float = 0.0
    """Since the last poll, or since the start where there was none."""
    jumps: int = 0
    """Breaks in the offsets of a partition, since the start: compaction, transaction markers, or a loss."""
    jumps_checked: int = 0
    """Those for which the broker said what lies there: one a minute and partition."""
    jumps_unanswered: int = 0
    """Checks that the broker did not answer."""
    records_missed: int = 0
    """Checks that found a record which was not delivered; its partition is read again from there."""
    records_skipped_by_retention: int = 0
    positions_lost: int = 0
    """How often a position was not there any more."""
    handovers_late: int = 0
    """Revokes that ended without an answer in time."""
    handover_commit_failures: int = 0
    callback_errors: int = 0


@dataclass(frozen=True, slots=True)
class MappingStatus:
    """The rules in use. ``digest`` is empty where there are none that are valid."""

    digest: str = ""
    rules: int = 0
    since_s: float = 0.0
    """For how long."""
    paused: bool = False
    """The mapping says so: nothing is read and nothing leaves."""
    rules_gone: Mapping[str, int] = field(default_factory=dict)
    """Ids that were in use before and are not (removed, disabled, or renamed without ``id``), each with how many of its
    requests and dead letters were under way then."""
    refused: tuple[str, ...] = ()
    """Why what the mapping's files hold now is not in use; empty where it is."""


@dataclass(frozen=True, slots=True)
class Status:
    """All of it, at one moment."""

    version: str
    uptime_s: float = 0.0
    source: SourceStatus = field(default_factory=SourceStatus)
    mapping: MappingStatus = field(default_factory=MappingStatus)
    rate: RateStatus = field(default_factory=RateStatus)
    load: LoadStatus = field(default_factory=LoadStatus)
    partitions: tuple[PartitionStatus, ...] = ()
    records_fresh: int = 0
    """Delivered within five minutes of being produced, since the start."""
    records_late: int = 0
    """Those that were not, as soon as that was seen (:mod:`consumer.freshness`)."""
    retention_s: Mapping[str, float] = field(default_factory=dict)
    """By topic, for how long it keeps a record; a topic of which that is not known, or has no end, is not there."""
    in_flight_records: int = 0
    """Records that a rule wants, received and not finished."""
    in_flight_bytes: int = 0
    in_flight_records_max: int = 0
    in_flight_bytes_max: int = 0
    on_wire: int = 0
    uncommitted: int = 0
    """Requests that are final and in no commit that was taken."""
    on_wire_max: int = 0
    """Of both together."""
    held_back: int = 0
    """Requests whose end would find no room in the commit's metadata."""
    lanes_waiting: int = 0
    """Identifiers with at least one request that is not final."""
    lanes_by_age: tuple[LaneAges, ...] = ()
    """All of these, the youngest first."""
    ready: int = 0
    """Requests that are first in their lanes and wait for the pacer alone."""
    oldest_wait_s: float = 0.0
    """How long the first of those has been ready."""
    letters_waiting: int = 0
    """Dead letters that the broker has not confirmed."""
    dead_letters: DeadLettersStatus = field(default_factory=DeadLettersStatus)
    outages: tuple[OutageStatus, ...] = ()
    drains_in_s: float | None = None
    """What is in flight at the allowed rate; None: not at all for now (an outage, no part of the rate)."""
    last_errors: tuple[str, ...] = ()
    """The last few, newest first: fixed words and names of errors."""
