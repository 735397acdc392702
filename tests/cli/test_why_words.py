"""What became of a record, in words."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.cli.why_words import MARKS, counted, said
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.why.account import Became
from tests.cli.why_answers import HOUR_MS, WAITS, answer_of, letter_of
from tests.mapping.making import MAY_FIRST_MS

ONCE = ("when: Trial Started, send: trialStarted, once: day, max_age: 24h",)
ARRAY = ("when: Trial Started, update: true, contact: {p: properties}",)


def words(*events: Any, **of: Any) -> tuple[str, str]:
    """Mark and words of the last record's first rule."""
    answer = answer_of(*(events or ({},)), **of)
    account = answer.accounts[-1]
    outcome = account.outcomes[0]
    return MARKS[outcome.became], said(outcome, account, answer)


@pytest.mark.parametrize(
    ("of", "expected"),
    (
        ({}, ("sent", "")),
        (
            {"clock_ms": MAY_FIRST_MS + 25 * HOUR_MS},
            ("sent", "unless it was handled more than 1 d after it happened: then it was dropped"),
        ),
        (
            {"written_ms": MAY_FIRST_MS + 25 * HOUR_MS},
            ("stale", "dropped: 1 d 1 h old when it was written; max_age is 1 d"),
        ),
        (
            {"letters": [letter_of()]},
            ("dead letter", "refused: 400 No; first failed TIME, tried 1 time; see: dead-letters show 0:7"),
        ),
        (
            {"letters": [letter_of(mapping="3f2a", attempts=8)]},
            (
                "dead letter",
                (
                    "refused: 400 No; first failed TIME, tried 8 times, by another mapping (3f2a);"
                    " see: dead-letters show 0:7"
                ),
            ),
        ),
        (
            {"letters": [letter_of(fate="delivered", done_ms=MAY_FIRST_MS, attempts=0)]},
            ("sent again", "it was a dead letter (refused: 400 No; first failed TIME); since TIME: delivered"),
        ),
        (
            {"rules": ARRAY},
            (
                "dead letter",
                (
                    "value: contact.p is an object; Loops takes text, numbers, true and false;"
                    " so it must have become one, and lies there no more"
                ),
            ),
        ),
        ({"commits": WAITS}, ("waiting", "about 1,240 requests are before it: 2 min 4 s at 10 a second, an estimate")),
        ({"commits": WAITS, "ahead": 10}, ("waiting", "it is being sent, or is next")),
        (
            {"commits": WAITS, "clock_ms": MAY_FIRST_MS + 24 * HOUR_MS - 60_000},
            (
                "waiting",
                (
                    "about 1,240 requests are before it: 2 min 4 s at 10 a second, an estimate;"
                    " by then it is too old, and dropped"
                ),
            ),
        ),
        (
            {"commits": WAITS, "clock_ms": MAY_FIRST_MS + 25 * HOUR_MS},
            ("waiting", "not handled yet; it is dropped: 1 d 1 h old; max_age is 1 d"),
        ),
        (
            {"commits": WAITS, "rules": ARRAY},
            (
                "waiting",
                (
                    "not handled yet; it becomes a dead letter: value: contact.p is an object;"
                    " Loops takes text, numbers, true and false"
                ),
            ),
        ),
        (
            {"commits": WAITS, "group": {"members": 0}},
            ("waiting", "not handled yet: no consumer is in the group readers"),
        ),
        (
            {"commits": WAITS, "top": "format: segment\npaused: true"},
            ("waiting", "not handled yet: the mapping says paused: true"),
        ),
        (
            {"commits": {}, "clock_ms": MAY_FIRST_MS + 25 * HOUR_MS},
            (
                "waiting",
                (
                    "not handled yet: the group has committed nothing of this partition;"
                    " it is dropped: 1 d 1 h old; max_age is 1 d"
                ),
            ),
        ),
        (
            {"commits": None},
            ("unknown", "it is sent, or was: what the group has finished the brokers do not tell"),
        ),
    ),
)
def test_what_became_of_a_record_is_said_in_a_line(of: dict[str, Any], expected: tuple[str, str]) -> None:
    """With what follows from it, and no more than is known."""
    mark, line = words(**of)

    assert expected == (mark, line.replace("2026-05-01T10:00:00.000Z", "TIME"))


def test_a_rule_that_said_no_quotes_what_it_saw() -> None:
    """For whoever asked about the person."""
    mark, line = words({"properties": {"plan": "free"}})

    assert ("filtered", "where: properties.plan != 'free' \N{RIGHTWARDS ARROW} false") == (mark, line[:40])


def test_a_repeated_key_names_the_record_that_had_it_first() -> None:
    """And says why it is the same."""
    before = "events:0:0 was sent before, and"

    assert ("repeat", f"{before} it has the same key: Loops takes no second one") == words({}, {})
    assert ("repeat", f"{before} the rule sends once: Loops takes no second one") == words(
        {}, {"messageId": "another"}, rules=ONCE
    )


def test_what_a_send_says_of_its_contact_may_go_without_it() -> None:
    """Where it is capped; and where it is too old, if its rule says so."""
    rule = "when: Trial Started, send: trialStarted, max_age: 24h, contact: {plan: properties.plan}"
    goes = "what it says of the contact goes as an update"
    capped = words({}, {"messageId": "another"}, rules=(f"{rule}, once: day",))
    old = words(rules=(f"{rule}, stale: update",), written_ms=MAY_FIRST_MS + 25 * HOUR_MS)

    assert f"the rule sends once: Loops takes no second one; {goes}" == capped[1].partition(", and ")[2]
    assert f"not sent, and {goes}: 1 d 1 h old when it was written; max_age is 1 d" == old[1]


def test_a_record_that_cannot_be_read_says_why() -> None:
    """Whatever became of it."""
    why = "the value is not JSON in UTF-8, or is nested too deep"
    waits = {TopicPartition("events", 0): Committable(0)}

    assert ("dead letter", f"{why}; so it must have become one, and lies there no more") == words(b"{")
    assert ("waiting", f"not handled yet; it becomes a dead letter: {why}") == words(b"{", commits=waits)


def test_what_became_is_counted_in_words() -> None:
    """Dead letters that lie there and that must have, together; nothing that is not there."""
    counts = {Became.SENT: 2, Became.DEAD_LETTER: 1, Became.LETTER_GONE: 1, Became.STALE: 1, Became.NOTHING: 3}

    assert "2 sent, 1 too old, 2 dead letters, 3 filtered" == counted(counts)
    assert "1 dead letter" == counted({Became.LETTER_GONE: 1})
    assert "" == counted({})
