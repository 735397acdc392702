"""Nothing is lost, nothing takes effect twice, answers are heeded, and what is too old does not leave."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from consumer.core.checks import OVER_BUDGET
from consumer.core.effect import Attempt, Letter
from consumer.core.outcome import Answer
from consumer.core.record import Rejection
from consumer.core.request import Call, HttpRequest, SendEvent
from consumer.core.unknown import UNKNOWN_CONTACT
from tests.sim.contact import StillContact
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Holding, Ledger
from tests.sim.oracles.meaning import Meaning, is_taken, meanings_of
from tests.sim.planned import Planned, Told
from tests.sim.topic import WALL

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["AnswersAreHeeded", "NothingLost", "NothingTwiceInEffect", "StaleNeverLeaves", "is_final", "may_be_stale"]

_TINY_S = 0.001


def may_be_stale(planned: Planned, wall: float) -> bool:
    """Whether its rule may have given it up by this time of the calendar, or for a delete of its contact."""
    request, delete = planned.request, planned.deleted_by
    if request is None:
        return False
    if planned.still is not None and planned.still.was_deleted_behind(planned):
        return True
    if delete is not None and delete.request is not None and (delete.effects or delete.settled):
        return request.event_time_ms < delete.request.event_time_ms
    return request.max_age_s is not None and wall - request.event_time_ms / 1000 > request.max_age_s - 1


def is_final(planned: Planned, wall: float) -> bool:
    """Whether in truth it is done, a dead letter, or may be too old; ``wall``: the latest that any clock has shown.

    What says something of its contact is done when that is told, wherever an event of its key has taken effect.
    """
    if planned.still is not None and not planned.still.holds(planned):
        return planned.still.was_deleted_behind(planned)
    if planned.effects or planned.told or planned.settled or planned.letters:
        return True
    if planned.still is not None and not isinstance(planned.plan, SendEvent):
        return True
    if planned.terms.once and not planned.tells and any(other.effects for other in planned.same):
        return True
    return may_be_stale(planned, wall) and not (planned.terms.stale_update and planned.tells)


class NothingLost(Observer):
    """Every plan of every record took effect, or lies in the dead letters, or became too old."""

    def finish(self) -> None:
        """Holds the records against what came of them."""
        world = self.world
        wall = world.wall_highest + world.loop.now
        for log in world.topic.logs.values():
            for entry in log.entries:
                if entry.excused or entry.at_risk:
                    continue
                for planned in entry.plans:
                    if not is_final(planned, wall):
                        self.broken(planned.id)


class NothingTwiceInEffect(Observer):
    """An event takes effect once; what a commit tells to be finished is not sent again.

    What was finished and not committed when a replica was killed, or lost its partition, may be sent again: no more
    requests than that replica might have on the wire.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Nothing is sent yet."""
        super().__init__(world)
        self._ledger = ledger
        self.again = 0
        """How many were sent again that were done, refused or given up."""
        self.again_max = 0
        """The most that were sent again after one end of a holding."""

    def took_effect(self, planned: Planned) -> None:
        """Counts."""
        if planned.effects > 1 and isinstance(planned.plan, SendEvent):
            self.broken(f"{planned.id} took effect {planned.effects} times")

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Whether all of it may leave."""
        if not told or replica in self._ledger.outside:
            return
        holding = self._ledger.holdings.get((replica, told[-1].tp))
        if holding is None:
            self.broken(f"{told[-1].id} left replica {replica.name}, which does not have its partition")
            return
        for planned in told:
            self._look_at(replica, holding, planned)

    def _look_at(self, replica: Replica, holding: Holding, planned: Planned) -> None:
        if self._ledger.begun_anew(holding, planned.offset):
            return
        if self._ledger.is_planned_anew(holding, planned) and not holding.began_with.holds_all_of(planned.offset):
            self._ledger.begins_anew(planned)
            return
        if holding.began_with.binds(planned, self._ledger.mapping_of(replica, planned)):
            self.broken(f"{planned.id} left replica {replica.name}, and the commit that it began with tells of it")
        else:
            self._again(planned)

    def _again(self, planned: Planned) -> None:
        ending, before = self._ledger.endings.get(planned), self._ledger.finished.get(planned)
        if ending is None:
            if before is not None and before.replica not in self._ledger.outside:
                self.broken(f"{planned.id} left again, and replica {before.replica.name} had finished it")
        elif planned in ending.planned:
            ending.again.add(ending.planned.pop(planned))
            self.again += 1
            if ending.replica in self._ledger.cut:
                return
            again = len(ending.again)
            self.again_max = max(self.again_max, again)
            if again > self._ledger.allowed[ending.replica]:
                self.broken(f"{again} left again after one end of replica {ending.replica.name}")


