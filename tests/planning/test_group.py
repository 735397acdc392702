"""The consumer group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.planning.course import Course
from consumer.planning.group import SESSION_S, Group
from consumer.planning.setting import Assignment, Setting
from consumer.planning.timeline import Timeline

PARTITIONS = tuple(TopicPartition("topic", number) for number in range(12))


class _Member:
    """Lets go at once, with a commit at offset 7."""

    def __init__(self, group: Group) -> None:
        self.alive = True
        self.own: dict[TopicPartition, Committable | None] = {}
        self.taken: list[TopicPartition] = []
        self.refused: list[str] = []
        self._group = group

    def assigned(self, committed: Mapping[TopicPartition, Committable | None]) -> None:
        assert not self.own.keys() & committed.keys()
        self.own |= committed

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        for tp in partitions:
            del self.own[tp]
        self._group.handed(self, partitions, dict.fromkeys(partitions, Committable(7)))

    def committed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        self.taken += positions

    def commit_failed(self, positions: Mapping[TopicPartition, Committable], error: str) -> None:
        assert positions
        self.refused.append(error)


class _Stand:
    """A group of so many members that has settled."""

    def __init__(self, members: int, assignment: Assignment = Assignment.RANGE) -> None:
        self.timeline, self.course = Timeline(), Course()
        self.group = Group(Setting(assignment=assignment), self.timeline, self.course, PARTITIONS)
        self.members = [_Member(self.group) for _ in range(members)]
        self.group.start(self.members)
        self.timeline.run(2.0)

    def numbers(self) -> list[list[int]]:
        """Which partitions each has that lives."""
        return [sorted(tp.partition for tp in member.own) for member in self.members if member.alive]


@pytest.mark.parametrize(
    ("assignment", "first"), ((Assignment.RANGE, [0, 1, 2, 3, 4]), (Assignment.BALANCED, [0, 3, 6, 9]))
)
def test_all_partitions_have_one_owner(assignment: Assignment, first: list[int]) -> None:
    """Neighbours together, or in turn."""
    stand = _Stand(3, assignment)

    assert list(range(12)) == sorted(number for own in stand.numbers() for number in own)
    assert first[:4] == stand.numbers()[0]
    assert 1 == len(stand.course.settled_s)


def test_what_a_dead_one_had_goes_to_the_others_after_its_session() -> None:
    """Each gets as much, and what they have stays; it is as it was committed."""
    stand = _Stand(3)
    dead, *rest = stand.members
    stand.group.commit(dead, {PARTITIONS[0]: Committable(5)})
    stand.timeline.run(3.0)
    before = [set(member.own) for member in rest]
    dead.alive = False
    stand.group.died(dead)

    stand.timeline.run(3.0 + SESSION_S)
    assert before == [set(member.own) for member in rest]
    stand.timeline.run(6.0 + SESSION_S)

    assert [6, 6] == [len(own) for own in stand.numbers()]
    assert all(had < set(member.own) for had, member in zip(before, rest, strict=True))
    assert [Committable(5)] == [member.own[PARTITIONS[0]] for member in rest if PARTITIONS[0] in member.own]
    assert 2 == len(stand.course.settled_s)


def test_a_new_one_gets_its_part_when_others_have_let_go() -> None:
    """Where they stood."""
    stand = _Stand(2)
    stand.members.append(_Member(stand.group))
    stand.group.join(stand.members[-1])

    stand.timeline.run(8.0)

    assert [4, 4, 4] == [len(own) for own in stand.numbers()]
    assert {Committable(7)} == set(stand.members[-1].own.values())
    assert stand.course.settled_s[-1] < 6.0


def test_more_members_than_partitions_leave_some_without() -> None:
    """They are told so."""
    stand = _Stand(13)

    assert [0] + [1] * 12 == sorted(len(own) for own in stand.numbers())


def test_a_commit_is_taken_from_the_owner_alone() -> None:
    """Others are told that it failed."""
    stand = _Stand(2)
    one, other = stand.members

    stand.group.commit(one, {PARTITIONS[0]: Committable(5)})
    stand.group.commit(other, {PARTITIONS[0]: Committable(9)})
    stand.timeline.run(3.0)

    assert ([PARTITIONS[0]], ["ILLEGAL_GENERATION"]) == (one.taken, other.refused)
    assert {PARTITIONS[0]: Committable(5)} == stand.group.committed
    assert 1 == stand.course.commits
