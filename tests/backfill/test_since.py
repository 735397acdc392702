"""What is known of contacts since a backfill began."""

from __future__ import annotations

import pytest

from consumer.backfill.deletes import TooManyContacts
from consumer.backfill.since import Since, Touched, touched_by
from consumer.core.record import Plan, Received, Record, Rejection, TopicPartition, Wanted
from tests.backfill.making import create, delete, send, update

DAY_MS = 86_400_000


def touched(*plans: Plan, clock_ms: int = 2_000) -> list[Touched]:
    """What these do, handled at that moment."""
    record = Record("events", 0, 1, 1_000, None, b"")
    batch = {TopicPartition("events", 0): Received([(1, 1)], 1, [Wanted(record, plans)])}
    return list(touched_by(batch, clock_ms=clock_ms))


def test_events_and_updates_set_what_they_say_and_deletes_delete() -> None:
    """A create changes nothing where the contact is there, and what is rejected does nothing."""
    found = touched(send(plan="pro"), update(seats=None), create(name="x"), delete(), send(), Rejection("value", "no"))

    assert [
        Touched(("uu1",), frozenset({"plan"})),
        Touched(("uu1",), frozenset({"seats"})),
        Touched(("uu1",), None),
    ] == found


def test_what_is_too_old_when_it_is_handled_does_nothing() -> None:
    """The consumer beside does not send it either."""
    assert [] == touched(send(plan="pro"), update(plan="pro"), clock_ms=2 * DAY_MS)


def test_names_are_those_set_since_by_any_of_a_body_s_identifiers() -> None:
    """Of all requests together; of an address in any case."""
    since = Since()
    since.take([Touched(("uu1",), frozenset({"plan"})), Touched(("ea@example.com",), frozenset({"seats"}))])
    since.take([Touched(("uu1",), frozenset({"name"}))])

    assert {"plan", "name", "seats"} == since.names({"userId": "u1", "email": "A@Example.com"})
    assert {"plan", "name"} == since.names({"userId": "u1"})
    assert set() == since.names({"userId": "u2", "email": None})


def test_who_was_deleted_since_is_gone_though_made_again() -> None:
    """All of the past is older than that."""
    since = Since()
    since.take([Touched(("uu1", "ea@example.com"), None), Touched(("uu1",), frozenset({"plan"}))])

    assert since.gone(("uu1",))
    assert since.gone(("uu2", "ea@example.com"))
    assert not since.gone(("uu2",))
    assert set() == since.names({"userId": "u1"})


def test_more_than_can_be_known_are_refused() -> None:
    """To forget one would be to set something back."""
    since = Since(identifiers_max=2)
    since.take(Touched((lane,), frozenset({"plan"})) for lane in ("ua", "ub", "ua"))

    with pytest.raises(TooManyContacts, match="cannot be told any more"):
        since.take([Touched(("uc",), None)])
