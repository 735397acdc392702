"""A read that cannot be decoded for now: it waits, in order, and neither the group nor a command waits with it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence

from confluent_kafka import Message

from consumer.adapters.kafka import KafkaSource
from consumer.adapters.kafka_status import Waits
from consumer.adapters.kafka_undecoded import AGAIN_MAX_S, SAID_AFTER_S, Undecoded
from consumer.core.effect import Committable
from consumer.core.record import Batch
from consumer.mapping.envelope import NotYet
from consumer.mapping.message import Message as AnyMessage
from consumer.status import SourceState
from tests.adapters.test_kafka_reader import FIRST, SECOND, Member
from tests.conformance.kafka_worlds import BrokerWorld, joined
from tests.fakes.scripted_client import message
from tests.fakes.selecting import select
from tests.waiting import until_async

WITHIN_S = 20
REASON = "the schema registry at registry:8081 does not answer"


class Schemas:
    """A selection that needs something which may be missing."""

    def __init__(self, *, missing: bool = True) -> None:
        """Missing at first, unless told otherwise."""
        self.missing = missing
        self.tries = 0
        self.needed: Callable[[AnyMessage], bool] = lambda _: True

    def select(self, messages: Sequence[AnyMessage]) -> Batch:
        """All of them, or none where one needs what is missing."""
        self.tries += 1
        if self.missing and any(self.needed(message) for message in messages):
            raise NotYet(REASON)
        return select(messages)


class Waiting:
    """What is kept, beside a reader with both partitions, on a clock of its own."""

    def __init__(self) -> None:
        """Nothing is kept, and it is second 0."""
        self.now = 0.0
        self.waits = Waits(lambda: self.now)
        self.member = Member()
        self.undecoded = Undecoded(self.waits, lambda: self.now)
        self.schemas = Schemas()

    def tried(self, *messages: Message) -> Batch | None:
        """What a try with these comes to."""
        return self.undecoded.select(self.schemas.select, messages, self.member.reader)

    def again(self) -> list[tuple[int, int]]:
        """Partition and offset of what is to be tried now."""
        found = self.undecoded.again(self.member.reader, self.member.assignments)
        return [(one.partition() or 0, one.offset() or 0) for one in found]

    def tries_within(self, seconds: float, step_s: float = 0.0625) -> list[float]:
        """When it tries, and fails, from now on."""
        end, tries = self.now + seconds, []
        while self.now < end:
            if found := self.undecoded.again(self.member.reader, self.member.assignments):
                tries.append(self.now)
                self.tried(*found)
            self.now += step_s
        return tries


def test_what_cannot_be_decoded_is_kept_in_order_and_all_partitions_are_held() -> None:
    """It comes back as it was, until it can be."""
    waiting = Waiting()

    assert waiting.tried(message(SECOND, 0), message(FIRST, 5), message(FIRST, 6)) is None
    assert [("pause", [FIRST, SECOND])] == waiting.member.client.calls
    waiting.now = 1.0
    assert [(1, 0), (0, 5), (0, 6)] == waiting.again()
    waiting.schemas.missing = False
    batch = waiting.tried(*waiting.undecoded.again(waiting.member.reader, waiting.member.assignments))

    assert batch is not None
    assert {FIRST: [(5, 6)], SECOND: [(0, 0)]} == {tp: received.runs for tp, received in batch.items()}
    assert not waiting.undecoded


def test_tries_grow_apart_to_five_seconds() -> None:
    """Soon at first, for a schema that is merely new; an outage is not asked after all the time."""
    waiting = Waiting()
    waiting.tried(message(FIRST, 5))

    tries = waiting.tries_within(60)

    assert tries[0] <= 0.1
    gaps = [later - sooner for sooner, later in itertools.pairwise(tries)]
    assert gaps == sorted(gaps)
    assert AGAIN_MAX_S <= gaps[-1] <= AGAIN_MAX_S + 0.1


def test_between_tries_the_group_is_served() -> None:
    """A member that does not poll is put out."""
    waiting = Waiting()
    waiting.tried(message(FIRST, 5))
    waiting.member.client.calls.clear()

    assert [] == waiting.again()
    assert [("poll", 0.02)] == waiting.member.client.calls


def test_it_is_said_once_it_takes_longer_than_a_schema_that_is_new() -> None:
    """And no more once it is over."""
    waiting = Waiting()
    waiting.tried(message(FIRST, 5))
    waiting.tries_within(SAID_AFTER_S / 2)
    assert "" == str(waiting.waits)

    waiting.tries_within(5 * SAID_AFTER_S)
    assert str(waiting.waits) == REASON
    waiting.schemas.missing = False
    waiting.tried(message(FIRST, 5))

    assert "" == str(waiting.waits)


def test_a_partition_that_moves_meanwhile_is_forgotten() -> None:
    """The next owner reads it; the other one stays as it is."""
    waiting = Waiting()
    waiting.tried(message(FIRST, 5), message(SECOND, 0))
    waiting.member.client.steps = [waiting.member.does("on_revoke", FIRST)]

    assert [] == waiting.again()
    waiting.now = 1.0
    assert [(1, 0)] == waiting.again()


def test_a_partition_that_goes_and_comes_back_meanwhile_is_read_again() -> None:
    """From the beginning of its new assignment; what was kept of it is not told twice."""
    waiting = Waiting()
    waiting.tried(message(FIRST, 5), message(SECOND, 0))
    member = waiting.member
    member.client.steps = [member.does("on_lost", FIRST), member.does("on_assign", FIRST)]

    assert [] == waiting.again()
    waiting.now = 1.0
    assert [(1, 0)] == waiting.again()
    assert ("incremental_assign", [("events", 0, 5)]) in member.client.calls


def test_nothing_left_ends_the_wait() -> None:
    """Whatever was missing, nobody here needs it any more."""
    waiting = Waiting()
    waiting.tried(message(FIRST, 5))
    waiting.tries_within(2 * SAID_AFTER_S)
    waiting.undecoded.drop([FIRST])

    assert not waiting.undecoded
    assert "" == str(waiting.waits)
    waiting.undecoded.drop([FIRST])


async def test_what_is_missing_stops_the_reading_and_nothing_else(world: BrokerWorld) -> None:
    """Everything comes once and in order when it is there; commits leave meanwhile, and the member stays one."""
    schemas = Schemas(missing=False)
    source = source_of(world, schemas)
    world.produce(0, 3)
    async with joined(source) as member:
        await until_async(lambda: member.received() == 3, WITHIN_S, "three records")
        schemas.missing = True
        world.produce(0, 500)
        world.produce(1, 500)
        await until_async(lambda: source.status().waits_for == REASON, WITHIN_S, "it says so")
        member.source.commit({FIRST: Committable(2)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")
        assert (3, SourceState.JOINED) == (member.received(), source.status().state)
        await until_async(lambda: source.poll_age_s < 1.0, WITHIN_S, "a poll")

        schemas.missing = False
        await until_async(lambda: member.received() == 1003, WITHIN_S, "all records")
        assert [] == member.told("lost") + member.told("revoked")

    assert "" == source.status().waits_for
    assert list(range(503)) == member.offsets[FIRST]
    assert list(range(500)) == member.offsets[SECOND]


async def test_a_stop_does_not_wait_for_what_is_missing(world: BrokerWorld) -> None:
    """It leaves the group; nothing that waited is told."""
    source = source_of(world, Schemas())
    world.produce(0, 3)
    async with joined(source) as member:
        await until_async(lambda: source.status().waits_for, WITHIN_S, "it waits")
        source.stop()
        await until_async(lambda: member.closed, WITHIN_S, "closed")

    assert member.received() == 0


async def test_who_takes_a_partition_over_reads_what_the_other_could_not(world_of_kafka: BrokerWorld) -> None:
    """Two members, one of which has what is needed: no record is missed, and none of the lost ones comes twice."""
    schemas = Schemas()
    for partition in range(4):
        world_of_kafka.produce(partition, 50)
    waiting = source_of(world_of_kafka, schemas)
    async with joined(waiting) as first:
        await until_async(lambda: waiting.status().waits_for, WITHIN_S, "it waits")
        async with joined(source_of(world_of_kafka, Schemas(missing=False))) as second:
            await until_async(lambda: len(second.owned) == 2, WITHIN_S, "half of the partitions")
            await until_async(lambda: second.received() == 100, WITHIN_S, "what lies there")
            schemas.missing = False
            await until_async(lambda: first.received() == 100, WITHIN_S, "the rest")

        told = {tp: first.offsets[tp] + second.offsets[tp] for tp in {*first.offsets, *second.offsets}}

    assert [list(range(50))] * 4 == list(told.values())


def source_of(world: BrokerWorld, schemas: Schemas) -> KafkaSource:
    """A new member that selects so."""
    return KafkaSource(world.config, schemas.select, asyncio.get_running_loop(), handed_within_s=5)


def test_the_reader_is_told_how_long_the_selection_took() -> None:
    """It reads less where that is long."""
    waiting = Waiting()

    def slow(messages: Sequence[AnyMessage]) -> Batch:
        waiting.now += 5.0
        return select(messages)

    waiting.undecoded.select(slow, [message(FIRST, 5)], waiting.member.reader)

    assert 250 == waiting.member.reader.records_max
