"""Requests that became one: which may, what they say then, and what becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from consumer.core.effect import Attempt, Saved
from consumer.core.outcome import Answer
from consumer.core.request import Call, HttpRequest, SendEvent, UpdateContact
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Holding, Ledger
from tests.sim.oracles.meaning import Meaning, meanings_of
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["AContactIsAsTold", "OneTellsOfAll", "SavedAreCounted"]

_NO_PROPERTIES = frozenset({"email", "userId", "eventName", "eventProperties", "mailingLists"})


class OneTellsOfAll(Observer):
    """Only updates are told by another request, of the same identity and partition; and it says what all of them do.

    Of the same property the last one's value, in the order in which their records were read: a rewind begins anew
    what comes before others that wait.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Asks the ledger what was begun anew."""
        super().__init__(world)
        self._ledger = ledger

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Reads its body."""
        if not told or attempt.request.call not in {Call.UPDATE, Call.SEND}:
            return
        *carried, planned = told
        if carried and not self._may_carry(replica, carried, planned, attempt):
            named = ", ".join(one.id for one in carried)
            self.broken(f"{planned.id} left replica {replica.name} with {named}")
        if planned.request is None or planned.request.call is not attempt.request.call:
            return
        body = orjson.loads(attempt.request.body or b"{}")
        says = {name: value for name, value in body.items() if name not in _NO_PROPERTIES}
        contact, lists = _said_by(told)
        if planned.still is not None:
            says = {name: value for name, value in says.items() if name in contact}
        if says != contact or body.get("mailingLists", {}) != lists:
            self.broken(f"{planned.id} left replica {replica.name} and says {says}, not {contact}")

    def _may_carry(self, replica: Replica, carried: list[Planned], planned: Planned, attempt: Attempt) -> bool:
        policy, whole = self.world.scenario.policy, planned.request
        if whole is None or whole.call is not attempt.request.call:
            return False
        holding = self._ledger.holdings.get((replica, planned.tp))
        comes_late = planned.passed_over or (holding and self._ledger.begun_anew(holding, planned.offset))
        switch = policy.merge_into_events if isinstance(whole, SendEvent) else policy.merge_updates
        return switch and all(
            isinstance(one.plan, UpdateContact)
            and one.tp == planned.tp
            and (comes_late or one.offset <= planned.offset)
            and one.plan.identity() == whole.identity()
            for one in carried
        )


def _said_by(told: Told) -> tuple[Mapping[str, Any], Mapping[str, bool]]:
    contact: dict[str, Any] = {}
    lists: dict[str, bool] = {}
    for planned in told:
        if isinstance(planned.plan, SendEvent | UpdateContact):
            contact.update(planned.plan.contact)
            lists.update(planned.plan.lists)
    return contact, lists


class AContactIsAsTold(Observer):
    """In the end Loops has of a contact what the last one that spoke of it said, as if all had been sent one by one."""

    def finish(self) -> None:
        """Of those that nothing disturbed."""
        logs = self.world.topic.logs
        for name, contact in self.world.topic.still.items():
            read = (logs[planned.tp].entry(planned.offset) for planned in contact.plans)
            if contact.disturbed or any(entry is None or entry.excused or entry.at_risk for entry in read):
                continue
            told = contact.told_in_order()
            if contact.there != told:
                self.broken(f"Loops has {contact.there} of {name}, which was told {told}")


class SavedAreCounted(Observer):
    """Requests that needed not be sent are counted: as many as plans that another's request brought to their end."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        """None."""
        super().__init__(world)
        self._ledger = ledger
        self._under: dict[tuple[Replica, Planned], Holding | None] = {}
        """Under which holding each was sent."""
        self._gone: set[Replica] = set()
        self._counted: Counter[tuple[Replica, str]] = Counter()
        self._seen: Counter[tuple[Replica, str]] = Counter()

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """It tells of several."""
        if len(told) > 1:
            self._under[replica, told[-1]] = self._ledger.holdings.get((replica, told[-1].tp))

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """What it carried is done."""
        if len(told) < 2:
            return
        holding = self._under.pop((replica, told[-1]))
        if holding is None or holding.handed or self._ledger.holdings.get((replica, holding.tp)) is not holding:
            return
        *carried, (_, meaning) = meanings_of(request, answer, told)
        if meaning is Meaning.DONE and all(one is Meaning.DONE for _, one in carried):
            by = "into_events" if request.call is Call.SEND else "updates"
            self._seen[replica, by] += len(carried)

    def saved(self, replica: Replica, saved: Saved) -> None:
        """A replica counts them."""
        self._counted[replica, saved.by] += saved.count

    def ended(self, replica: Replica, how: str) -> None:  # noqa: ARG002 - as declared
        """It counts no more, whatever it was told last."""
        self._gone.add(replica)

    def finish(self) -> None:
        """Compares, but for those that ended between two moments, and where not all that is told can be told."""
        if self.world.topic.still or self.world.scenario.policy.unchanged_for_s:
            return
        for replica in set(self.world.replicas) - self._gone:
            for by in ("updates", "into_events"):
                seen, counted = self._seen[replica, by], self._counted[replica, by]
                if seen != counted:
                    self.broken(f"replica {replica.name} saved {seen} requests ({by}), and counted {counted}")