class AnswersAreHeeded(Observer):
    """What is refused does not leave again, and nothing is a dead letter without its reason.

    A failure is a reason where another contact's request to the same call has succeeded since the one before it. Where
    requests bear no mark, failures are those of the contact, since a request of it came to an end.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Nothing is answered yet."""
        super().__init__(world)
        self._ledger = ledger
        self._successes: defaultdict[tuple[Replica, Call], list[tuple[str, ...]]] = defaultdict(list)
        self._seen: dict[tuple[Replica, Planned | StillContact, Call], int] = {}
        self._counted: defaultdict[tuple[Replica, Planned | StillContact], int] = defaultdict(int)

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """A refused one may not."""
        holding = self._ledger.holdings.get((replica, told[-1].tp)) if told else None
        if holding is None:
            return
        for planned in holding.refused.intersection(told):
            if not (self._ledger.begun_anew(holding, planned.offset) or self._ledger.is_planned_anew(holding, planned)):
                self.broken(f"{planned.id} left again, and Loops had refused it")

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """Counts what speaks against a record."""
        successes = self._successes[replica, request.call]
        still = self.world.topic.still_of(request)
        lanes = told[-1].lanes if told and not still else self.world.topic.still_lanes_of(request)
        if is_taken(request, answer):
            successes.append(lanes)
        for planned, meaning in meanings_of(request, answer, told or (tuple(still.plans[:1]) if still else ())):
            about, key = still or planned, (replica, still or planned, request.call)
            seen, own = self._seen.get(key), set(lanes if still else planned.lanes)
            if meaning is Meaning.FAILED and seen is not None:
                self._counted[replica, about] += any(own.isdisjoint(other) for other in successes[seen:])
            self._seen[key] = len(successes)
            if still and meaning in {Meaning.DONE, Meaning.REFUSED}:
                self._begin_anew(replica, still)

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """Whether there is a reason."""
        if isinstance(planned.plan, Rejection) or letter.reason in {OVER_BUDGET, UNKNOWN_CONTACT}:
            return
        holding = self._ledger.holdings.get((replica, planned.tp))
        if holding is None or planned in holding.refused or planned in self._ledger.refused_together:
            return
        counted = self._counted[replica, planned.still or planned]
        if counted < self.world.scenario.policy.attempts_max:
            self.broken(f"{planned.id} is a dead letter ({letter.reason}) after {counted} failures that count")
        if planned.still is not None:
            self._begin_anew(replica, planned.still)

    def _begin_anew(self, replica: Replica, still: StillContact) -> None:
        """What comes next of a contact is another request."""
        self._counted.pop((replica, still), None)
        for call in Call:
            self._seen.pop((replica, still, call), None)


class StaleNeverLeaves(Observer):
    """Nothing leaves that is older than its rule allows."""

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Looks at the replica's own calendar; what a send has become may be of any age."""
        for planned in told:
            request = planned.request
            if request is None or request.max_age_s is None or self._has_become_another(attempt, planned):
                continue
            age_s = replica.wall() - request.event_time_ms / 1000
            if age_s > request.max_age_s + _TINY_S:
                self.broken(
                    f"{planned.id} left {age_s:.1f} s old; its event happened at {request.event_time_ms / 1000 - WALL}"
                )

    @staticmethod
    def _has_become_another(attempt: Attempt, planned: Planned) -> bool:
        return isinstance(planned.plan, SendEvent) and attempt.request.call is not Call.SEND
