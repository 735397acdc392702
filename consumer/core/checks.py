"""What a request is held against when it could leave: what its rule says, and what is known of its contact.

What is known is what this process has seen since its start, within bounds; another knows nothing of it.
"""

from __future__ import annotations

from consumer.core.budget import Budgets
from consumer.core.deleted import DeletedContacts
from consumer.core.delivery import Apart, Delivery, Ending
from consumer.core.effect import Fate
from consumer.core.once import OnceKeys
from consumer.core.outcome import Outcome, Verdict
from consumer.core.request import Call, DeleteContact, SendEvent
from consumer.core.unchanged import ToldContacts
from consumer.core.unknown import KnownUsers

__all__ = ["OVER_BUDGET", "Checks"]

OVER_BUDGET = "over_budget"
"""The reason of a dead letter of which no attempt was made: its rule has sent enough within the hour."""

_OVER_BUDGET = Outcome(Verdict.REFUSED, OVER_BUDGET, message="the rule's max_per_hour is used up")


class Checks:
    """Decides what becomes of a request that could leave, and learns from what became of others."""

    __slots__ = ("_once", "_told", "_users", "budgets", "deleted")

    def __init__(self, unchanged_for_s: float = 0.0) -> None:
        """Nothing is known. For so many seconds an update is not sent that says what was told; 0: it always is."""
        self.budgets = Budgets()
        self._once = OnceKeys()
        self.deleted = DeletedContacts()
        self._users = KnownUsers()
        self._told = ToldContacts(unchanged_for_s)

    def judge(self, delivery: Delivery, *, now: float, wall: float) -> Ending | Apart | None:
        """What ends it without an attempt; None where it leaves, as what it is then: it may have become an update.

        What carries others is taken apart where anything is to become of one of them. Ask again where its call has
        changed. What leaves as its rule asked for it has paid from that rule's budget.
        """
        if delivery.carries and any(self._concern(part, now=now, wall=wall) for part in delivery.parts):
            return Apart()
        request = delivery.request
        if self._is_deleted(delivery, now):
            return delivery.fate or Fate.STALE
        if delivery.is_stale(wall):
            return delivery.become(request.when_stale() if isinstance(request, SendEvent) else None, Fate.STALE)
        if isinstance(request, SendEvent) and self._once.has(request):
            return delivery.become(request.as_update(), Fate.CAPPED)
        if self._told.says_nothing_new(delivery, now=now):
            return Fate.UNCHANGED
        return self._paid(delivery, now)

    def learn(self, delivery: Delivery, outcome: Outcome, *, now: float) -> None:
        """An attempt ended, whoever owns its partition by now."""
        call, request = delivery.call, delivery.request
        self._users.answered(call, request, outcome)
        self._told.answered(delivery, outcome, now=now)
        if call is Call.SEND:
            self._once.answered(request, outcome)
        elif isinstance(request, DeleteContact):
            absent = outcome.verdict is Verdict.NOT_FOUND and request.by_email() is None
            if outcome.verdict is Verdict.DONE or absent:
                self.deleted.put(delivery.lanes, request.event_time_ms, now=now)

    def _concern(self, part: Delivery, *, now: float, wall: float) -> bool:
        """Whether anything but an attempt is to become of it."""
        request = part.request
        capped = isinstance(request, SendEvent) and self._once.has(request)
        return capped or part.is_stale(wall) or self._is_deleted(part, now) or self._is_over_budget(part, now)

    def _is_deleted(self, delivery: Delivery, now: float) -> bool:
        """Whether its contact is gone by an event after its own."""
        request = delivery.request
        return request.call is not Call.DELETE and self.deleted.after(delivery.lanes, request.event_time_ms, now=now)

    def _paid(self, delivery: Delivery, now: float) -> Ending | None:
        """A first departure counts, and a look-up before it does not; what a send became belongs to that send."""
        if self._is_over_budget(delivery, now):
            return _OVER_BUDGET
        if not self._looks(delivery) and _pays(delivery):
            self.budgets.spend(delivery.request.rule, now=now)
            delivery.charged = True
        return None

    def _is_over_budget(self, delivery: Delivery, now: float) -> bool:
        rule, most = delivery.request.rule, delivery.request.terms.max_per_hour
        return most is not None and _pays(delivery) and self.budgets.is_spent(rule, most, now=now)

    def _looks(self, delivery: Delivery) -> bool:
        """Whether it asks for its contact. What made that meanwhile may have saved it the question."""
        if delivery.refusal is None:
            must = self._users.must_be_asked_for(delivery.request)
            if must is not delivery.looks:
                delivery.look(looks=must)
        return delivery.looks


def _pays(delivery: Delivery) -> bool:
    """Whether its rule's budget is still to pay for it."""
    return delivery.request.terms.max_per_hour is not None and not delivery.charged and delivery.former is None
