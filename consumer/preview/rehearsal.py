"""What the rules would come to on the records that were looked at: counts by rule, no contact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from consumer.core.once import KEYS_MAX
from consumer.core.recent import Recent
from consumer.core.record import Plan, Position, Rejection
from consumer.core.request import Call, Request, SendEvent
from consumer.mapping.plan import at_clock
from consumer.preview.contacts import hashed

__all__ = ["Letter", "Rehearsal", "described"]

_CALLS = {Call.UPDATE: "update contact", Call.CREATE: "create contact", Call.DELETE: "delete contact"}


class Letter(NamedTuple):
    """Why a record would be a dead letter; quotes nothing of it."""

    rule: str | None
    """The rule's id; ``None``: the record cannot be read."""
    reason: str
    """A fixed word."""
    message: str


_Rule: TypeAlias = str


@dataclass(slots=True)
class Rehearsal:
    """What would become of the records' plans. As large as the mapping, and what is kept of events that act once."""

    sends: Counter[tuple[_Rule, str]] = field(default_factory=Counter)
    """By rule and what it does: ``send`` with the event's name in Loops, or a call about the contact."""
    stale: Counter[_Rule] = field(default_factory=Counter)
    """By rule: too old to be sent."""
    capped: Counter[_Rule] = field(default_factory=Counter)
    """By rule that acts once: its contact has had it, and there is nothing else to say."""
    letters: Counter[Letter] = field(default_factory=Counter)
    examples: dict[Letter, Position] = field(default_factory=dict)
    """Where the first of each of these letters' records lies."""
    _once: Recent[int, bool] = field(default_factory=lambda: Recent(KEYS_MAX))

    def take(self, plan: Plan, at: Position, *, clock_ms: int) -> Request | None:
        """Counts one plan of the record at this place; returns what would be sent, if anything.

        ``clock_ms`` (milliseconds since 1970) is when it would be sent. A send that is stale or capped may still be an
        update of its contact.
        """
        request = at_clock(plan, clock_ms)
        if isinstance(request, Rejection):
            letter = Letter(request.rule, request.reason, request.message)
            self.letters[letter] += 1
            self.examples.setdefault(letter, at)
            return None
        rule = plan.rule or ""
        if request is None:
            self.stale[rule] += 1
            return None
        if isinstance(request, SendEvent) and request.terms.once and self._had(request):
            request = request.as_update()
            if request is None:
                self.capped[rule] += 1
                return None
        self.sends[rule, described(request)] += 1
        return request

    def _had(self, request: SendEvent) -> bool:
        """Whether its contact has had the event within the span of time for which its rule acts once."""
        key = hashed(request.idempotency_key)
        had = self._once.get(key) is not None
        self._once.put(key, value=True)
        return had

    @property
    def requests(self) -> int:
        """How many would be made."""
        return self.sends.total()


def described(request: Request) -> str:
    """What a request does: ``send`` with the event's name in Loops, or a call about the contact."""
    return f"send {request.event_name}" if isinstance(request, SendEvent) else _CALLS[request.call]
