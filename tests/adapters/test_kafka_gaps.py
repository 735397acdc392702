"""Which gap is checked when, and what a record that was not delivered leads to."""

from __future__ import annotations

import pytest
import structlog
from confluent_kafka import OFFSET_END
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_gap_check import Checked, Gap
from consumer.adapters.kafka_gaps import CHECK_EVERY_S, GapWatch
from consumer.adapters.kafka_reader import Reader
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_status import Counts, Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.record import TopicPartition
from tests.adapters.test_kafka_rebalance import Listener, known
from tests.fakes.scripted_client import ScriptedClient, message

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


class Desk:
    """Takes what is asked, and answers as the test says."""

    def __init__(self) -> None:
        """Nobody has asked."""
        self.asked: list[Gap] = []
        self.to_tell: list[Checked] = []
        self.full = False

    def ask(self, gap: Gap) -> bool:
        """Notes it, unless it is full."""
        if not self.full:
            self.asked.append(gap)
        return not self.full

    def answers(self) -> list[Checked]:
        """Each once."""
        told, self.to_tell = self.to_tell, []
        return told


class Member:
    """A watch over two partitions that begin at offset 0, with literal times."""

    def __init__(self) -> None:
        """Both are ours."""
        self.now = 1000.0
        self.client = ScriptedClient()
        self.client.commits = {FIRST: 0, SECOND: 0}
        waits = Waits()
        self.assignments = Assignments(known(Topics(("events",), waits)), waits, "earliest")
        self.reader = Reader(self.client.as_client, self.assignments)
        self._callbacks = self.assignments.callbacks(Listener())
        self.desk = Desk()
        self.told: list[tuple[TopicPartition, int]] = []
        self.counts = Counts()
        self.watch = GapWatch(
            self.desk, self.assignments, self.counts, lambda *told: self.told.append(told), lambda: self.now
        )
        self.does("on_assign", FIRST, SECOND)

    def does(self, name: str, *partitions: TopicPartition) -> None:
        """The client calls back."""
        self._callbacks[name](self.client.as_client, [ClientPartition(*tp) for tp in partitions])

    def reads(self, *runs: tuple[int, int], partition: TopicPartition = FIRST) -> None:
        """A read brings these runs, and the watch has its turn."""
        owned = self.assignments.owned[partition]
        self.watch.read(partition, owned, runs)
        owned.position = runs[-1][1] + 1
        self.turn()

    def turn(self) -> None:
        """The watch has its turn."""
        self.watch.look(self.client.as_client, self.reader)

    def hears(self, gap: Gap, record: int | None = None, error: str = "") -> None:
        """A check ended."""
        self.desk.to_tell = [Checked(gap, record, error)]
        self.turn()

    def epoch(self, partition: TopicPartition = FIRST) -> int:
        """Of the assignment now."""
        return self.assignments.owned[partition].epoch


def test_offsets_without_a_break_ask_nothing() -> None:
    """From one read to the next too."""
    member = Member()

    member.reads((0, 9))
    member.reads((10, 19))

    assert (0, []) == (member.counts.jumps, member.desk.asked)


def test_the_first_jump_is_checked_at_once() -> None:
    """Between the reads, or within one."""
    member = Member()

    member.reads((0, 9))
    member.reads((12, 19))
    member.reads((0, 4), (7, 9), partition=SECOND)

    assert [Gap(FIRST, member.epoch(), 10, 12), Gap(SECOND, member.epoch(SECOND), 5, 7)] == member.desk.asked
    assert 2 == member.counts.jumps


def test_a_record_behind_the_one_where_reading_began_is_a_jump() -> None:
    """The group's commit says what comes next."""
    member = Member()

    member.reads((3, 9))

    assert [Gap(FIRST, member.epoch(), 0, 3)] == member.desk.asked


def test_a_partition_that_is_read_from_its_beginning_begins_at_0() -> None:
    """Where its first record lies elsewhere, retention took the others, or they were lost."""
    member = Member()
    member.does("on_revoke", FIRST, SECOND)
    member.client.commits = {}
    member.does("on_assign", FIRST, SECOND)

    member.reads((0, 9))
    member.reads((3, 9), partition=SECOND)

    assert [Gap(SECOND, member.epoch(SECOND), 0, 3)] == member.desk.asked
    assert 1 == member.counts.jumps


def test_where_it_is_not_known_what_comes_next_there_is_no_jump() -> None:
    """A partition that is read from its end begins wherever that is."""
    member = Member()
    member.assignments.owned[FIRST].position, member.assignments.owned[FIRST].start = None, OFFSET_END

    member.reads((3, 9))

    assert (0, []) == (member.counts.jumps, member.desk.asked)


def test_offsets_that_go_back_are_counted_and_leave_no_gap() -> None:
    """There is nothing between them to look for."""
    member = Member()
    member.reads((0, 9))

    member.reads((5, 9))

    assert (1, []) == (member.counts.jumps, member.desk.asked)


def test_a_partition_is_checked_once_a_minute_and_the_rest_is_counted() -> None:
    """A hundred gaps a second for three minutes and a bit: one check at once, and one at the end of each minute."""
    member = Member()
    offset = 0
    for _ in range(100 * 190):
        member.now += 0.01
        member.reads((offset, offset))
        offset += 2

    assert 100 * 190 - 1 == member.counts.jumps
    assert 4 == len(member.desk.asked)


