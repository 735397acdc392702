"""One plan of one record in a simulation, and what became of it in truth, whatever the replicas know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from consumer.core.record import Plan, Rejection, TopicPartition
from consumer.core.request import Request, SendEvent
from consumer.core.terms import DEFAULT_TERMS, Terms
from tests.sim.contact import StillContact
from tests.sim.mapping import place_under

__all__ = ["Planned", "Told"]


@dataclass(slots=True, eq=False)
class Planned:
    """One plan of one record, and what became of it in truth, whatever the replicas know."""

    id: str
    """``topic/partition/offset/number``."""
    tp: TopicPartition
    offset: int
    number: int
    """Its place among the record's plans, under the first version of the mapping."""
    plan: Plan
    lanes: tuple[str, ...] = ()
    stubborn: bool = False
    """It fails as long as there is trouble."""
    refused: bool = False
    """Loops takes nothing of this contact, or not this."""
    effects: int = 0
    """How often it took effect at Loops."""
    told: int = 0
    """How often, of an event, an update did that was made of it."""
    same: list[Planned] = field(default_factory=list)
    """Events that bear the same key, it among them, where its rule acts once."""
    deleted_by: Planned | None = None
    """The delete of its contact, before or behind it."""
    settled: bool = False
    """Loops answered that there is nothing to do: a used key, a contact that is there already, or is not there."""
    letters: int = 0
    """How often the broker took a dead letter of it."""
    passed_over: bool = False
    """The client delivers its record late."""
    plans: int = 1
    """How many plans its record has."""
    still: StillContact | None = None
    """Whom it is about, where that is judged by what Loops has of the contact: what repeats itself bears no mark."""

    @property
    def request(self) -> Request | None:
        """What Loops is to be asked; None for a rejection."""
        return None if isinstance(self.plan, Rejection) else self.plan

    @property
    def terms(self) -> Terms:
        """What its rule says of its delivery."""
        return DEFAULT_TERMS if isinstance(self.plan, Rejection) else self.plan.terms

    @property
    def tells(self) -> bool:
        """Whether an update can be made of it where it is not sent: it says more of its contact than ``subscribed``."""
        return isinstance(self.plan, SendEvent) and bool(set(self.plan.contact) - {"subscribed"})

    def is_in(self, mask: int, mapping: int) -> bool:
        """Whether a mask of final plans, under a version of the mapping (its fingerprint), names it."""
        return bool(mask >> place_under(mapping, self.number, self.plans) & 1)


Told: TypeAlias = tuple[Planned, ...]
"""The plans that one request tells of, in their order: the one that it is of last, those merged into it before."""
