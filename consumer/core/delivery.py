"""One request on its way, and one record that waits for its requests."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from consumer.core.effect import Fate
from consumer.core.merging import merged
from consumer.core.outcome import Outcome
from consumer.core.record import Record, TopicPartition
from consumer.core.request import Call, DeleteContact, HttpRequest, Request, SendEvent, UpdateContact, find_user
from consumer.core.terms import Priority

__all__ = ["HELD", "Apart", "Course", "Delivery", "Ending", "Held", "OpenRecord"]

Ending: TypeAlias = Fate | Outcome
"""How a request ends: its plan's fate, or what its dead letter says."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What became one goes on one by one: something concerns a part of it alone."""

    newest: Ending | None = None
    """How the newest part ends, whose request it was; None: it goes on as well. So does one that Loops refused, where
    it may (:mod:`consumer.core.refusals`)."""


class Held(Enum):
    """It may not leave for now; whoever says so brings it back."""

    HELD = "held"


HELD: Final = Held.HELD

Course: TypeAlias = Ending | Apart | Held | None
"""What becomes of a request whose turn has come; None: it leaves."""

_MORE_THAN_ANY = 2**63

_RANK = {fate: rank for rank, fate in enumerate(Fate)}


@dataclass(slots=True)
class OpenRecord:
    """A record in flight: which of its plans are final, and the fate that these give it so far."""

    record: Record
    partition: TopicPartition
    epoch: int
    plans: int
    """How many plans it has."""
    mapping: str = ""
    """Digest of the mapping that made them."""
    final: int = 0
    """Which of them are final: bit i for the i-th."""
    fate: Fate = Fate.FILTERED
    rule: str | None = None
    started: bool = False
    """A request of it has left: from then on its end must fit into the commit's metadata."""
    late: bool = False
    """It was seen to be late while it waited; whoever sees that says so."""

    @property
    def finished(self) -> bool:
        """Whether all its plans are final."""
        return self.final == (1 << self.plans) - 1

    def finish_plan(self, plan: int, fate: Fate, rule: str | None) -> None:
        """One of its plans is final."""
        if _RANK[fate] < _RANK[self.fate] or (fate is self.fate and self.rule is None):
            self.fate, self.rule = fate, rule
        self.final |= 1 << plan


@dataclass(slots=True, eq=False)
class Delivery:
    """A request on its way, from its lanes' tail to its outcome."""

    request: Request
    of: OpenRecord
    lanes: tuple[str, ...]
    plan: int = 0
    """Its place among the record's plans."""
    turn: int = 0
    """Its place in the order in which requests became ready."""
    ready_since: float = 0.0
    tries: int = 0
    """Times on the wire."""
    failures: int = 0
    """Those that count against it."""
    refusals: int = 0
    """Those of what its rule asked for: what it became since bears no key that they could use up."""
    first_failed_ms: int = 0
    successes_seen: int = _MORE_THAN_ANY
    """The call's count of successes when its last attempt ended. A first failure has none before it, so it does not
    count: it may be the first of an outage that spared what left a moment earlier."""
    forgotten: bool = False
    """Its partition is no longer ours; it stays in its lanes only while it is on the wire."""
    fate: Fate | None = None
    """Of a send that became an update: what its plan comes to when that is done. None: it became none."""
    former: Request | None = None
    """What its rule asked for, where it became something else."""
    in_doubt: bool = False
    """Loops may have taken an attempt of it whose answer did not come, or was none."""
    charged: bool = False
    """Its rule's budget has paid for it."""
    looks: bool = False
    """Its next attempt asks whether Loops knows its userId."""
    refusal: Outcome | None = None
    """Why Loops refused it, while it is asked whether its contact is there."""
    misses: int = 0
    """Look-ups that found nobody."""
    missing_since: float = math.inf
    """When the first of these did, monotonic seconds; ``look_at`` is when the next one is due."""
    look_at: float = -math.inf
    pauses: bool = False
    """It waits for ``look_at``, first in its lane."""
    ahead_of: Delivery | None = None
    """Whom it went ahead of in a lane, as it may make the contact that the other waits for."""
    waits_alone: bool = False
    """What might make its contact could not go ahead of it: its wait ends in time."""
    sealed: bool = False
    """Its turn has come, once: nothing becomes one with it any more."""
    carries: tuple[Delivery, ...] = ()
    """Updates before it that its request tells as well, oldest first. They stand in no lane, and end with it."""
    priority: Priority = field(init=False)
    """The highest of its parts', and of all that stand behind it in its lanes, as these wait for it."""
    _merged: Request | None = None
    """What it says with all that it carries, where it carries anything."""

    def __post_init__(self) -> None:
        """Nothing stands behind it."""
        self.priority = self.request.terms.priority

    @property
    def parts(self) -> tuple[Delivery, ...]:
        """All whose fate hangs on its attempt, in their order; itself is the last."""
        return (*self.carries, self)

    @property
    def whole(self) -> Request:
        """What it asks for, with all that it carries."""
        return self._merged or self.request

    @property
    def records(self) -> list[OpenRecord]:
        """Those of its parts."""
        return [part.of for part in self.parts]

    @property
    def goes_ahead(self) -> bool:
        """Whether another that still wants to leave waits for it, out of turn."""
        return self.ahead_of is not None and not self.ahead_of.forgotten

    @property
    def call(self) -> Call:
        """What its next attempt asks of Loops."""
        return Call.FIND if self.looks else self.request.call

    @property
    def key(self) -> str | None:
        """The idempotency key of what its rule asked for, without the number of refusals; None where it has none."""
        asked = self.former or self.request
        return asked.idempotency_key if isinstance(asked, SendEvent) else None

    def http(self) -> HttpRequest:
        """What goes over the wire at its next attempt."""
        if self.looks and self.request.user_id is not None:
            return find_user(self.request.user_id)
        return self.whole.http(self.refusals)

    def carry(self, older: Delivery) -> None:
        """It tells what another says too, with all that this carried."""
        self._merged = merged(self.whole, older.whole)
        self.carries = (*older.parts, *self.carries)
        self.priority = min(self.priority, older.priority)
        older.carries, older._merged = (), None

    def take_apart(self) -> tuple[Delivery, ...]:
        """Each of its parts goes on by itself. Returns them, in their order."""
        parts = self.parts
        self.carries, self._merged = (), None
        for part in parts:
            part.sealed, part.priority = True, self.priority
            part._begin_anew()  # noqa: SLF001 - of this class
        return parts

    def turn_to_email(self) -> bool:
        """A delete by userId that found nothing goes on by email. Returns whether there is one."""
        by_email = self.request.by_email() if isinstance(self.request, DeleteContact) else None
        self.request = by_email or self.request
        return by_email is not None

    def become(self, update: UpdateContact | None, fate: Fate) -> Fate | None:
        """It goes on as an update, and comes to this fate when that is done; at once where there is none."""
        if update is None:
            return fate
        self.former, self.request, self.fate = self.request, update, fate
        self._begin_anew()
        return None

    def look(self, *, looks: bool) -> None:
        """Whether its next attempt is a look-up."""
        self.looks = looks
        self._begin_anew()

    def is_stale(self, wall: float) -> bool:
        """Whether its rule no longer wants it."""
        return self.request.is_stale(wall)

    def _begin_anew(self) -> None:
        """What comes is another call, whose failures and whose others' successes count on their own."""
        self.failures, self.successes_seen = 0, _MORE_THAN_ANY
