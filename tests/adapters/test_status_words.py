"""What the status comes to, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.adapters.metrics import PAUSE_REASONS
from consumer.adapters.status_words import PAUSED_AS, STATES, Tone, duration, notices, number
from consumer.status import (
    DeadLettersStatus,
    LoadState,
    LoadStatus,
    MappingStatus,
    OutageStatus,
    PartitionStatus,
    RateStatus,
    SourceState,
    SourceStatus,
    Status,
)

JOINED = SourceStatus(SourceState.JOINED)
FINE = Status(version="1.2.3", source=JOINED, mapping=MappingStatus("abc", 2))


@pytest.mark.parametrize(
    ("seconds", "words"),
    (
        (None, "unknown"),
        (0.0, "0 s"),
        (0.44, "0.4 s"),
        (60.0, "1 min"),
        (119.0, "119 s"),
        (300.0, "5 min"),
        (3_600.0, "1 h"),
        (7_199.0, "120 min"),
        (86_400.0 * 3, "3 d"),
    ),
)
def test_a_length_of_time_has_the_unit_that_says_enough(seconds: float | None, words: str) -> None:
    """Two digits are enough to act upon."""
    assert words == duration(seconds)


def test_numbers_have_their_thousands_apart() -> None:
    """A rate has one digit behind the point, where it is any."""
    assert ["unknown", "1,234,567", "9.5", "10"] == [number(value) for value in (None, 1_234_567, 9.49, 10.0)]


def test_there_are_words_for_every_reason_and_every_state() -> None:
    """Of a pause, and of the load."""
    assert set(PAUSE_REASONS) == set(PAUSED_AS)
    assert set(LoadState) == set(STATES)


def test_where_all_is_well_nothing_is_said() -> None:
    """A backlog that shrinks is nothing to act upon, nor is a member without partitions, nor a letter of long ago."""
    standing_by = replace(FINE, source=SourceStatus(SourceState.STANDING_BY), load=LoadStatus(LoadState.CATCHING_UP))
    assert [] == notices(FINE)
    assert [] == notices(replace(FINE, dead_letters=DeadLettersStatus(7, "map", "no_contact", "trial", 3_600.0)))
    assert [] == notices(standing_by)


@pytest.mark.parametrize(
    ("status", "tone", "words"),
    (
        (replace(FINE, source=replace(JOINED, poll_age_s=121.0)), Tone.BAD, "has not polled for 2 min"),
        (replace(FINE, source=SourceStatus(SourceState.FAILED, "SASL")), Tone.BAD, "has failed: SASL"),
        (
            replace(FINE, source=SourceStatus(SourceState.JOINING, "no broker")),
            Tone.SLOW,
            "not joined the group yet: no",
        ),
        (replace(FINE, source=SourceStatus(SourceState.DRAINING)), Tone.SLOW, "It stops"),
        (replace(FINE, source=replace(JOINED, waits_for="a schema")), Tone.SLOW, "thread waits: a schema"),
        (replace(FINE, source=replace(JOINED, records_missed=1)), Tone.BAD, "1 times a record was found missing"),
        (replace(FINE, source=replace(JOINED, positions_lost=2)), Tone.BAD, "2 times a position was not"),
        (replace(FINE, source=replace(JOINED, records_skipped_by_retention=3)), Tone.BAD, "3 records were gone"),
        (replace(FINE, mapping=MappingStatus()), Tone.BAD, "no valid mapping"),
        (replace(FINE, mapping=MappingStatus("abc", 2, refused=("x",))), Tone.BAD, "is refused"),
        (replace(FINE, mapping=MappingStatus("abc", 2, paused=True)), Tone.SLOW, "mapping is paused"),
        (
            replace(FINE, outages=(OutageStatus("c", "unauthorized", 90.0),)),
            Tone.BAD,
            "refuses the key (401), for 90 s",
        ),
        (replace(FINE, outages=(OutageStatus("c", "odd", 1.0),)), Tone.BAD, "Loops does not take it: odd, for 1 s"),
        (
            replace(FINE, load=LoadStatus(LoadState.OVERLOADED, 15.2, 10.0)),
            Tone.SLOW,
            "15.2 requests a second arrive for 10",
        ),
        (
            replace(FINE, dead_letters=DeadLettersStatus(1_007, "map", "no_contact", "trial", 59.0)),
            Tone.SLOW,
            "Dead letters since the start: 1,007, the last 59 s ago: no_contact",
        ),
        (replace(FINE, load=LoadStatus(LoadState.HELD)), Tone.SLOW, "no part of the team's limit"),
        (replace(FINE, rate=RateStatus(taken_by_others_per_s=3.0)), Tone.SLOW, "Other programs take 3 requests"),
        (replace(FINE, partitions=(PartitionStatus("t", 0, paused=("full",)),)), Tone.SLOW, "1 partition is not read"),
        (replace(FINE, partitions=(PartitionStatus("t", 0, paused=("dead_letters",)),)), Tone.BAD, "its dead letters"),
    ),
)
def test_what_a_person_should_know_is_one_sentence(status: Status, tone: Tone, words: str) -> None:
    """With how bad it is."""
    (notice,) = notices(status)
    assert (tone, True) == (notice.tone, words in notice.text), notice


def test_the_worst_comes_first_and_a_cause_hides_what_follows_from_it() -> None:
    """Calls that one reason holds back are one sentence; that nothing leaves then needs no other."""
    outages = tuple(OutageStatus(call, "unauthorized", since) for call, since in (("a", 5.0), ("b", 700.0)))
    paused = tuple(PartitionStatus("t", number, paused=("full", "mapping_paused")) for number in range(3))
    status = replace(FINE, outages=outages, partitions=paused, load=LoadStatus(LoadState.HELD))

    assert ["Loops refuses the key (401), for 12 min", "3 partitions are not read: as much is in flight as may be"] == [
        notice.text for notice in notices(status)
    ]
