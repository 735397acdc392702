"""One partition under one assignment."""

from __future__ import annotations

from random import Random

from consumer.core.completions import METADATA_BYTES_MAX, Completions, Damaged, Refusal, decode, encode
from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.effect import Committable, Fate
from consumer.core.partition import Partition, finished_before
from consumer.core.record import Plan
from consumer.core.refusals import Room, key_fingerprint
from tests.core.driving import P0, REFUSED, WALL, batch, send, told, update

MAPPING = 7
DIGEST = "00000007abcd"
_LITTLE = 36
"""Bytes: room for a refusal, and not for runs that lie apart."""


def _partition(committed: int | None = None, done: Completions | None = None) -> Partition:
    return Partition(P0, 1, None if committed is None else Committable(committed), done or Completions())


def _to_commit(partition: Partition, known: int | Committable | None, bytes_max: int = 4_095) -> Committable | None:
    return partition.to_commit(Committable(known) if isinstance(known, int) else known, MAPPING, bytes_max)


def _wanting(offsets: list[int], last: int, rules: int = 1) -> Partition:
    partition = _partition()
    made: list[Plan] = [send("a"), update("a")]
    plans = dict.fromkeys(offsets, made[:rules])
    partition.receive(batch(plans, last=last, mapping=DIGEST)[P0])
    return partition


def _delivery(of: OpenRecord) -> Delivery:
    return Delivery(send("a"), of, ("ua",))


def test_before_anything_was_read_there_is_nothing_to_commit() -> None:
    """Whatever the group had."""
    assert (None, None) == (_to_commit(_partition(), None), _to_commit(_partition(5), None))


def test_what_is_finished_beyond_the_last_commit_is_to_be_committed() -> None:
    """And nothing once it is."""
    partition = _partition(5)
    partition.receive(batch({}, first=5, last=7)[P0])
    assert (Committable(8), None) == (_to_commit(partition, 5), _to_commit(partition, 8))


def test_it_counts_what_is_in_flight() -> None:
    """Records and bytes; the age of the oldest."""
    partition = _wanting([1, 3], last=4)
    assert ([1, 3], 8, int(WALL * 1000)) == (
        list(partition.open),
        partition.bytes_in_flight,
        partition.oldest_unfinished_ms(),
    )
    for of in list(partition.open.values()):
        partition.finish(of)
    assert ([], 0, None, Committable(5)) == (
        list(partition.open),
        partition.bytes_in_flight,
        partition.oldest_unfinished_ms(),
        _to_commit(partition, 0),
    )


def test_a_record_in_part_final_is_told_until_it_is_finished() -> None:
    """With the plans that are."""
    partition = _wanting([3], last=4, rules=2)
    of = partition.open[3]
    of.finish_plan(1, Fate.DELIVERED, "u")
    partition.finish_plan(of)
    in_part = _to_commit(partition, 3)
    of.finish_plan(0, Fate.DELIVERED, "r")
    partition.finish(of)
    assert (told(3, partly={3: 0b10}, mapping=MAPPING), Committable(5)) == (in_part, _to_commit(partition, in_part))


def test_the_plans_of_a_former_assignment_are_final_when_the_record_comes() -> None:
    """And told on until it comes; not beyond the watermark."""
    partition = _partition(0, Completions(partly={2: 0b01, 9: 0b10}, mapping=MAPPING))
    opened, finished = partition.receive(batch({2: [send("a"), update("a")]}, last=4, mapping=DIGEST)[P0])
    assert ([0b01], 0) == ([of.final for of in opened], finished)
    assert told(2, partly={2: 0b01, 9: 0b10}, mapping=MAPPING) == _to_commit(partition, 0)
    partition.finish(opened[0])
    assert told(5, partly={9: 0b10}, mapping=MAPPING) == _to_commit(partition, 2)


def test_a_mask_says_nothing_of_plans_that_another_mapping_made() -> None:
    """Of a record read before the mapping changed, or after: neither is taken for final by the other's mask."""
    partition = _partition(0, Completions(partly={2: 0b01, 3: 0b01}, mapping=MAPPING))
    opened, _ = partition.receive(batch({2: [send("a"), update("a")]}, last=2, mapping="00000008abcd")[P0])
    before, _ = partition.receive(batch({3: [send("b"), update("b")]}, first=3, last=3, mapping=DIGEST)[P0])
    assert ([0], [0b01]) == ([of.final for of in opened], [of.final for of in before])
    opened[0].finish_plan(1, Fate.DELIVERED, "u")
    partition.finish_plan(opened[0])
    assert told(2, partly={3: 0b01}, mapping=MAPPING) == _to_commit(partition, 0)
    assert told(2, partly={2: 0b10}, mapping=MAPPING + 1) == partition.to_commit(None, MAPPING + 1, 4_095)


def test_a_mask_that_cannot_be_about_a_record_counts_for_nothing() -> None:
    """Another record lies at its offset now, or its plans were made otherwise: rather again than never."""
    for mask in (0b1, 0b10, 0b11):
        partition = _partition(0, Completions(partly={2: mask}))
        opened, _ = partition.receive(batch({2: [send("a")]}, last=4)[P0])
        assert ([0], {}) == ([of.final for of in opened], partition.partly)


