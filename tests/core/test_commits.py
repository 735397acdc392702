"""When to commit."""

from __future__ import annotations

import math

from consumer.core.commits import Commits
from consumer.core.effect import Committable
from consumer.core.partition import Partition
from consumer.core.policy import Policy
from tests.core.driving import P0, batch


def _read(last: int) -> Partition:
    partition = Partition(P0, 1, 0)
    partition.receive(batch({}, last=last)[P0])
    return partition


def test_a_finished_record_is_committed_at_once() -> None:
    """If none is under way."""
    commits, partition = Commits(Policy()), _read(4)
    commits.record_finished()
    assert ({P0: Committable(5)}, {}) == (commits.begin([partition], now=1.0), commits.begin([partition], now=1.0))


def test_two_commits_are_as_far_apart_as_the_policy_says() -> None:
    """However soon the first one ended; the timer is for the second."""
    commits, partition = Commits(Policy(commit_every_s=0.02)), _read(4)
    commits.record_finished()
    commits.begin([partition], now=1.0)
    commits.ended()
    partition.receive(batch({}, first=5, last=9)[P0])
    commits.record_finished()
    assert (1.02, {}, {P0: Committable(10)}) == (
        commits.next_at(),
        commits.begin([partition], now=1.0),
        commits.begin([partition], now=1.02),
    )


def test_filtering_waits_for_its_second() -> None:
    """Counted from the last commit of any kind."""
    commits, partition = Commits(Policy()), _read(4)
    commits.record_finished()
    commits.begin([partition], now=1.0)
    commits.ended()
    partition.receive(batch({}, first=5, last=9)[P0])
    commits.records_filtered()
    assert (2.0, {}, {P0: Committable(10)}) == (
        commits.next_at(),
        commits.begin([partition], now=1.9),
        commits.begin([partition], now=2.0),
    )


def test_it_is_idle_when_nothing_is_owed_for_a_finished_record() -> None:
    """While one is under way it is not."""
    commits, partition = Commits(Policy()), _read(4)
    before = commits.idle
    commits.record_finished()
    owed = commits.idle
    commits.begin([partition], now=1.0)
    under_way = commits.idle
    commits.ended()
    assert (True, False, False, True) == (before, owed, under_way, commits.idle)


def test_after_a_failure_it_waits_before_the_next() -> None:
    """Half a second."""
    commits = Commits(Policy())
    assert math.isinf(commits.next_at())
    commits.failed(now=1.0)
    assert (1.5, {}) == (commits.next_at(), commits.begin([_read(4)], now=1.4))
