"""Effects."""

from __future__ import annotations

from consumer.core.effect import Attempt, Fate, Letter, Send
from consumer.core.request import HttpRequest
from tests.core.driving import record, requests, send


def test_fates_stand_in_the_order_of_their_weight() -> None:
    """A record with several rules takes the first of them."""
    assert [
        "dead_lettered",
        "delivered",
        "capped",
        "stale",
        "unchanged",
        "filtered",
        "already_finished",
    ] == [fate.value for fate in Fate]


def test_no_effect_shows_a_contact() -> None:
    """Effects are logged."""
    request: HttpRequest = send("u1", "user@example.com").http()
    attempt = Attempt(1, request, lanes=("euser@example.com", "uu1"))
    letter = Letter(1, record(0), "deliver", "refused", "400")
    assert [request] == requests([Send(attempt)])
    for text in (repr(Send(attempt)), repr(letter)):
        assert "example.com" not in text
        assert "uu1" not in text
