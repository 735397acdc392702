"""Which requests become one, and what that one says."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from consumer.core.merging import may_carry, merged
from consumer.core.request import Request, SendEvent, Value
from consumer.core.terms import Terms
from tests.core.driving import create, delete, send, update

DROPPED = Terms(unknown_dropped=True)
WAITS = Terms(unknown_wait_s=60.0)
BUDGET = Terms(max_per_hour=10)


def told_by(newer: Request, older: Request) -> bool:
    """With both switches on."""
    return may_carry(newer, older, updates=True, into_events=True)


def event(**contact: Value) -> SendEvent:
    """Of contact ``a``."""
    return replace(send("a"), contact=contact)


def test_an_update_is_told_by_an_update_or_an_event_behind_it() -> None:
    """Each by its own switch."""
    for newer, which in ((update("a"), "updates"), (send("a"), "into_events")):
        others = {"updates": False, "into_events": False}
        assert may_carry(newer, update("a"), **{**others, which: True})
        assert not may_carry(newer, update("a"), **{name: name != which for name in others})


@pytest.mark.parametrize(
    ("newer", "older"),
    (
        (send("a"), send("a")),
        (update("a"), send("a")),
        (delete("a", None), update("a")),
        (update("a"), delete("a", None)),
        (create("a", "a@x.test"), update("a", "a@x.test")),
        (update("a", "a@x.test"), create("a", "a@x.test")),
    ),
)
def test_nothing_else_becomes_one(newer: Request, older: Request) -> None:
    """Two events, what comes after one, a delete and a create."""
    assert not told_by(newer, older)


def test_who_it_is_about_must_be_the_same_to_the_letter() -> None:
    """Two addresses that share a lane are two contacts, and each identifier counts."""
    older = update("a", "a@x.test")
    assert told_by(update("a", "a@x.test"), older)
    others = [update("a"), update(None, "a@x.test"), update("a", "A@x.test"), update("b", "a@x.test")]
    assert [False] * 4 == [told_by(newer, older) for newer in others]


def test_what_is_counted_or_needs_its_contact_goes_alone() -> None:
    """By its userId alone it makes none; with an email it needs nobody."""
    assert not told_by(update("a"), update("a", terms=BUDGET))
    assert not told_by(update("a", terms=BUDGET), update("a"))
    assert told_by(send("a", terms=BUDGET), update("a"))
    for terms in (DROPPED, WAITS):
        assert not told_by(update("a"), update("a", terms=terms))
        assert not told_by(update("a", terms=terms), update("a"))
        assert not told_by(send("a", terms=terms), update("a"))
        assert told_by(send("a", "a@x.test", terms=terms), update("a", "a@x.test", terms=terms))


def test_an_event_tells_nothing_of_which_it_says_otherwise() -> None:
    """A property or a list of another value; where both say the same it does."""
    older = update("a", contact={"plan": "pro", "seats": 1}, lists={"x": True})
    assert [True, True, True] == [told_by(event(**told), older) for told in ({}, {"plan": "pro"}, {"role": "owner"})]
    assert [False] * 3 == [
        told_by(event(**told), older) for told in ({"plan": "free"}, {"seats": True}, {"plan": None})
    ]
    assert not told_by(replace(event(), lists={"x": False}), older)
    assert told_by(replace(event(), lists={"x": True, "y": False}), older)


def test_one_says_what_both_say_and_the_newer_one_last() -> None:
    """Contact properties and lists alike; a value of null is one."""
    older = update("a", contact={"plan": "pro", "seats": 1, "role": "owner"}, lists={"x": True, "y": True})
    newer = update("a", contact={"plan": "free", "seats": None}, lists={"x": False})
    body = orjson.loads(merged(newer, older).http().body or b"")
    assert {
        "userId": "a",
        "plan": "free",
        "seats": None,
        "role": "owner",
        "mailingLists": {"x": False, "y": True},
    } == body


def test_an_event_stays_the_event_that_it_was() -> None:
    """Its key, its name and its own properties."""
    newer = replace(event(role="owner"), event={"total": 3})
    one = merged(newer, update("a"))
    assert isinstance(one, SendEvent)
    assert (newer.http().idempotency_key, {"total": 3}) == (one.http().idempotency_key, one.event)
    assert {"plan": "pro", "role": "owner"} == one.contact
    assert (newer.rule, newer.event_time_ms, newer.terms) == (one.rule, one.event_time_ms, one.terms)


def test_two_events_are_never_one() -> None:
    """To ask for it is a fault of the program."""
    with pytest.raises(TypeError):
        merged(send("a"), send("a"))
