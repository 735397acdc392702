"""Who holds which partition, what it has on the wire, and what it has finished that no commit tells of.

It judges nothing; oracles read it. It is added before them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from consumer.core.completions import Completions, decode
from consumer.core.delivery import OpenRecord
from consumer.core.effect import Attempt, Committable, Letter
from consumer.core.outcome import Answer
from consumer.core.record import TopicPartition
from consumer.core.request import HttpRequest, SendEvent
from consumer.core.rules import fingerprint
from tests.sim.mapping import place_under
from tests.sim.observing import Observer
from tests.sim.oracles.meaning import Meaning, is_refusal, meanings_of
from tests.sim.oracles.stakes import Stakes
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["Claims", "Ending", "Holding", "Ledger"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a commit tells to be finished."""

    offset: int = 0
    runs: tuple[tuple[int, int], ...] = ()
    partly: Mapping[int, int] = field(default_factory=dict)
    mapping: int = 0
    """The version of the mapping that ``partly`` is about: its fingerprint."""

    def holds(self, planned: Planned) -> bool:
        """Whether a plan is among it."""
        offset = planned.offset
        return self.holds_all_of(offset) or planned.is_in(self.partly.get(offset, 0), self.mapping)

    def binds(self, planned: Planned, mapping: int) -> bool:
        """Whether a plan is among it for whoever selected its record with this version of the mapping."""
        return self.holds_all_of(planned.offset) or (mapping == self.mapping and self.holds(planned))

    def holds_all_of(self, offset: int) -> bool:
        """Whether a whole record is."""
        if offset < self.offset:
            return True
        index = bisect_right(self.runs, (offset, _BEYOND)) - 1
        return index >= 0 and self.runs[index][1] >= offset

    @staticmethod
    @lru_cache(maxsize=256)
    def of(position: Committable | None) -> Claims:
        """What a position tells; foreign metadata tells nothing."""
        if position is None:
            return _NONE
        told = decode(position.metadata, offset=position.offset)
        if not isinstance(told, Completions):
            return Claims(position.offset)
        return Claims(position.offset, told.runs, told.partly, told.mapping)


_BEYOND = 2**63
_TOO_LARGE = "OFFSET_METADATA_TOO_LARGE"
_NONE = Claims()


@dataclass(slots=True, eq=False)
class Ending:
    """The end of holdings without a commit that tells all of them: these may be sent again, by whom it may concern."""

    replica: Replica
    planned: dict[Planned, Hashable] = field(default_factory=dict)
    """With each, which request told it last."""
    again: set[Hashable] = field(default_factory=set)
    """Which of its requests were."""


@dataclass(slots=True, eq=False)
class Holding:
    """A partition in the hands of a replica, from being told so to being told otherwise."""

    replica: Replica
    tp: TopicPartition
    began_with: Claims
    claims: Claims
    """What the group has now."""
    unclaimed: dict[Planned, Hashable] = field(default_factory=dict)
    """Done, refused or given up, and in no commit that the group has: a crash sends these again. With each, which
    request told it last."""
    again: list[tuple[int, int]] = field(default_factory=list)
    """Offsets, each from the first to below the second, that a rewind begins anew."""
    handed: bool = False
    """The replica has given it up; its last commit is on the way."""
    refused: set[Planned] = field(default_factory=set)
    """Refused by Loops; finished when the dead letter is."""


