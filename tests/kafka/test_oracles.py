"""The oracles see what they are there to see."""

from __future__ import annotations

from tests.kafka import oracles
from tests.kafka.oracles import Sighting
from tests.kafka.product import Made

A, B = 4, 9
"""Two contacts, of partitions 0 and 1."""


def test_what_neither_arrived_nor_is_a_dead_letter_is_lost() -> None:
    """A request alone is not enough: it must have taken effect."""
    seen = seen_as((A, 1, 200), (A, 2, 503), (B, 3, 400))

    assert [2, 3] == oracles.lost([Made(A, 1), Made(A, 2), Made(B, 3)], seen)
    assert [2] == oracles.lost([Made(A, 1), Made(A, 2), Made(B, 3)], seen, dead={3})


def test_an_effect_twice_is_seen_and_a_conflict_is_none() -> None:
    """409 says that Loops knew the key."""
    assert [] == oracles.twice_in_effect(seen_as((A, 1, 200), (A, 1, 409)))
    assert [1] == oracles.twice_in_effect(seen_as((A, 1, 200), (A, 1, 200)))


def test_an_event_behind_a_later_one_of_its_contact_is_out_of_order() -> None:
    """On the wire, even where the later one failed; in effect; but not where it only came again."""
    assert [] == oracles.out_of_order(seen_as((A, 1, 200), (B, 0, 200), (A, 2, 200), (A, 1, 409), (A, 3, 200)))
    assert [1] == [each.number for each in oracles.out_of_order(seen_as((A, 2, 503), (A, 1, 200)))]
    assert [1] == [each.number for each in oracles.out_of_order(seen_as((A, 1, 503), (A, 2, 200), (A, 1, 200)))]


def test_a_contact_with_two_on_the_wire_is_seen() -> None:
    """The next one came before the answer, or before the one before it was final; a kill ends what was on the wire."""
    near = seen_as((A, 1, 200), (A, 2, 200))
    unfinished = seen_as((A, 1, None), (A, 2, 200))

    assert [] == oracles.together_on_the_wire(near, latency_s=1.0)
    assert [tuple(near)] == oracles.together_on_the_wire(near, latency_s=1.5)
    assert [] == oracles.together_on_the_wire(near, latency_s=1.5, ends=[1])
    assert [tuple(unfinished)] == oracles.together_on_the_wire(unfinished)


def test_what_a_process_repeats_of_the_one_before_it_is_counted_for_each_end() -> None:
    """Not a try after an answer that nothing was done, nor what one process does twice by itself."""
    first, second, third = ((A, 1, 200), (B, 2, None), (B, 2, None)), ((A, 1, 409), (B, 2, 503)), ((B, 2, 200),)
    seen = seen_as(*first, *second, *third)

    assert [[1, 2], []] == oracles.again(seen, ends=[3, 5])
    assert [3, 4, 5] == [each.n for _, each in oracles.repeated(seen)]


def test_the_longest_silence_of_each_partition_is_measured() -> None:
    """In seconds; requests come a second apart here. Who measures may leave some out."""
    seen = seen_as((A, 1, 200), (B, 2, 200), (B, 3, 200), (A, 4, 200))

    assert {0: 3.0, 1: 1.0} == oracles.silences_s(seen)
    assert {0: 2.5, 1: 0.5} == oracles.silences_s(seen, lambda began, ended: ended - began - 0.5)


def test_the_fullest_second_is_found_wherever_it_begins() -> None:
    """A window's end is not part of it."""
    assert 3 == oracles.most_within([0.0, 0.75, 1.0, 1.5, 1.75])
    assert 1 == oracles.most_within([0.0, 1.0])
    assert 0 == oracles.most_within([])


def seen_as(*told: tuple[int, int, int | None]) -> list[Sighting]:
    """Sightings a second apart, each told as contact, number and status; 200 takes effect."""
    return [
        Sighting(n, float(n), user, number, f"key-{number}", status, status == 200)
        for n, (user, number, status) in enumerate(told, 1)
    ]