def test_what_a_commit_under_way_holds_is_told_again_at_a_handover() -> None:
    """It may fail yet; then the handover's is the last word."""
    partition = _wanting([0, 3], last=4)
    partition.finish(partition.open[3])
    under_way = _to_commit(partition, partition.asked)
    assert under_way is not None
    partition.begin_commit(under_way)
    assert (None, under_way) == (_to_commit(partition, partition.asked), _to_commit(partition, partition.committed))


def test_the_number_of_a_refused_event_is_told_until_there_is_room_to_tell_that_its_record_is_finished() -> None:
    """Who reads the record again would send it under the key without the number else."""
    partition = _wanting([*range(0, 9_001, 500)], last=9_999)
    delivery = Delivery(send("a"), partition.open[9_000], ("ua",), refusals=1)
    assert partition.refusals.add(delivery, REFUSED, Room(_LITTLE, 0))
    for offset in range(1_000, 9_001, 1_000):
        partition.refusals.finish(partition.open[offset])
        partition.finish(partition.open[offset])
    little, much = (_completions(_to_commit(partition, 0, bytes_max)) for bytes_max in (_LITTLE, 4_095))
    number = Refusal(9_000, key_fingerprint("key-a"), 1)
    assert (False, (number,)) == ((9_000, 9_000) in little.runs, little.refusals)
    assert (True, ()) == ((9_000, 9_000) in much.runs, much.refusals)


def _completions(position: Committable | None) -> Completions:
    found = finished_before(position)
    assert isinstance(found, Completions)
    return found


def test_what_is_forgotten_costs_nothing_and_is_new_when_it_comes_again() -> None:
    """Which of its plans are final is known then."""
    partition = _wanting([1, 3], last=4, rules=2)
    first, second = partition.open.values()
    partition.start(first)
    first.finish_plan(0, Fate.DELIVERED, "r")
    partition.finish_plan(first)
    partition.forget([first, second])
    assert ({}, 0, 1) == (partition.open, partition.bytes_in_flight, partition.watermark.offset)
    plans: dict[int, list[Plan]] = {1: [send("a"), update("a")], 3: [send("b"), update("b")]}
    opened, finished = partition.receive(batch(plans, first=1, last=4, mapping=DIGEST)[P0])
    assert ([0b01, 0], 0, 8) == ([of.final for of in opened], finished, partition.bytes_in_flight)


def test_what_is_read_twice_is_neither_new_nor_finished() -> None:
    """It is in flight, and was counted."""
    partition = _wanting([1, 3], last=4)
    partition.finish(partition.open[3])
    partition.watermark.rewind(0)
    assert ([], 1) == partition.receive(batch({1: [send("a")], 3: [send("b")]}, last=4)[P0])


def test_completions_in_any_order_never_find_no_room() -> None:
    """3,000 wanted records finish as chance has it; whatever was admitted stands in the text, whole."""
    chance = Random(3)  # noqa: S311 - a seed chooses an order
    offsets = sorted(chance.sample(range(1, 400_000), 3_000))
    partition = _wanting([0, *offsets], last=400_000)
    started: list[OpenRecord] = []
    waiting = [partition.open[offset] for offset in offsets]
    chance.shuffle(waiting)
    finished = 0
    known = None
    while waiting and partition.may_start([waiting[-1]], METADATA_BYTES_MAX):
        partition.start(waiting[-1])
        started.append(waiting.pop())
        if len(started) == 10:
            partition.finish(started.pop(chance.randrange(10)))
            finished += 1
            known = _to_commit(partition, known) or known
            assert known == Committable(0, encode_all(partition))
    assert 1_200 < finished < 3_000
    assert partition.may_start([partition.open[0]], METADATA_BYTES_MAX)


def test_what_is_held_back_comes_back_from_the_lowest_on() -> None:
    """A few at a time, and never one that is forgotten."""
    partition = _wanting(list(range(1, 40)), last=40)
    deliveries = [_delivery(of) for of in partition.open.values()]
    deliveries[1].forgotten = True
    for delivery in reversed(deliveries):
        partition.hold_back(delivery)
    none = partition.let_go(0)
    partition.finish(partition.open[1])
    few = partition.let_go(METADATA_BYTES_MAX)
    assert ([1], [3, *range(4, 13)]) == ([one.of.record.offset for one in none], [d.of.record.offset for d in few])
    lowest = partition.lowest_held_back()
    assert lowest is not None
    assert 13 == lowest.of.record.offset


def test_metadata_is_read_for_what_it_is() -> None:
    """Nothing, completions, or what another program has left."""
    had = told(3, (5, 6), partly={3: 1}, mapping=MAPPING)
    assert Completions(((5, 6),), {3: 1}, MAPPING) == finished_before(had)
    assert (Completions(), Damaged("foreign")) == (finished_before(None), finished_before(Committable(3, "x")))


def encode_all(partition: Partition) -> str:
    """The text with every completion, however long; it must be as long as is allowed."""
    text = encode(Completions(partition.watermark.runs, {}, MAPPING), offset=partition.watermark.offset)
    assert decode(text, offset=partition.watermark.offset) == Completions(partition.watermark.runs, {}, MAPPING)
    return text
