"""Event ids that come again."""

from __future__ import annotations

from dataclasses import replace

from consumer.core.record import Position
from consumer.preview.repeats import Repeats
from tests.core.driving import send, update


def _at(offset: int) -> Position:
    return Position("events", 0, offset)


def test_the_same_once_more_is_a_copy() -> None:
    """Which Loops does not take twice."""
    found = Repeats()
    for offset in range(3):
        found.take(send("a"), "id-1", _at(offset))

    assert (2, 0, []) == (found.copies, found.differing, found.examples)


def test_another_thing_under_the_same_id_is_told_with_its_place() -> None:
    """Loops would take it for a copy; of the same rule, contact and event, that is."""
    found = Repeats()
    found.take(send("a"), "id-1", _at(0))
    found.take(replace(send("a"), event={"plan": "pro"}), "id-1", _at(1))
    found.take(replace(send("a"), rule="other", event={"plan": "pro"}), "id-1", _at(2))
    found.take(replace(send("b"), event={"plan": "pro"}), "id-1", _at(3))

    assert (0, 1, [_at(1)]) == (found.copies, found.differing, found.examples)


def test_what_bears_no_id_is_never_a_copy() -> None:
    """Nor is an update, of which Loops remembers none."""
    found = Repeats()
    for _ in range(2):
        found.take(send("a"), None, _at(0))
        found.take(update("a"), "id-1", _at(0))

    assert 0 == found.copies


def test_what_came_long_ago_is_forgotten() -> None:
    """After as many others at least, and twice as many at most."""
    found = Repeats(remembered_max=10)
    for number in range(10):
        found.take(send("a"), f"id-{number}", _at(number))
    found.take(send("a"), "id-0", _at(10))
    for number in range(10, 40):
        found.take(send("a"), f"id-{number}", _at(number))
    found.take(send("a"), "id-1", _at(50))

    assert 1 == found.copies
