"""Two mappings on the same records."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest

from consumer.mapping.rules import CompiledMapping
from consumer.preview import difference as module
from consumer.preview.difference import Change, Difference
from consumer.preview.tally import Tally
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message, mapping_of

ONE = mapping_of("when: Trial Started, send: trialStarted, event: {plan: properties.plan, seats: properties.seats}")
PRO = orjson.dumps(TRIAL)


def _compared(here: CompiledMapping, there: CompiledMapping, *values: bytes, examples_max: int = 2) -> Difference:
    found = Difference(examples_max)
    messages: Sequence[Message] = [Message(value, at=at) for at, value in enumerate(values)]
    found.take(Tally(here).take(messages), Tally(there).take(messages), wall_ms=MAY_FIRST_MS)
    return found


def test_the_same_mapping_makes_no_difference() -> None:
    """Not in one record."""
    found = _compared(ONE, ONE, PRO, PRO, b"junk")

    assert ({}, 0) == (found.changes, found.records)


def test_a_request_that_differs_names_what_differs_in_it() -> None:
    """Members alone, never their values; one may be absent on one side. Kinds count."""
    two = mapping_of("when: Trial Started, send: trialStarted, event: {plan: '\"pro\"', seats: '\"5\"', more: 'true'}")
    found = _compared(ONE, two, PRO)

    same = "send trialStarted"
    assert {Change("Trial Started", "r0", same, same, ("event.more", "event.seats")): 1} == found.changes


def test_what_only_one_makes_is_told_with_its_places() -> None:
    """The first few of them; the count is of all."""
    found = _compared(ONE, mapping_of("when: Trial Ended, send: trialEnded"), PRO, PRO, PRO)

    change = Change("Trial Started", "r0", "send trialStarted", "nothing")
    assert ({change: 3}, 3) == (found.changes, found.records)
    assert [0, 1] == [at.offset for at in found.examples[change]]


def test_what_only_the_other_makes_is_told_too() -> None:
    """With the other's rule."""
    found = _compared(mapping_of("when: Trial Ended, send: trialEnded"), ONE, PRO)

    assert [Change("Trial Started", "r0", "nothing", "send trialStarted")] == list(found.changes)


def test_a_dead_letter_and_a_stale_one_are_no_requests() -> None:
    """Each says what it is."""
    nobody = mapping_of(
        "when: Trial Started, send: trialStarted", top="format: segment\ncontact: {userId: nobody, email: nobody}"
    )
    old = orjson.dumps(TRIAL | {"timestamp": "2026-04-01T10:00:00Z"})
    letter = "dead letter, no_contact: neither email nor userId"

    assert [("send trialStarted", letter)] == [change[2:4] for change in _compared(ONE, nobody, PRO).changes]
    any_age = mapping_of("when: Trial Started, send: trialStarted, max_age: null")
    assert [("send trialStarted, dropped as stale", "send trialStarted")] == [
        change[2:4] for change in _compared(ONE, any_age, old).changes
    ]


def test_past_the_bound_changes_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names may be without end."""
    monkeypatch.setattr(module, "CHANGES_MAX", 1)
    none, every = mapping_of("when: x, send: x"), mapping_of("when: '*', send: a")
    values = [orjson.dumps(TRIAL | {"event": f"e{number}"}) for number in (0, 1, 0, 2)]
    found = _compared(none, every, *values)

    assert ([2], 2, 4) == (list(found.changes.values()), found.others, found.records)
