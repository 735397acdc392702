"""Segment's calls."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import orjson

from consumer.sandbox.people import People, Person
from consumer.sandbox.segment import Segment, encoded

AT = 1_777_629_600.25


def segment_of(seed: int) -> Segment:
    """Draws from the seed."""
    return Segment(Random(seed))  # noqa: S311 - repeatable on purpose


def anybody(*, shy: bool) -> Person:
    """Somebody who is shy or not."""
    people = People(Random(0))  # noqa: S311 - repeatable on purpose
    return next(person for person in iter(people.anybody, None) if person.shy is shy)


def test_a_call_has_the_members_that_segments_have() -> None:
    """Id, user, time, context with the library."""
    call = segment_of(1).track(anybody(shy=False), "Paid", {"total": 1}, at=AT)
    assert {"type", "event", "properties", "messageId", "userId", "anonymousId", "timestamp", "context"} <= call.keys()
    assert ("track", "Paid", {"total": 1}) == (call["type"], call["event"], call["properties"])
    assert "2026-05-01T10:00:00.250Z" == call["timestamp"]
    assert "analytics-python" == call["context"]["library"]["name"]


def test_the_context_has_the_address_of_those_who_are_not_shy() -> None:
    """An identify has everybody's."""
    segment = segment_of(1)
    open_one, shy_one = anybody(shy=False), anybody(shy=True)
    assert {"email": open_one.email} == segment.dull(open_one, at=AT)["context"]["traits"]
    assert "traits" not in segment.dull(shy_one, at=AT)["context"]
    assert shy_one.email == segment.identify(shy_one, at=AT)["traits"]["email"]


def test_a_visitor_has_no_user_id_and_no_address() -> None:
    """Only an anonymous id."""
    call = segment_of(1).dull(None, at=AT)
    assert call["userId"] is None
    assert "traits" not in call["context"]
    assert call["anonymousId"]


def test_what_is_dull_is_of_every_kind() -> None:
    """Pages most of all; a trial that costs nothing among it."""
    segment = segment_of(1)
    calls: list[dict[str, Any]] = [segment.dull(None, at=AT) for _ in range(2000)]
    kinds = Counter(call["type"] for call in calls)
    assert {"page", "screen", "track"} == kinds.keys()
    assert "page" == kinds.most_common()[0][0]
    assert "free" in {call["properties"]["plan"] for call in calls if call.get("event") == "Trial Started"}


def test_a_value_is_compact_json() -> None:
    """As libraries send it."""
    assert {"a": [1, None]} == orjson.loads(encoded({"a": [1, None]}))
    assert b'{"a":[1,null]}' == encoded({"a": [1, None]})
