"""Which events of rules that act once this process has sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.core.once import KEYS_MAX, OnceKeys
from consumer.core.outcome import Outcome
from consumer.core.terms import Terms
from tests.core.driving import BUSY, CONFLICT, DONE, REFUSED, send, update

ONCE = Terms(once=True)


def test_only_a_200_tells_that_it_took_effect() -> None:
    """A 409 may be about another's event, of which only Loops knows when it was."""
    keys = OnceKeys()
    keys.answered(send("taken", terms=ONCE), DONE)
    for user, outcome in (("used", CONFLICT), ("refused", REFUSED), ("failed", BUSY)):
        keys.answered(send(user, terms=ONCE), outcome)
    assert [True, False, False, False] == [
        keys.has(send(user, terms=ONCE)) for user in ("taken", "used", "refused", "failed")
    ]


@pytest.mark.parametrize("outcome", (DONE, CONFLICT))
def test_a_rule_that_does_not_act_once_is_not_remembered(outcome: Outcome) -> None:
    """Its key is of one event; and what is no event has none."""
    keys = OnceKeys()
    keys.answered(send("a"), outcome)
    keys.answered(update("a", terms=ONCE), outcome)
    assert not keys.has(send("a", terms=ONCE))
    keys.answered(send("b", terms=ONCE), DONE)
    assert not keys.has(send("b"))


def test_a_refusal_before_it_makes_no_other_event_of_it() -> None:
    """A dead letter that is sent again goes out with a number behind its key, and is remembered without."""
    keys = OnceKeys()
    keys.answered(replace(send("a", terms=ONCE), refusals=2), DONE)
    assert keys.has(send("a", terms=ONCE))


def test_the_oldest_keys_are_forgotten() -> None:
    """Loops then says the same."""
    keys = OnceKeys()
    for number in range(KEYS_MAX + 1):
        keys.answered(replace(send("a", terms=ONCE), idempotency_key=str(number)), DONE)
    assert (False, True) == (
        keys.has(replace(send("a", terms=ONCE), idempotency_key="0")),
        keys.has(replace(send("a", terms=ONCE), idempotency_key="1")),
    )
