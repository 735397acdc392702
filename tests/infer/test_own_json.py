"""Where objects of one's own making have name, id and time."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.infer.own_json import OwnJson, own_json


def _found(make: Any, count: int = 40) -> OwnJson:
    return own_json([make(number) for number in range(count)])


def test_the_likeliest_keys_are_found_wherever_they_stand() -> None:
    """Down to the third level."""
    found = _found(
        lambda number: {
            "meta": {"type": f"invoice.{number % 3}", "id": f"e{number}", "at": 1_777_629_600 + number},
            "customer": {"name": f"Person {number}"},
        }
    )

    assert OwnJson(("meta", "type"), ("meta", "id"), ("meta", "at")) == found


def test_a_name_that_is_different_each_time_is_none() -> None:
    """It is somebody's, or something's."""
    assert OwnJson() == _found(lambda number: {"name": f"Person {number}"})


def test_a_key_that_says_more_comes_before_one_that_says_the_same_each_time() -> None:
    """``type: event`` in all of them names nothing."""
    assert ("action",) == _found(lambda number: {"event": "event", "action": f"a{number % 4}"}).event


def test_what_is_not_in_most_of_them_does_not_count() -> None:
    """Nor what is an address."""
    found = _found(lambda number: {"event": "a"} if number % 2 else {"name": "user@example.com"})

    assert OwnJson() == found


@pytest.mark.parametrize("count", (1, 19))
def test_of_few_objects_no_id_can_be_told(count: int) -> None:
    """That no two are the same says little."""
    assert None is _found(lambda number: {"event": "a", "id": number}, count).id


def test_keys_that_cannot_be_joined_by_dots_are_left_out() -> None:
    """A mapping could not name them."""
    assert OwnJson() == _found(lambda _: {"a.b": {"event": "x"}, " ": {"time": 1_777_629_600}})


def test_the_format_reads_what_was_found() -> None:
    """Without the id: whether it is the event's own only a person can tell."""
    form = OwnJson(("meta", "type"), ("id",), None).format

    assert ((("meta", "type"),), None, ()) == (form.name_paths, form.id_path, form.time_paths)
