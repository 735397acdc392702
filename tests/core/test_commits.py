"""When to commit, and what is safe by then."""

from __future__ import annotations

import math
from collections.abc import Mapping

from consumer.core.commits import METADATA_TOO_LARGE, Commits
from consumer.core.completions import Completions
from consumer.core.effect import Committable
from consumer.core.partition import Partition
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from consumer.core.sharing import Sharing
from tests.core.driving import P0, WALL, batch, send, told


def _read(last: int) -> Partition:
    partition = Partition(P0, 1, Committable(0), Completions())
    partition.receive(batch({}, last=last)[P0])
    return partition


def _commits(policy: Policy | None = None) -> Commits:
    policy = policy or Policy()
    return Commits(policy, Sharing(policy, {}, now=0.0))


def _begun(commits: Commits, partitions: list[Partition], now: float) -> Mapping[TopicPartition, Committable]:
    commit = commits.begin(partitions, now=now, wall=WALL)
    return {} if commit is None else commit.positions


def test_a_finished_record_is_committed_at_once() -> None:
    """If none is under way."""
    commits, partition = _commits(), _read(4)
    commits.record_finished()
    assert ({P0: Committable(5)}, {}) == (_begun(commits, [partition], 1.0), _begun(commits, [partition], 1.0))


def test_what_is_finished_beyond_the_watermark_is_reason_enough() -> None:
    """Though the offset stays where it is; nothing is asked for twice."""
    commits, partition = _commits(), Partition(P0, 1, Committable(0), Completions())
    partition.receive(batch({0: [send("a")], 3: [send("b")]}, last=4)[P0])
    partition.finish(partition.open[3])
    commits.record_finished()
    positions = _begun(commits, [partition], 1.0)
    assert {P0: told(0, (3, 3))} == positions
    commits.ended([(partition, positions[P0])], now=1.1)
    commits.record_finished()
    assert {} == _begun(commits, [partition], 1.2)


def test_two_commits_are_as_far_apart_as_the_policy_says() -> None:
    """However soon the first one ended; the timer is for the second."""
    commits, partition = _commits(Policy(commit_every_s=0.02)), _read(4)
    commits.record_finished()
    _begun(commits, [partition], 1.0)
    commits.ended([(partition, Committable(5))], now=1.0)
    partition.receive(batch({}, first=5, last=9)[P0])
    commits.record_finished()
    assert (1.02, {}, {P0: Committable(10)}) == (
        commits.next_at(),
        _begun(commits, [partition], 1.0),
        _begun(commits, [partition], 1.02),
    )


def test_filtering_waits_for_its_second() -> None:
    """Counted from the last commit of any kind."""
    commits, partition = _commits(), _read(4)
    commits.record_finished()
    _begun(commits, [partition], 1.0)
    commits.ended([(partition, Committable(5))], now=1.0)
    partition.receive(batch({}, first=5, last=9)[P0])
    commits.records_filtered()
    assert (2.0, {}, {P0: Committable(10)}) == (
        commits.next_at(),
        _begun(commits, [partition], 1.9),
        _begun(commits, [partition], 2.0),
    )


def test_it_is_idle_when_nothing_is_owed_for_a_finished_record() -> None:
    """While one is under way it is not."""
    commits, partition = _commits(), _read(4)
    before = commits.idle
    commits.record_finished()
    owed = commits.idle
    _begun(commits, [partition], 1.0)
    under_way = commits.idle
    commits.ended([], now=1.0)
    assert (True, False, False, True) == (before, owed, under_way, commits.idle)


def test_after_a_failure_it_waits_before_the_next() -> None:
    """Half a second."""
    commits = _commits()
    assert math.isinf(commits.next_at())
    commits.failed([], "_TIMED_OUT", now=1.0)
    assert (1.5, {}) == (commits.next_at(), _begun(commits, [_read(4)], 1.4))


def test_metadata_that_is_too_large_is_halved_for_good() -> None:
    """No other error does that."""
    commits = _commits(Policy(metadata_bytes_max=4_095))
    commits.failed([], "_TIMED_OUT", now=1.0)
    before = commits.metadata_bytes_max
    commits.failed([], METADATA_TOO_LARGE, now=2.0)
    assert (4_095, 2_047) == (before, commits.metadata_bytes_max)


def test_metadata_that_is_too_large_becomes_no_shorter_than_what_the_group_has() -> None:
    """The broker took that: less could not tell again all that it tells. Unless it takes as much no more."""
    commits = _commits(Policy(metadata_bytes_max=80))
    partition = Partition(P0, 1, Committable(0, "x" * 60), Completions())
    seen = []
    for now in (1.0, 2.0, 3.0):
        commits.failed([partition], METADATA_TOO_LARGE, now=now)
        seen.append(commits.metadata_bytes_max)
    assert [60, 30, 15] == seen


def test_a_request_is_safe_when_a_commit_that_began_after_its_end_was_taken() -> None:
    """One that ended meanwhile is for the next."""
    commits, partition = _commits(), _read(4)
    commits.record_finished()
    commits.request_finished(partition)
    position = _begun(commits, [partition], 1.0)[P0]
    commits.request_finished(partition)
    at_stake = commits.uncommitted
    commits.ended([(partition, position)], now=1.1)
    assert (2, 1) == (at_stake, commits.uncommitted)


def test_a_refused_commit_makes_nothing_safe_and_a_partition_that_is_gone_is_not_counted() -> None:
    """Its next owner counts."""
    commits, partition = _commits(), _read(4)
    commits.record_finished()
    commits.request_finished(partition)
    _begun(commits, [partition], 1.0)
    commits.failed([partition], "_TIMED_OUT", now=1.1)
    at_stake = commits.uncommitted
    commits.forget(partition)
    assert (1, 0) == (at_stake, commits.uncommitted)


def test_a_finished_request_waits_for_the_commit_under_way_and_its_own() -> None:
    """By their mean latency, and the time between two."""
    commits, partition = _commits(Policy(commit_every_s=0.02)), _read(4)
    commits.record_finished()
    _begun(commits, [partition], 1.0)
    commits.ended([], now=2.0)
    assert math.isclose(0.22, commits.safe_after_s)


def test_what_finds_no_room_in_a_commit_does_not_wait_for_one() -> None:
    """Where the broker takes no metadata it can never be told; it must not hold what is to come."""
    commits = _commits(Policy(metadata_bytes_max=0))
    partition = Partition(P0, 1, Committable(0), Completions())
    partition.receive(batch({0: [send("a")], 3: [send("b")]}, last=4)[P0])
    partition.finish(partition.open[3])
    commits.record_finished()
    commits.request_finished(partition)
    assert ({}, 0) == (_begun(commits, [partition], 1.0), commits.uncommitted)
