"""How far a backfill has come."""

from __future__ import annotations

from consumer.adapters.kafka_status import KafkaPartition
from consumer.backfill.progress import Pace, Tracker
from consumer.backfill.survey import Surveyed
from consumer.core.completions import Completions
from consumer.core.effect import Committable
from consumer.core.partition import Partition
from consumer.core.record import Received, Record, TopicPartition, Wanted
from tests.backfill.making import update

TP, EMPTY = TopicPartition("events", 0), TopicPartition("events", 1)
FOUND = Surveyed({TP: 100, EMPTY: 7}, {TP: 200, EMPTY: 7}, {TP: 210, EMPTY: 9})


def partition(committed: int | None = None, *, read: tuple[int, int] | None = None, wanted: int = 0) -> Partition:
    """One that has read these offsets, of which the first so many are in flight."""
    made = Partition(TP, 1, None if committed is None else Committable(committed), Completions())
    if read is not None:
        first, last = read
        records = [Record("events", 0, first + number, 0, None, b"") for number in range(wanted)]
        made.receive(Received([read], last - first + 1, [Wanted(record, (update(),)) for record in records]))
    return made


def at(position: int | None) -> dict[TopicPartition, KafkaPartition]:
    """Where reading is."""
    return {TP: KafkaPartition(position)}


def test_done_is_what_was_read_and_is_not_in_flight() -> None:
    """Within the range, from where it was committed before."""
    tracker = Tracker(FOUND, ())

    assert (0, 100) == tracker.counts({TP: partition()}, {})
    assert (20, 100) == tracker.counts({TP: partition(120)}, {})
    assert (45, 100) == tracker.counts({TP: partition(read=(100, 149), wanted=5)}, at(150))
    assert (100, 100) == tracker.counts({TP: partition(read=(100, 199))}, at(215))


def test_a_range_is_done_when_all_of_it_is_finished_or_was_before() -> None:
    """An empty one at once; without a partition nothing is done."""
    tracker = Tracker(FOUND, ())

    assert not tracker.is_done({}, {})
    assert not tracker.is_done({TP: partition()}, {})
    assert not tracker.is_done({TP: partition(read=(100, 198))}, at(199))
    assert not tracker.is_done({TP: partition(read=(100, 199), wanted=1)}, at(200))
    assert tracker.is_done({TP: partition(read=(100, 199))}, {})
    assert tracker.is_done({TP: partition(200), EMPTY: partition()}, {})


def test_where_the_last_records_are_gone_it_is_done_when_reading_is_behind_them() -> None:
    """Seen twice in a row, with nothing in flight in between."""
    for tracker, read in ((Tracker(FOUND, {TP}), at(None)), (Tracker(FOUND, ()), at(200))):
        short, busy = partition(read=(100, 150)), partition(read=(100, 150), wanted=1)
        assert [False, False, False, True] == [tracker.is_done({TP: one}, read) for one in (short, busy, short, short)]


def test_the_time_that_it_takes_follows_the_last_minute() -> None:
    """Unknown while nothing moves; a partition that went away begins anew."""
    pace = Pace()

    assert None is pace.left_s(0, 100, now=0.0)
    assert 90.0 == pace.left_s(10, 100, now=10.0)
    assert 900.0 == pace.left_s(10 + 6, 106, now=70.0)
    assert None is pace.left_s(3, 50, now=71.0)
    assert 0.0 == pace.left_s(50, 50, now=72.0)
