"""What comes behind a range is followed, on librdkafka's mock cluster."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydantic import Field

from consumer.backfill.since import Touched
from consumer.backfill.tail import Tail
from consumer.core.record import Batch, TopicPartition
from consumer.mapping.envelope import NotYet
from consumer.mapping.message import Message
from consumer.mapping.select import Selector
from consumer.ports import Select
from consumer.settings import KafkaSettings
from tests.backfill.making import event
from tests.backfill.stand import Stand, standing
from tests.waiting import until_async

WITHIN_S = 20

BEGINS = {TopicPartition("events", 0): 1, TopicPartition("events", 1): 0}

WITHOUT_CA = {"security.protocol": "SSL", "ssl.ca.location": "/nowhere/ca.pem"}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """One event before the tail, and one of it."""
    with standing(tmp_path) as stand:
        stand.add(event(1, seats=1), event(2, seats=2))
        yield stand


class Followed:
    """A tail, and all that it told."""

    def __init__(self, stand: Stand, select: Select) -> None:
        """Not started."""
        self.touched: list[Touched] = []
        self.failures: list[str] = []
        self.tail = Tail(
            stand.settings.kafka,
            BEGINS,
            select,
            wall=time.time,
            touched=self.touched.extend,
            failed=self.failures.append,
        )

    async def until_told(self, count: int) -> None:
        """Waits for so much."""
        await until_async(lambda: len(self.touched) >= count, WITHIN_S, f"{count} told")


async def test_what_lies_there_is_told_before_it_counts_as_started_and_what_comes_is_told_then(stand: Stand) -> None:
    """From where it begins on, and not what lies before."""
    followed = Followed(stand, Selector(stand.mapping).select)
    await followed.tail.start()
    assert [("eu2@example.com", "uu2")] == [touched.lanes for touched in followed.touched]

    stand.add(event(3, "Gone"), partition=1)
    await followed.until_told(2)
    await followed.tail.stop()
    await followed.tail.stop()

    assert Touched(("eu3@example.com", "uu3"), None) == followed.touched[1]
    assert [] == followed.failures


async def test_what_failed_is_read_again_from_where_it_did(stand: Stand) -> None:
    """A schema may be had a moment later."""
    tries = 0
    select = Selector(stand.mapping).select

    def failing(messages: Sequence[Message]) -> Batch:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise NotYet("no registry")
        return select(messages)

    followed = Followed(stand, failing)
    await followed.tail.start()
    await followed.tail.stop()

    assert (1, []) == (len(followed.touched), followed.failures)


class Rotating(KafkaSettings):
    """Settings whose certificates are not there at the first look."""

    looks: list[dict[str, str]] = Field(default_factory=lambda: [dict(WITHOUT_CA)])

    def secrets(self) -> dict[str, str]:
        """None from the second time on."""
        return self.looks.pop() if self.looks else {}


async def test_certificates_that_are_just_replaced_are_no_defect(stand: Stand) -> None:
    """A moment later they are there."""
    kafka = Rotating(**dict(stand.settings.kafka))
    stand.settings = stand.settings.model_copy(update={"kafka": kafka})
    followed = Followed(stand, Selector(stand.mapping).select)
    await followed.tail.start()
    await followed.tail.stop()

    assert (1, [], []) == (len(followed.touched), followed.failures, kafka.looks)


async def test_a_defect_is_told(stand: Stand) -> None:
    """To go on without sight would be to set things back."""

    def broken(_: Sequence[Message]) -> Batch:
        raise ZeroDivisionError

    followed = Followed(stand, broken)
    starting = asyncio.create_task(followed.tail.start())
    await until_async(lambda: followed.failures, WITHIN_S, "a failure")
    assert not starting.done()
    await followed.tail.stop()
    await starting

    assert ["defect: ZeroDivisionError"] == [failure.split(" at ")[0] for failure in followed.failures]


async def test_one_that_is_given_up_lets_its_start_return(stand: Stand) -> None:
    """Though no broker answers."""
    stand.settings = stand.settings.model_copy(
        update={"kafka": stand.settings.kafka.model_copy(update={"topics": ("nowhere",)})}
    )
    followed = Followed(stand, Selector(stand.mapping).select)
    followed.tail.give_up()
    await followed.tail.start()
    await followed.tail.stop()

    assert [] == followed.touched
