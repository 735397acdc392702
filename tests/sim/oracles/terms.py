"""What rules say of delivery: once, too old, deleted, so many an hour, who goes first, and who waits for a contact."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from consumer.core.completions import METADATA_BYTES_MAX
from consumer.core.effect import Attempt, Committable, Letter
from consumer.core.outcome import Answer
from consumer.core.record import TopicPartition
from consumer.core.request import Call, HttpRequest, SendEvent
from consumer.core.unknown import UNKNOWN_CONTACT
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Ledger
from tests.sim.oracles.meaning import Meaning, is_taken, meanings_of
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = [
    "BudgetHolds",
    "NothingOutlivesItsDelete",
    "OneEventOfAKey",
    "UpdatesTellNoMore",
    "WaitsForItsContact",
]

_HOUR_S = 3_600.0
_TINY_S = 0.001


class OneEventOfAKey(Observer):
    """Of a rule that acts once, at most one event of each contact and span takes effect, whichever it is."""

    def took_effect(self, planned: Planned) -> None:
        """Counts those that have."""
        done = [other.id for other in planned.same if other.effects]
        if len(done) > 1:
            self.broken(f"{' and '.join(done)} took effect")


class UpdatesTellNoMore(Observer):
    """An update that is made of an event bears no list, and of one that is too old nothing that subscribes."""

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Reads its body."""
        planned = told[-1] if told else None
        if planned is None or not isinstance(planned.plan, SendEvent) or attempt.request.call is not Call.UPDATE:
            return
        body = attempt.request.body or b""
        if b"mailingLists" in body or (b"subscribed" in body and not planned.terms.once):
            self.broken(f"{planned.id} tells more than its contact's properties")


class NothingOutlivesItsDelete(Observer):
    """What a replica has deleted it does not make again by what had happened before."""

    def __init__(self, world: World) -> None:
        """Nobody is deleted."""
        super().__init__(world)
        self._deleted: defaultdict[Replica, dict[str, int]] = defaultdict(dict)

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """A contact is gone."""
        if request.call is not Call.DELETE:
            return
        gone = self._deleted[replica]
        for planned, meaning in meanings_of(request, answer, told):
            if planned.request is not None and meaning is Meaning.DONE:
                happened_ms = planned.request.event_time_ms
                gone.update({lane: max(happened_ms, gone.get(lane, 0)) for lane in planned.lanes})

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Whether all of it happened since."""
        if attempt.request.call is Call.DELETE:
            return
        gone = self._deleted[replica]
        for planned in told:
            happened_ms = 0 if planned.request is None else planned.request.event_time_ms
            if any(happened_ms < gone.get(lane, 0) for lane in planned.lanes):
                self.broken(f"{planned.id} left replica {replica.name}, which had deleted its contact by a later event")


class BudgetHolds(Observer):
    """Of a rule with a budget a replica sends no more within an hour than the part of the partitions that it has."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Nothing has left."""
        super().__init__(world)
        self._ledger = ledger
        self._left: defaultdict[tuple[Replica, str], deque[float]] = defaultdict(deque)
        self._seen: set[tuple[Replica, Planned]] = set()

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """The first departure of each counts, as far as the replica knows that it is the first."""
        planned = told[-1] if told else None
        most = None if planned is None else planned.terms.max_per_hour
        if planned is None or most is None or attempt.try_number > 1:
            return
        owned = sum(1 for holder, _ in self._ledger.holdings if holder is replica)
        part = max(1, most * owned // self.world.scenario.topic.partitions)
        now, left = self.world.loop.now, self._left[replica, attempt.rule or ""]
        left.append(now)
        while left[0] < now - _HOUR_S:
            left.popleft()
        if len(left) > part:
            self.broken(f"{planned.id} is the {len(left)}th of {attempt.rule} from replica {replica.name}: {part} may")


class WaitsForItsContact(Observer):
    """Who waits for a contact leaves when that was seen, lets pass what makes it, and is given up in time."""

    def __init__(self, world: World) -> None:
        """Nobody waits."""
        super().__init__(world)
        self._missing: defaultdict[tuple[Replica, Planned], list[float]] = defaultdict(list)
        """When nobody was found, under the assignment that there is."""
        self._behind: dict[tuple[Replica, Planned], float] = {}
        """Since when what makes the contact is there."""
        self._given_up: set[tuple[Replica, int]] = set()
        self._seen: set[tuple[Replica, str]] = set()
        """UserIds that were found, or that Loops took something of."""
        self._makers: dict[str, Planned] = {}
        for planned in world.topic.all_planned():
            user = _user_of(planned)
            if user in world.topic.by_user and len(planned.lanes) > 1:
                self._makers[user] = planned

    def assigned(self, replica: Replica, tp: TopicPartition, committed: Committable | None) -> None:  # noqa: ARG002 - as declared
        """It begins anew with all that it reads."""
        for kept in (self._missing, self._behind):
            for key in [key for key in kept if key[0] is replica and key[1].tp == tp]:
                del kept[key]

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """Somebody is there, or nobody."""
        if not told or not is_taken(request, answer) or getattr(answer, "status", 0) != 200:
            return
        planned = told[-1]
        if request.call is not Call.FIND or getattr(answer, "body", b"") != b"[]":
            self._seen.add((replica, _user_of(planned)))
        elif planned.terms.unknown_wait_s:
            self._missing[replica, planned].append(self.world.loop.now)
            if self._is_there(replica, self._maker_for(planned)):
                self._behind.setdefault((replica, planned), self.world.loop.now)

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Whether it may: what is refused for want of the contact may use its key up."""
        planned = told[-1] if told else None
        if planned is None or not planned.terms.unknown_wait_s or attempt.request.call is Call.FIND:
            return
        if (replica, _user_of(planned)) not in self._seen:
            self.broken(f"{planned.id} left replica {replica.name}, which had not seen its contact")

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """Whether it was long enough, and whether what makes the contact has had its turn."""
        again = (replica, letter.number) in self._given_up
        self._given_up.add((replica, letter.number))
        if letter.reason != UNKNOWN_CONTACT or again:
            return
        missing = self._missing[replica, planned]
        if not missing or missing[-1] - missing[0] < planned.terms.unknown_wait_s - _TINY_S:
            self.broken(f"{planned.id} is given up, missing at {missing}")
        maker, now = self._maker_for(planned), self.world.loop.now
        if self._behind.get((replica, planned), now) < now and self._is_there(replica, maker):
            self.broken(f"{planned.id} is given up, and what makes its contact is behind it")

    def _maker_for(self, planned: Planned) -> Planned | None:
        return self._makers.get(_user_of(planned))

    def _is_there(self, replica: Replica, maker: Planned | None) -> bool:
        """Whether it is in flight and has not had its turn; where there may be no room for its end nobody says."""
        partition = None if maker is None else replica.pipeline.partitions.get(maker.tp)
        if maker is None or partition is None or replica.pipeline.commits.metadata_bytes_max < METADATA_BYTES_MAX:
            return False
        return any(one.of.record.offset == maker.offset and one.plan == maker.number for one in partition.deliveries)


def _user_of(planned: Planned) -> str:
    return "" if planned.request is None else planned.request.user_id or ""