class Ledger(Observer):
    """Follows every request and every commit."""

    def __init__(self, world: World) -> None:
        """Nobody holds anything."""
        super().__init__(world)
        self.holdings: dict[tuple[Replica, TopicPartition], Holding] = {}
        self.on_wire: dict[Replica, dict[Planned, Holding | None]] = {}
        """Of what each replica has on the wire, the plan that a request is of, and under which holding it left."""
        self.stakes = Stakes()
        """How many requests of each replica are unclaimed."""
        self.allowed: dict[Replica, int] = {}
        """The most that each replica ever was allowed to have at stake: the bound follows the latency."""
        self.finished: dict[Planned, Holding] = {}
        """Who finished a plan last."""
        self.endings: dict[Planned, Ending] = {}
        """Plans that were finished and may be sent again, each with why."""
        self.under: dict[Planned, int] = {}
        """The version of the mapping under which a plan was finished, or refused, last."""
        self.untold: set[Planned] = set()
        """Finished plans of which no commit tells, since the mapping has changed before their record was finished."""
        self.refused_together: set[Planned] = set()
        """Events that were refused with what they carried: whose fault it was nobody knows."""
        self._writing: dict[tuple[Replica, int], Holding | None] = {}
        self.outside: set[Replica] = set()
        """Who was put out of the group and does not know it."""
        self.cut: set[Replica] = set()
        """Whose metadata the broker found too long: what it told before may not fit any more."""

    def begun_anew(self, holding: Holding, offset: int) -> bool:
        """Whether a rewind made the program forget that a record was finished."""
        return any(first <= offset < end for first, end in holding.again)

    def mapping_of(self, replica: Replica, planned: Planned) -> int:
        """The version of the mapping with which a replica has selected a record that is in flight."""
        of = _open(replica, planned)
        return fingerprint(replica.mapping.rules.digest if of is None else of.mapping)

    def is_planned_anew(self, holding: Holding, planned: Planned) -> bool:
        """Whether a plan that was finished is begun again rightly: another version of the mapping has made it.

        Not where all of its record is finished, and whoever sends it knows.
        """
        if planned in self.untold:
            return True
        mapping = self.mapping_of(holding.replica, planned)
        made_anew = planned.plans > 1 and self.under.get(planned, mapping) != mapping
        return made_anew and not self._is_whole(holding, planned)

    def begins_anew(self, planned: Planned) -> None:
        """Who finished it under another version of the mapping did so in vain: it is not finished until it is again."""
        self.finished.pop(planned, None)

    # Observer --------------------------------------------------------------------------------------------------------

    def assigned(self, replica: Replica, tp: TopicPartition, committed: Committable | None) -> None:
        """A new holding."""
        self.on_wire.setdefault(replica, {})
        self._let_go(replica, [tp], clean=False)
        claims = Claims.of(committed)
        self.holdings[replica, tp] = Holding(replica, tp, claims, claims)

    def remapped(self, replica: Replica) -> None:
        """What is finished of a record that is not can be told no more: its plans are others now."""
        for holding in self.holdings.values():
            if holding.replica is not replica or holding.handed:
                continue
            for planned in [one for one in holding.unclaimed if self._is_old(replica, one)]:
                if not self._is_last(holding, planned):
                    self.untold.add(planned)
                    self._free(holding, planned)

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """One more on the wire."""
        if told:
            self.stakes.sent(told)
            self.on_wire[replica][told[-1]] = self.holdings.get((replica, told[-1].tp))
            self.allowed[replica] = max(self.allowed.get(replica, 0), replica.pipeline.wire.size_max)

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """One less; it may be finished."""
        if not told:
            return
        holding = self.on_wire[replica].pop(told[-1])
        if holding is None or holding.handed or self.holdings.get((replica, holding.tp)) is not holding:
            return
        if len(told) > 1 and is_refusal(answer):
            self.refused_together.update(one for one in told if isinstance(one.plan, SendEvent))
        for planned, meaning in meanings_of(request, answer, told):
            if meaning is Meaning.DONE:
                self._finish(holding, planned)
            elif meaning is Meaning.REFUSED:
                holding.refused.add(planned)
                self._stake(holding, planned)

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """Under which holding it is written; a crash from now on sends its request again, if it was sent."""
        holding = self._writing[replica, letter.number] = self.holdings.get((replica, planned.tp))
        if holding is not None and letter.attempts and not holding.handed:
            self._stake(holding, planned)

    def letter_confirmed(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """A request that became a dead letter is finished."""
        holding = self._writing.pop((replica, letter.number))
        if not letter.attempts or holding is None or holding.handed:
            return
        if self.holdings.get((replica, planned.tp)) is holding:
            self._finish(holding, planned)

    def committed(self, replica: Replica, tp: TopicPartition, position: Committable) -> None:
        """What it tells of is safe; what it tells no longer is not."""
        holding = self.holdings.get((replica, tp))
        if holding is None:
            return
        before, claims = holding.claims, Claims.of(position)
        holding.claims = claims
        in_use = fingerprint(replica.mapping.rules.digest)
        old = [planned for planned in holding.unclaimed if self._is_old(replica, planned)]
        safe = [planned for planned in holding.unclaimed if claims.holds(planned) or planned in old]
        for planned in safe:
            self._free(holding, planned)
        dropped = [] if before == claims else self._dropped(holding, before, claims)
        for planned in [one for one in dropped if one.plans > 1 and not before.holds_all_of(one.offset)]:
            if not before.mapping == in_use == self.mapping_of(replica, planned):  # told by another's mask: begun anew
                old.append(planned)
                dropped.remove(planned)
        self.untold.update(old)
        self.untold = {planned for planned in self.untold if planned.tp != tp or not claims.holds(planned)}
        for planned in dropped:
            self._put(holding, planned)

    def commit_asked(self, replica: Replica, positions: Mapping[TopicPartition, Committable]) -> None:
        """Where a partition came back to what the group has of it, as if it had not been rewound, that is safe."""
        for holding in self.holdings.values():
            if holding.replica is not replica or not holding.again or holding.tp in positions or holding.handed:
                continue
            partition = replica.pipeline.partitions.get(holding.tp)
            passed = 0 if partition is None else min(partition.watermark.offset, holding.claims.offset)
            for planned in [one for one in holding.unclaimed if one.offset < passed]:
                self._free(holding, planned)

    def handing(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """It has given them up: what its last commit tells keeps no slot."""
        for tp in tps:
            holding = self.holdings.get((replica, tp))
            if holding is not None and not holding.handed:
                holding.handed = True
                for request in holding.unclaimed.values():
                    self.stakes.remove(replica, request)

    def rewound(self, replica: Replica, tp: TopicPartition, offset: int) -> None:
        """What the watermark had passed since is begun anew: nothing is kept of it."""
        holding, partition = self.holdings.get((replica, tp)), replica.pipeline.partitions.get(tp)
        if holding is None or partition is None:
            return
        span = offset, partition.watermark.offset
        holding.again.append(span)
        for entry in self.world.topic.logs[tp].between(*span):
            for planned in entry.plans:
                self.finished.pop(planned, None)
                self._free(holding, planned)

    def put_out(self, replica: Replica) -> None:
        """No commit of it is taken any more."""
        self.outside.add(replica)
        self._end(replica, [holding for holding in self.holdings.values() if holding.replica is replica])

    def commit_refused(self, replica: Replica, error: str) -> None:
        """What it told before may not fit any more."""
        if error == _TOO_LARGE:
            self.cut.add(replica)

    def lost(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """What it had finished and not committed may go out again."""
        self.outside.discard(replica)
        self._let_go(replica, tps, clean=False)

    def handed_over(self, replica: Replica, tp: TopicPartition, *, taken: bool) -> None:
        """The same, unless its commit was taken."""
        self._let_go(replica, [tp], clean=taken)

    def ended(self, replica: Replica, how: str) -> None:  # noqa: ARG002 - as declared
        """The same, of all that it has."""
        self._let_go(replica, [tp for holder, tp in self.holdings if holder is replica], clean=False)
        self.on_wire.pop(replica, None)

    # Inside ----------------------------------------------------------------------------------------------------------

    def _finish(self, holding: Holding, planned: Planned) -> None:
        self.finished[planned] = holding
        self.endings.pop(planned, None)
        self._stake(holding, planned)

    def _is_whole(self, holding: Holding, planned: Planned) -> bool:
        """Whether a holding has finished all of a record under the version that made this plan."""
        entry, version = self.world.topic.logs[planned.tp].entry(planned.offset), self.under.get(planned)
        return entry is None or all(
            (one.request is None and one.letters) or (self.finished.get(one) is holding and self.under[one] == version)
            for one in entry.plans
        )

    @staticmethod
    def _is_last(holding: Holding, planned: Planned) -> bool:
        """Whether all other plans of its record are final, as its replica knows."""
        of = _open(holding.replica, planned)
        return of is None or of.final | 1 << place_under(of.mapping, planned.number, of.plans) == (1 << of.plans) - 1

    def _is_old(self, replica: Replica, planned: Planned) -> bool:
        """Whether no commit of a replica can tell of a plan by a mask: another version has made it."""
        in_use = fingerprint(replica.mapping.rules.digest)
        return planned.plans > 1 and self.under.get(planned, in_use) != in_use

    def _stake(self, holding: Holding, planned: Planned) -> None:
        mapping = self.under[planned] = self.mapping_of(holding.replica, planned)
        told = holding.claims.binds(planned, mapping) and not self.begun_anew(holding, planned.offset)
        if told or planned in holding.unclaimed:
            return
        if self._is_old(holding.replica, planned) and not self._is_last(holding, planned):
            self.untold.add(planned)
        else:
            self.untold.discard(planned)
            self._put(holding, planned)

    def _put(self, holding: Holding, planned: Planned) -> None:
        if planned not in holding.unclaimed:
            request = holding.unclaimed[planned] = self.stakes.request_of(planned)
            if not holding.handed:
                self.stakes.add(holding.replica, request)

    def _free(self, holding: Holding, planned: Planned) -> None:
        if planned in holding.unclaimed:
            request = holding.unclaimed.pop(planned)
            if not holding.handed:
                self.stakes.remove(holding.replica, request)

    def _let_go(self, replica: Replica, tps: Iterable[TopicPartition], *, clean: bool) -> None:
        gone = [holding for tp in tps if (holding := self.holdings.pop((replica, tp), None)) is not None]
        for holding in gone:
            self.untold.update(planned for planned in holding.unclaimed if self._is_old(replica, planned))
            for request in () if holding.handed else holding.unclaimed.values():
                self.stakes.remove(replica, request)
        if not clean or replica in self.cut:
            self._end(replica, gone)

    def _end(self, replica: Replica, holdings: Iterable[Holding]) -> None:
        """What these have not told may be sent again, unless the next owner has finished it meanwhile.

        Not one that was put out before: what it told is these holdings' to tell.
        """
        ending = Ending(replica)
        for planned, request in (one for holding in holdings for one in holding.unclaimed.items()):
            by = self.finished.get(planned)
            if by is None or by.replica in {replica, *self.outside} or self.holdings.get((by.replica, by.tp)) is not by:
                ending.planned[planned] = request
                self.endings[planned] = ending

    def _dropped(self, holding: Holding, before: Claims, now: Claims) -> list[Planned]:
        """What the commit before told of and this one does not."""
        log = self.world.topic.logs[holding.tp]
        spans = [(max(first, now.offset), last + 1) for first, last in before.runs if last >= now.offset]
        spans = [span for span in spans if not _covers(now, span[0], span[1] - 1)]
        same = now.partly if now.mapping == before.mapping else {}
        spans += [(at, at + 1) for at, mask in before.partly.items() if at >= now.offset and same.get(at) != mask]
        return [
            planned
            for span in spans
            for entry in log.between(*span)
            for planned in entry.plans
            if planned.request is not None and before.holds(planned) and not now.holds(planned)
            if self.finished.get(planned) is holding or not self.begun_anew(holding, entry.offset)
        ]


def _open(replica: Replica, planned: Planned) -> OpenRecord | None:
    """The record of a plan, where a replica has it in flight."""
    partition = replica.pipeline.partitions.get(planned.tp)
    return None if partition is None else partition.open.get(planned.offset)


def _covers(claims: Claims, first: int, last: int) -> bool:
    index = bisect_right(claims.runs, (first, _BEYOND)) - 1
    return index >= 0 and claims.runs[index][0] <= first and last <= claims.runs[index][1]
