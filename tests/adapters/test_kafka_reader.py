"""What one read brings: everything that is there and still ours."""

from __future__ import annotations

from collections.abc import Callable

from confluent_kafka import KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_reader import Reader
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_status import Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.record import TopicPartition
from tests.adapters.test_kafka_rebalance import Listener, known
from tests.fakes.scripted_client import ScriptedClient, message, problem

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


class Member:
    """A reader with both partitions, and the group's side of it."""

    def __init__(self) -> None:
        """Assigned from the beginning, or from offset 5 where the group has a commit."""
        self.client = ScriptedClient()
        self.client.commits = {FIRST: 5}
        waits = Waits()
        self.assignments = Assignments(known(Topics(("events",), waits)), waits, "earliest")
        self.listener = Listener()
        self.reader = Reader(self.client.as_client, self.assignments)
        self._callbacks = self.assignments.callbacks(self.listener)
        self.does("on_assign", FIRST, SECOND)()
        self.client.calls.clear()

    def does(self, name: str, *partitions: TopicPartition) -> Callable[[], None]:
        """A step in which the client calls back."""
        found = [ClientPartition(*tp) for tp in partitions]
        return lambda: self._callbacks[name](self.client.as_client, found)

    def read(self) -> list[tuple[int, int]]:
        """Partition and offset of what one read brings."""
        messages, _ = self.reader.read(0.1)
        return [(found.partition() or 0, found.offset() or 0) for found in messages]


def test_one_message_is_waited_for_and_the_rest_is_only_what_is_there() -> None:
    """``consume`` with a time-out waits for a full batch, and starts its time anew with each message."""
    member = Member()
    member.client.steps = [message(FIRST, 5), message(SECOND, 0), message(FIRST, 6)]

    assert [(0, 5), (1, 0), (0, 6)] == member.read()
    assert [("poll", 0.1), ("consume", (999, 0))] == member.client.calls


def test_records_of_a_partition_revoked_during_the_read_are_dropped() -> None:
    """The next owner reads them."""
    member = Member()
    member.client.steps = [message(FIRST, 5), message(SECOND, 0), member.does("on_revoke", FIRST), message(SECOND, 1)]

    assert [(1, 0), (1, 1)] == member.read()
    member.client.steps = [message(SECOND, 2)]
    assert [(1, 2)] == member.read()


def test_records_of_a_partition_revoked_and_assigned_again_during_the_read_are_read_again() -> None:
    """From where the new assignment begins: none of them was told."""
    member = Member()
    member.client.steps = [
        message(FIRST, 5),
        member.does("on_lost", FIRST),
        member.does("on_assign", FIRST),
        message(FIRST, 5),
        message(SECOND, 0),
    ]

    assert [(1, 0)] == member.read()
    assert [
        ("incremental_unassign", [FIRST]),
        ("incremental_assign", [("events", 0, 5)]),
    ] * 2 == member.client.named("incremental_assign", "incremental_unassign")


def test_an_error_comes_apart_from_the_records() -> None:
    """With the partition it is about; the records beside it are not lost."""
    member = Member()
    error = problem(KafkaError._AUTO_OFFSET_RESET)
    member.client.steps = [message(SECOND, 0), message(FIRST, 5, error), message(SECOND, 1)]

    messages, problems = member.reader.read(0.1)

    assert [0, 1] == [found.offset() for found in messages]
    assert [(error, FIRST)] == problems


def test_while_it_holds_still_a_message_that_comes_all_the_same_is_kept() -> None:
    """Unless its partition goes meanwhile."""
    member = Member()
    member.reader.hold()
    member.client.steps = [message(FIRST, 5)]
    member.reader.serve(0.1)
    member.client.steps = [message(SECOND, 0)]
    member.reader.serve(0.1)
    member.client.steps = [member.does("on_revoke", FIRST)]
    member.reader.serve(0.1)

    member.reader.release()

    assert [("pause", [FIRST, SECOND]), ("resume", [SECOND])] == member.client.named("pause", "resume")
    assert [(1, 0)] == member.read()


def test_release_leaves_paused_what_the_listener_wants_paused() -> None:
    """Holding still is not the listener's wish."""
    member = Member()
    member.assignments.owned[FIRST].paused = True
    member.reader.hold()

    member.reader.release()

    assert [("resume", [SECOND])] == member.client.named("resume")


def test_after_long_work_a_read_brings_less_and_then_more_again() -> None:
    """So that no batch of slow expressions outlasts the group's patience."""
    reader = Member().reader

    sizes = []
    for seconds in (2.0, 2.0, 0.5, *[2.0] * 4, *[0.01] * 11):
        reader.took(seconds)
        sizes.append(reader.records_max)

    assert [250, 62, 62, 15, 3, 1, 1] == sizes[:7]
    assert [2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 1000] == sizes[7:]


def test_a_read_brings_no_more_than_its_size() -> None:
    """The rest is there for the next one."""
    member = Member()
    member.reader.took(2.0)
    member.client.steps = [message(FIRST, 5)]
    member.read()

    assert ("consume", (249, 0)) == member.client.calls[-1]
