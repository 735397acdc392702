"""What stands where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from consumer.infer.shapes import PLACES_MAX, VALUES_MAX, Kind, Place, Shape, Shapes, key_of


def _shape(values: Iterable[Any], key: str = "plan") -> Shape:
    found = Shapes()
    for value in values:
        found.add({key: value})
    return found.found[key,]


def test_places_are_told_with_how_often_something_stands_there() -> None:
    """Null is nothing; of a list of objects the first counts."""
    found = Shapes()
    found.add({"a": {"b": 1}, "list": [{"c": "x"}, {"d": "y"}], "n": None})
    found.add({"a": {"b": 2}, "list": ["x"], "n": 5})

    places: list[Place] = [("a", "b"), ("list", 0, "c"), ("list",), ("n",), ("absent",)]
    assert [1.0, 0.5, 0.5, 0.5, 0.0] == [found.share(place) for place in places]
    assert ["b", "c", "list"] == [key_of(place) for place in places[:3]]


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    (
        ("plan", "pro", Kind.TEXT),
        ("to", "user@example.com", Kind.ADDRESS),
        ("at", "2026-05-01T10:00:00Z", Kind.DATE),
        ("day", "2026-05-01", Kind.DATE),
        ("phone", "2026-x", Kind.TEXT),
        ("seats", 5, Kind.NUMBER),
        ("created_at", 1_777_629_600, Kind.DATE),
        ("total", 1_777_629_600, Kind.NUMBER),
        ("paid", True, Kind.BOOLEAN),
        ("tags", ["a"], Kind.LIST),
        ("nothing", None, Kind.NULL),
    ),
)
def test_a_value_has_a_kind(key: str, value: Any, kind: Kind) -> None:
    """A number is a date only where its key says so, too."""
    assert kind is _shape([value], key).kind


def test_the_kind_is_that_of_most_values() -> None:
    """Null says nothing of it."""
    found = _shape([None, None, None, 5, 6, "x"])

    assert (Kind.NUMBER, 3) == (found.kind, found.present)


def test_few_words_that_came_often_are_shown() -> None:
    """The most frequent first."""
    assert ("pro", "free", "plan-2") == _shape(["free"] * 4 + ["pro"] * 5 + ["plan-2"] * 3).words


@pytest.mark.parametrize(
    "values",
    (
        ["pro"] * 9 + ["free"],
        ["pro", "free"],
        [f"plan-{number}" for number in range(VALUES_MAX + 1)] * 5,
        ["user@example.com"] * 9,
        ["+43 660 1234567"] * 9,
        ["1234"] * 9,
        ["pro"] * 9 + ["0f6ccd72-8c2a-4a0b-9d3e-000000000001"] * 9,
        ["two words and then some more of them that say a lot"] * 9,
        [5] * 9,
    ),
)
def test_other_values_are_not(values: list[Any]) -> None:
    """What is seldom, or too many, or looks like an address or a number of anything."""
    assert () == _shape(values).words


@pytest.mark.parametrize(
    "key", ("firstName", "first_name", "email", "city", "user_id", "id_card", "message", "ip", "userAgent")
)
def test_of_keys_that_may_be_about_a_person_no_value_is_shown(key: str) -> None:
    """However often it comes."""
    assert () == _shape(["Test"] * 9, key).words


def test_the_longest_text_is_known() -> None:
    """Loops takes no more than so many characters."""
    assert 600 == _shape(["a", "x" * 600, "b"]).longest


def test_places_and_depth_have_a_bound() -> None:
    """Whatever a record holds."""
    found = Shapes()
    deep: dict[str, Any] = {}
    for _ in range(1_000):
        deep = {"a": deep}
    found.add({f"key-{number}": number for number in range(PLACES_MAX * 2)} | {"deep": deep})

    assert PLACES_MAX == len(found.found)
