"""The comparison finds each way in which what arrived can differ from what had to."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from consumer.sandbox.arrivals import Arrival, Comparison, arrival_of, compare
from tests.sandbox.asking import Asker


def arrival(user: str, mark: str) -> Arrival:
    """An event of a user."""
    return Arrival(user, "sendEvent", "paid", mark)


A1, A2, A3 = (arrival("a", mark) for mark in "123")
B1, B2 = (arrival("b", mark) for mark in "12")
ALL = [A1, B1, A2, B2, A3]


def test_the_same_is_equal() -> None:
    """Nothing is missing, twice, out of order or unexpected."""
    assert Comparison(5, 5) == compare(ALL, ALL)
    assert compare(ALL, ALL).equal
    assert compare([], []).equal


def test_users_may_be_interleaved_in_another_way() -> None:
    """There is an order for each user alone."""
    assert compare(ALL, [B1, B2, A1, A2, A3]).equal


@pytest.mark.parametrize("lost", ALL)
def test_one_that_did_not_come_is_missing(lost: Arrival) -> None:
    """And nothing else is wrong with the others."""
    assert Comparison(5, 4, missing=(lost,)) == compare(ALL, [each for each in ALL if each != lost])


@pytest.mark.parametrize("place", range(1, 6))
def test_one_that_came_again_is_there_twice(place: int) -> None:
    """Wherever it came."""
    came = [*ALL[:place], A1, *ALL[place:]]
    assert Comparison(5, 6, twice=(A1,)) == compare(ALL, came)


def test_one_that_came_three_times_is_there_twice_two_times() -> None:
    """Each that is too many counts."""
    assert (A1, A1) == compare(ALL, [*ALL, A1, A1]).twice


def test_one_that_came_after_a_later_one_is_out_of_order() -> None:
    """Of the same user."""
    assert Comparison(5, 5, out_of_order=(A1,)) == compare(ALL, [A2, B1, A1, B2, A3])
    assert Comparison(5, 5, out_of_order=(A1, A2)) == compare(ALL, [A3, B1, A1, B2, A2])


def test_one_that_nobody_expects_is_unexpected() -> None:
    """A deletion of a user who stays, say."""
    gone = Arrival("a", "deleteContact")
    assert Comparison(5, 6, unexpected=(gone,)) == compare(ALL, [*ALL, gone])


def test_equal_ones_count_as_often_as_they_are_expected() -> None:
    """Two of them are two."""
    assert compare([A1, A1], [A1, A1]).equal
    assert (A1,) == compare([A1, A1], [A1]).missing
    assert (A1,) == compare([A1, A1], [A1, A1, A1]).twice


@pytest.mark.parametrize("seed", range(20))
def test_any_change_at_all_is_seen(seed: int) -> None:
    """One dropped, one doubled, or two neighbours of a user changed over."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    expected = [arrival(f"u{number % 7}", str(number)) for number in range(70)]
    place = random.randrange(60)
    dropped = [*expected[:place], *expected[place + 1 :]]
    doubled = [*expected, expected[place]]
    swapped = expected.copy()
    swapped[place], swapped[place + 7] = swapped[place + 7], swapped[place]
    assert not any(compare(expected, came).equal for came in (dropped, doubled, swapped))


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    (
        (
            "POST",
            "/events/send",
            {"eventName": "paid", "eventProperties": {"orderId": "o1"}},
            ("sendEvent", "paid", "o1"),
        ),
        (
            "POST",
            "/events/send",
            {"eventName": "paid", "eventProperties": {"plan": "pro"}},
            ("sendEvent", "paid", "pro"),
        ),
        ("POST", "/events/send", {"eventName": "paid", "plan": "pro"}, ("sendEvent", "paid", "")),
        ("PUT", "/contacts/update", {"plan": "pro"}, ("updateContact", None, "pro")),
        ("PUT", "/contacts/update", {"firstName": "A"}, ("updateContact", None, "")),
        ("POST", "/contacts/create", {"plan": "pro"}, ("createContact", None, "")),
    ),
)
def test_an_arrival_has_what_tells_it_from_the_users_others(
    method: str, path: str, body: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """The order of an order, the plan of a change."""
    asker = Asker()
    assert 200 == asker.ask(method, path, {"email": "a@example.com", "userId": "u1", **body})[0]
    (entry,) = asker.model.journal
    assert ("u1", *expected) == arrival_of(entry)


def test_what_has_no_effect_does_not_arrive() -> None:
    """A refusal, a repeat, and a look."""
    asker = Asker()
    asker.send("k1", eventName="")
    asker.ask("POST", "/contacts/delete", {"userId": "nobody"})
    asker.ask("GET", "/api-key")
    assert [None] * 3 == [arrival_of(entry) for entry in asker.model.journal]