def test_the_earliest_gap_since_the_last_check_is_checked_when_the_minute_is_over() -> None:
    """Without another jump: where nothing else makes gaps, no loss is left out, for a rewind covers the later ones."""
    member = Member()
    member.reads((0, 0), (2, 2), (4, 4))
    member.now += 1
    member.reads((6, 6), (8, 8))

    member.now += CHECK_EVERY_S - 1.1
    member.turn()
    assert 1 == len(member.desk.asked)
    member.now += 0.1
    member.turn()

    assert [Gap(FIRST, member.epoch(), 1, 2), Gap(FIRST, member.epoch(), 5, 6)] == member.desk.asked


def test_nothing_in_the_gap_is_counted_as_checked() -> None:
    """A transaction marker, or what compaction left."""
    member = Member()
    member.reads((0, 9), (12, 19))

    member.hears(member.desk.asked[0])

    assert (1, 1, 0, 0) == counts(member)
    assert [] == member.told


def test_a_record_in_the_gap_is_read_again_from_there_and_told() -> None:
    """It is loud, and counted; what was kept of the partition from beyond is forgotten."""
    member = Member()
    member.reads((0, 9), (15, 19))
    member.reader.hold()
    member.client.steps = [message(FIRST, 20)]
    member.reader.serve(0)
    member.client.calls.clear()

    with structlog.testing.capture_logs() as lines:
        member.hears(member.desk.asked[0], record=12)

    assert [("incremental_unassign", [FIRST]), ("incremental_assign", [("events", 0, 12)])] == member.client.calls
    assert [(FIRST, 12)] == member.told
    assert 12 == member.assignments.owned[FIRST].position
    assert ([], ()) == member.reader.read(0)
    assert (1, 1, 0, 1) == counts(member)
    (line,) = lines
    assert ("error", "events", 0, 10, 15, 12) == tuple(
        line[name] for name in ("log_level", "topic", "partition", "first", "end", "offset")
    )


def test_a_partition_that_is_read_again_stays_paused() -> None:
    """Where the listener wants that."""
    member = Member()
    member.reads((0, 9), (15, 19))
    member.assignments.owned[FIRST].paused = True
    member.client.calls.clear()

    member.hears(member.desk.asked[0], record=12)

    assert ("pause", [FIRST]) == member.client.calls[-1]


def test_who_asks_for_it_gets_a_partition_read_again() -> None:
    """Never from above where it is read from next: what lies between would be passed over."""
    member = Member()
    member.reads((0, 9))

    for offset in (4, 8):
        member.watch.read_again(FIRST, offset, member.client.as_client, member.reader)

    assert [(FIRST, 4), (FIRST, 4)] == member.told
    assert 4 == member.assignments.owned[FIRST].position


def test_a_record_that_is_read_anyway_is_not_jumped_to() -> None:
    """It was found missing after the partition had been read again from below."""
    member = Member()
    member.reads((0, 9), (15, 19))
    member.watch.read_again(FIRST, 3, member.client.as_client, member.reader)

    member.hears(member.desk.asked[0], record=12)

    assert [(FIRST, 3), (FIRST, 3)] == member.told


def test_gaps_beyond_a_rewind_are_judged_when_they_are_read_again() -> None:
    """The one that waited is forgotten, and the minute holds."""
    member = Member()
    member.reads((0, 9), (12, 19), (22, 29))

    member.hears(member.desk.asked[0], record=10)
    member.reads((10, 19), (22, 29))
    assert 1 == len(member.desk.asked)
    member.now += CHECK_EVERY_S
    member.turn()

    assert Gap(FIRST, member.epoch(), 20, 22) == member.desk.asked[1]


@pytest.mark.parametrize("again", (False, True))
def test_a_partition_that_went_meanwhile_is_not_touched(*, again: bool) -> None:
    """Nor one that came back: its epoch is another. It is loud and counted all the same."""
    member = Member()
    member.reads((0, 9), (15, 19))
    member.does("on_revoke", FIRST)
    if again:
        member.does("on_assign", FIRST)
    member.client.calls.clear()

    member.hears(member.desk.asked[0], record=12)

    assert ([], []) == (member.client.calls, member.told)
    assert (1, 1, 0, 1) == counts(member)


def test_a_gap_of_a_former_assignment_is_not_asked_for() -> None:
    """The new one has its own, and the minute between checks holds across both."""
    member = Member()
    member.reads((0, 0), (2, 2), (4, 4))
    member.does("on_revoke", FIRST)
    member.does("on_assign", FIRST)
    member.now += CHECK_EVERY_S - 1
    member.reads((0, 0), (7, 7))
    assert 1 == len(member.desk.asked)

    member.now += 1
    member.turn()

    assert Gap(FIRST, member.epoch(), 1, 7) == member.desk.asked[-1]
    assert 2 == len(member.desk.asked)


def test_what_the_broker_did_not_answer_is_asked_again_a_minute_later() -> None:
    """The same gap, though others came; counted apart."""
    member = Member()
    member.reads((0, 0), (2, 2))
    member.hears(member.desk.asked[0], error="no answer in time")
    member.reads((4, 4))
    member.now += CHECK_EVERY_S

    member.turn()

    assert [Gap(FIRST, member.epoch(), 1, 2)] * 2 == member.desk.asked
    assert (2, 0, 1, 0) == counts(member)


def test_a_full_queue_is_asked_again_soon() -> None:
    """The gap is kept."""
    member = Member()
    member.desk.full = True
    member.reads((0, 0), (2, 2))
    member.desk.full = False
    member.turn()
    assert [] == member.desk.asked

    member.now += 1
    member.turn()

    assert [Gap(FIRST, member.epoch(), 1, 2)] == member.desk.asked


def counts(member: Member) -> tuple[int, int, int, int]:
    """Jumps, checked, unanswered, missed."""
    found = member.counts
    return found.jumps, found.jumps_checked, found.jumps_unanswered, found.records_missed
