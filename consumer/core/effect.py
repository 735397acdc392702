"""What the pipeline asks its caller to do, and what it reports to have happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias

from consumer.core.record import Record, TopicPartition
from consumer.core.request import HttpRequest
from consumer.core.rules import Rules

__all__ = [
    "Attempt",
    "Commit",
    "Committable",
    "Committed",
    "DeadLetter",
    "Drained",
    "Effect",
    "Fate",
    "Finished",
    "Handed",
    "LateOutcome",
    "Letter",
    "MetadataIgnored",
    "OutageBegan",
    "OutageEnded",
    "Pause",
    "ReadAgain",
    "ReadDemand",
    "Remapped",
    "Resume",
    "Retried",
    "Saved",
    "Send",
]


class Fate(Enum):
    """What finally became of a record; the value is the metric's label. Earlier ones win where rules differ."""

    DEAD_LETTERED = "dead_lettered"
    DELIVERED = "delivered"
    CAPPED = "capped"
    STALE = "stale"
    UNCHANGED = "unchanged"
    FILTERED = "filtered"
    ALREADY_FINISHED = "already_finished"


class Committable(NamedTuple):
    """The next offset to read, and what to keep beside it.

    At most 4,095 bytes: the broker takes 4,096, and the client sends a NUL behind them.
    """

    offset: int
    metadata: str = ""


Committed: TypeAlias = Mapping[TopicPartition, Committable | None]
"""What the group has of some partitions; None: nothing was ever committed."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a request on the wire."""

    number: int
    """Unique within the process."""
    request: HttpRequest
    try_number: int = 1
    """1 for a request's first time on the wire, in this process."""
    rule: str | None = None
    lanes: tuple[str, ...] = field(default=(), repr=False)
    """Whom it is about; empty for a probe."""
    waited_s: float = 0.0
    """How long it stood ready and the pacer held it."""
    event_time_ms: int | None = None
    """Of the event that it brings; None where it brings none."""
    records: tuple[Record, ...] = field(default=(), repr=False)
    """Those whose fate hangs on it, in their order: the last is its own, the others it tells too; none: a probe."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One record and one rule that did not come to a request, or whose request was refused for good."""

    number: int
    """Unique within the process."""
    record: Record
    stage: str
    """``decode``, ``map`` or ``deliver``."""
    reason: str
    message: str
    rule: str | None = None
    plan: int = 0
    """Which of the record's plans it is, counted from 0."""
    idempotency_key: str | None = None
    refusals: int = 0
    attempts: int = 0
    first_failed_at_ms: int = 0
    mapping: str = ""
    """Digest of the mapping by whose rules it came to this."""


@dataclass(frozen=True, slots=True)
class Send:
    """Put this on the wire now, and tell what it came to."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Write this letter, and tell when the broker confirmed it or refused it."""

    letter: Letter


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit these, and tell how it ended. The next one comes only after that."""

    positions: Mapping[TopicPartition, Committable]
    reason: str = "progress"
    """A fixed word: ``progress``, or ``demand`` where nothing is new but what this replica wants."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Read no more of this partition for now. ``reason`` is a fixed word."""

    partition: TopicPartition
    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Read this partition again."""

    partition: TopicPartition


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Read this partition from ``offset`` again, or from lower where it is read from there now, and tell."""

    partition: TopicPartition
    offset: int


@dataclass(frozen=True, slots=True)
class ReadDemand:
    """Read what the group has committed for these partitions of other members, and tell, or that it cannot be read."""

    partitions: tuple[TopicPartition, ...]


@dataclass(frozen=True, slots=True)
class Handed:
    """Nothing of these partitions is on the wire any more: commit these, and let the revoke return."""

    partitions: tuple[TopicPartition, ...]
    positions: Mapping[TopicPartition, Committable]


@dataclass(frozen=True, slots=True)
class Drained:
    """Nothing is on the wire and all that is finished is committed: the process may stop."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A report: ``count`` records of a partition met this fate; ``rule`` is the one that decided it, if one did."""

    partition: TopicPartition
    fate: Fate
    count: int = 1
    rule: str | None = None
    offset: int | None = None
    """Of the one record that was in flight; None for those that never were."""
    judged_from_ms: int | None = None
    """The time of a delivered record that is judged by how soon it was; milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Retried:
    """A report: an attempt failed and will be tried again."""

    reason: str
    rule: str | None
    counted: bool
    """Whether it counts against the record (an outage or a 429 does not)."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A report: so many requests of a rule needed not be sent."""

    by: Literal["updates", "into_events", "unchanged"]
    """An update behind it told what it says, or an event did; or Loops had been told already."""
    count: int
    rule: str


@dataclass(frozen=True, slots=True)
class OutageBegan:
    """A report: requests of this call (all calls where ``None``) are held back until Loops takes one again."""

    call: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class OutageEnded:
    """A report: requests of this call leave again."""

    call: str | None
    lasted_s: float


@dataclass(frozen=True, slots=True)
class MetadataIgnored:
    """A report: what stood beside a partition's committed offset says nothing; ``reason`` is a fixed word."""

    partition: TopicPartition
    reason: str


@dataclass(frozen=True, slots=True)
class Remapped:
    """A report: these rules are in use from now on."""

    rules: Rules
    gone: Mapping[str, int]
    """Ids that were in use before and are not, each with how many requests and dead letters of it are under way."""


@dataclass(frozen=True, slots=True)
class LateOutcome:
    """A report: an answer came for a partition that is no longer ours; it commits nothing."""

    partition: TopicPartition


Effect: TypeAlias = (
    Send
    | DeadLetter
    | Commit
    | Pause
    | Resume
    | ReadAgain
    | ReadDemand
    | Handed
    | Drained
    | Finished
    | Retried
    | Saved
    | OutageBegan
    | OutageEnded
    | MetadataIgnored
    | Remapped
    | LateOutcome
)
