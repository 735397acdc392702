"""What is taken of what one read brought."""

from __future__ import annotations

from consumer.backfill.plans import Course
from consumer.backfill.selection import Selection
from consumer.core.record import Batch, TopicPartition
from consumer.core.request import UpdateContact
from consumer.mapping.select import Selector
from tests.backfill.making import event
from tests.mapping.making import Message, mapping_of

TP = TopicPartition("events", 0)
MAPPING = mapping_of("when: Trial Started, send: t, contact: {seats: properties.seats}", "when: Gone, delete: true")


class Taken:
    """A selection whose first partition ends somewhere."""

    def __init__(self, end: int) -> None:
        """Nothing was read yet."""
        self.passed: list[TopicPartition] = []
        selection = Selection(Course("g"), {TP: end}, lambda _request, _at: False, self.passed.append)
        self._select = selection.of(Selector(MAPPING).select)

    def __call__(self, *messages: Message) -> Batch:
        """Reads these."""
        return self._select(messages)


def test_nothing_behind_the_end_is_taken_and_that_it_was_read_is_told() -> None:
    """A read may lie on both sides of it, and offsets have gaps."""
    taken = Taken(end=13)

    batch = taken(*(Message(event(1, seats=at), at) for at in (10, 11, 12, 13, 20)))

    assert ([(10, 12)], 3) == (batch[TP].runs, batch[TP].records)
    assert [10, 11, 12] == [wanted.record.offset for wanted in batch[TP].wanted]
    assert [TP] == taken.passed


def test_of_a_read_behind_the_end_alone_nothing_is_left() -> None:
    """Nor of a partition that is not in the range."""
    taken = Taken(end=13)

    assert {} == taken(Message(event(1), 13), Message(event(1), 3, of_partition=7))
    assert [TP, TopicPartition("events", 7)] == taken.passed


def test_records_have_the_plans_of_the_backfill() -> None:
    """One of which nothing is left is filtered; a read before the end tells nothing of it."""
    taken = Taken(end=13)

    batch = taken(Message(event(1, seats=3), 1), Message(event(1), 2), Message(event(1, "Gone"), 3))

    (wanted,) = batch[TP].wanted
    (plan,) = wanted.plans
    assert isinstance(plan, UpdateContact)
    assert ({"seats": 3}, 3, []) == (plan.contact, batch[TP].records, taken.passed)
    assert Course("g").digest(MAPPING.digest) == batch[TP].mapping
