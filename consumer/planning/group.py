"""The consumer group: who has which partitions, how they move, and what is committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Protocol

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.planning.course import Course
from consumer.planning.setting import Assignment, Setting
from consumer.planning.timeline import Timeline

__all__ = ["SESSION_S", "Group", "Member"]

SESSION_S = 10.0
"""Seconds until the group misses a member that ended without a word; as the consumer is set."""

_HEARTBEAT_S = 1.0
"""Seconds until each member knows that something changes, at most; as the consumer is set."""

_BROKER_S = (0.001, 0.004)
"""Seconds one way between a member and its broker, at least and at most."""


class Member(Protocol):
    """What the group tells a replica."""

    alive: bool

    def assigned(self, committed: Mapping[TopicPartition, Committable | None]) -> None:
        """These are its own, perhaps none, each with what was committed."""

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """These have to go; :meth:`Group.handed` says that they may."""

    def committed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """A commit was taken."""

    def commit_failed(self, positions: Mapping[TopicPartition, Committable], error: str) -> None:
        """A commit was not taken."""


class Group:
    """A partition has one owner or none; it moves when its owner let go of it, or is missed."""

    def __init__(
        self, setting: Setting, timeline: Timeline, course: Course, partitions: Sequence[TopicPartition]
    ) -> None:
        """Without members."""
        self.committed: dict[TopicPartition, Committable] = {}
        self._assignment = setting.assignment
        self._timeline = timeline
        self._course = course
        self._random = Random(f"{setting.seed}/group")  # noqa: S311 - a seed decides a simulation
        self._members: list[Member] = []
        self._owners: dict[TopicPartition, Member | None] = dict.fromkeys(partitions)
        self._promised: dict[TopicPartition, Member] = {}
        """Whose the partitions will be that are on their way to somebody."""
        self._asked: set[TopicPartition] = set()
        """Those that somebody was asked to let go of, and has not."""

    def start(self, members: Iterable[Member]) -> None:
        """All of these join at the beginning."""
        self._members = list(members)
        partitions = list(self._owners)
        count = len(self._members)
        for number, member in enumerate(self._members):
            if self._assignment is Assignment.RANGE:
                own = [tp for at, tp in enumerate(partitions) if at * count // len(partitions) == number]
            else:
                own = partitions[number::count]
            self._promised |= dict.fromkeys(own, member)
            self._timeline.after(self._random.random() * _HEARTBEAT_S, self._give, member, own)

    def join(self, member: Member) -> None:
        """One more."""
        self._members.append(member)
        self._timeline.after(self._random.random() * _HEARTBEAT_S, self._give, member, [])
        self._soon()

    def died(self, member: Member) -> None:
        """It ended without a word."""
        self._timeline.after(SESSION_S, self._miss, member)

    def handed(self, member: Member, tps: Sequence[TopicPartition], last: Mapping[TopicPartition, Committable]) -> None:
        """A member let go of these, with a last commit."""
        self.committed.update(last)
        for tp in tps:
            if self._owners[tp] is member:
                self._owners[tp] = None
            self._asked.discard(tp)
        self._soon()

    def commit(self, member: Member, positions: Mapping[TopicPartition, Committable]) -> None:
        """A member commits; it is told how that ended."""
        self._timeline.after(self._random.uniform(*_BROKER_S), self._take, member, positions)

    def _take(self, member: Member, positions: Mapping[TopicPartition, Committable]) -> None:
        back_s = self._random.uniform(*_BROKER_S)
        if any(self._owners[tp] is not member for tp in positions):
            self._timeline.after(back_s, member.commit_failed, positions, "ILLEGAL_GENERATION")
            return
        self._course.commits += 1
        self.committed.update(positions)
        self._timeline.after(back_s, member.committed, positions)

    def _miss(self, member: Member) -> None:
        self._members.remove(member)
        self._asked -= {tp for tp, owner in self._owners.items() if owner is member}
        self._owners = {tp: None if owner is member else owner for tp, owner in self._owners.items()}
        self._promised = {tp: to for tp, to in self._promised.items() if to is not member}
        self._soon()

    def _soon(self) -> None:
        self._timeline.after(self._random.random() * _HEARTBEAT_S, self._rebalance)

    def _rebalance(self) -> None:
        """Asks for what somebody has too much, and gives what is nobody's."""
        asked: dict[int, list[TopicPartition]] = defaultdict(list)
        given: dict[int, list[TopicPartition]] = defaultdict(list)
        numbers = {id(member): number for number, member in enumerate(self._members)}
        for tp, to in self._divided().items():
            owner = self._owners[tp]
            if tp in self._promised or tp in self._asked or to is owner:
                continue
            if owner is None:
                self._promised[tp] = to
                given[numbers[id(to)]].append(tp)
            else:
                self._asked.add(tp)
                asked[numbers[id(owner)]].append(tp)
        for number, tps in asked.items():
            self._members[number].revoked(tps)
        for number, tps in given.items():
            self._timeline.after(self._random.random() * _HEARTBEAT_S, self._give, self._members[number], tps)

    def _divided(self) -> dict[TopicPartition, Member]:
        """Whose each partition should be: as many each, and as few moves as that takes."""
        least, more = divmod(len(self._owners), max(1, len(self._members)))
        has: dict[int, list[TopicPartition]] = {number: [] for number in range(len(self._members))}
        spare: list[TopicPartition] = []
        for tp, owner in self._owners.items():
            holder = self._promised.get(tp, owner)
            number = self._members.index(holder) if holder in self._members else None
            if number is not None and len(has[number]) < least + (more > 0):
                has[number].append(tp)
                more -= len(has[number]) > least
            else:
                spare.append(tp)
        for tp in spare:
            has[min(has, key=lambda number: len(has[number]))].append(tp)
        return {tp: self._members[number] for number, tps in has.items() for tp in tps}

    def _give(self, member: Member, tps: Sequence[TopicPartition]) -> None:
        if not (member.alive and member in self._members):
            return  # it is missed in its time, and these with it
        for tp in tps:
            self._owners[tp] = member
            self._promised.pop(tp, None)
        member.assigned({tp: self.committed.get(tp) for tp in tps})
        if None not in self._owners.values():
            self._course.settled_s.append(self._timeline.now)
