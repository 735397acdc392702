"""What became of records, as far as can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from consumer.core.completions import Completions, encode
from consumer.core.effect import Committable
from consumer.core.record import Position, TopicPartition
from consumer.mapping.explaining import Explainer
from consumer.mapping.message import record_of
from consumer.why.account import Account, Accountant, Became, Letter
from consumer.why.standing import Standings
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message, mapping_of

RULES = (
    "when: Trial Started, where: properties.plan = 'pro', send: trialStarted",
    "when: Trial Started, update: true, contact: {seats: properties.seats}",
    "when: Paid, send: paid",
    "when: Trial Started, enabled: false, delete: true",
)
TP = TopicPartition("events", 0)
HOUR_MS = 3_600_000
MAPPING = 5
PASSED = {TP: Committable(100)}
"""A commit behind all of the records."""


class Telling:
    """Accounts for records, one after the other."""

    def __init__(
        self,
        commits: Mapping[TopicPartition, Committable | None] | None,
        *letters: Letter,
        rules: Sequence[str] = RULES,
    ) -> None:
        """Where the group stands, and which letters lie there, all of the record at offset 0."""
        self._explainer = Explainer(mapping_of(*rules))
        self._accountant = Accountant(
            Standings(commits, MAPPING), lambda at: letters if at.offset == 0 else (), lambda ms: ms - MAY_FIRST_MS
        )

    def take(self, at: int = 0, *, clock_ms: int = MAY_FIRST_MS, written_ms: int = MAY_FIRST_MS, **of: Any) -> Account:
        """What became of a trial that began on the first of May, with these members instead."""
        record = record_of(Message(orjson.dumps({**TRIAL, **of}), at=at, time=(1, written_ms)))
        return self._accountant.take(self._explainer.explain(record, clock_ms=clock_ms))

    def unreadable(self) -> Account:
        """What became of a record that is no JSON."""
        record = record_of(Message(b"{"))
        return self._accountant.take(self._explainer.explain(record, clock_ms=MAY_FIRST_MS))


def told(account: Account) -> list[tuple[str | None, Became]]:
    """By rule."""
    return [(outcome.rule, outcome.became) for outcome in account.outcomes]


def letter(rule: str | None = "r0", **of: Any) -> Letter:
    """A letter of that rule."""
    at = Position("letters", 0, 7)
    return Letter(at, rule, "deliver", "refused", "400 No.", "3f2a", 1, MAY_FIRST_MS, **of)


def test_what_is_finished_and_has_no_letter_was_sent() -> None:
    """By each rule that is about such an event; others, and those that are disabled, are left out."""
    assert [("r0", Became.SENT), ("r1", Became.SENT)] == told(Telling(PASSED).take())


def test_a_rule_that_said_no_says_why() -> None:
    """With what its condition saw."""
    (first, _) = Telling(PASSED).take(properties={"plan": "free"}).outcomes

    assert (Became.NOTHING, "r0") == (first.became, first.rule)
    assert first.told is not None
    assert first.told.where is not None


def test_a_letter_tells_more_than_the_rule() -> None:
    """Of its own rule alone; the last of several counts."""
    account = Telling(PASSED, letter(fate="dead_lettered"), letter()).take()

    assert [("r0", Became.DEAD_LETTER), ("r1", Became.SENT)] == told(account)
    assert letter() == account.outcomes[0].letter


def test_a_letter_that_is_done_says_what_became_of_it() -> None:
    """By a redrive."""
    account = Telling(PASSED, letter(fate="delivered", done_ms=MAY_FIRST_MS)).take()

    assert [("r0", Became.REDRIVEN), ("r1", Became.SENT)] == told(account)


def test_a_letter_of_a_rule_that_is_gone_is_told_too() -> None:
    """The mapping has changed since."""
    assert ("former", Became.DEAD_LETTER) == told(Telling(PASSED, letter("former")).take())[-1]


def test_a_record_that_cannot_be_read_has_a_letter_of_no_rule() -> None:
    """Or will have, or must have had."""
    assert [(None, Became.DEAD_LETTER)] == told(Telling(PASSED, letter(None)).unreadable())
    assert [(None, Became.LETTER_GONE)] == told(Telling(PASSED).unreadable())
    assert [(None, Became.WAITING)] == told(Telling({TP: Committable(0)}).unreadable())
    assert [(None, Became.UNKNOWN)] == told(Telling(None).unreadable())


def test_what_cannot_become_a_request_must_have_had_a_letter() -> None:
    """Once it is finished."""
    properties = {"plan": "pro", "seats": [1]}

    assert [("r0", Became.SENT), ("r1", Became.LETTER_GONE)] == told(Telling(PASSED).take(properties=properties))


def test_what_is_not_finished_waits_behind_what_came_before() -> None:
    """Each rule for itself, where one of them is final."""
    commit = Committable(0, encode(Completions(partly={0: 0b01}, mapping=MAPPING), offset=0))
    account = Telling({TP: commit}).take(written_ms=MAY_FIRST_MS + 3)

    assert [("r0", Became.SENT), ("r1", Became.WAITING)] == told(account)
    assert [None, 3] == [outcome.ahead for outcome in account.outcomes]


def test_what_will_not_be_a_request_waits_for_nobody() -> None:
    """Nor does what no group is known to read."""
    late = Telling({TP: Committable(0)}).take(clock_ms=MAY_FIRST_MS + 25 * HOUR_MS)
    nobody = Telling({}).take()

    assert [(Became.WAITING, None), (Became.WAITING, 0)] == [(one.became, one.ahead) for one in late.outcomes]
    assert [(Became.WAITING, None)] * 2 == [(one.became, one.ahead) for one in nobody.outcomes]


def test_where_the_brokers_do_not_tell_nothing_is_claimed() -> None:
    """Only what the rules make of it."""
    assert [("r0", Became.UNKNOWN), ("r1", Became.UNKNOWN)] == told(Telling(None).take())


def test_what_was_too_old_when_it_was_written_was_dropped() -> None:
    """As in a replay; an update has no age."""
    account = Telling(PASSED).take(written_ms=MAY_FIRST_MS + 25 * HOUR_MS)

    assert [("r0", Became.STALE), ("r1", Became.SENT)] == told(account)


def test_what_is_too_old_only_now_may_have_been_dropped() -> None:
    """If it was handled late, which nothing tells."""
    account = Telling(PASSED).take(clock_ms=MAY_FIRST_MS + 25 * HOUR_MS)

    assert [(Became.SENT, True), (Became.SENT, False)] == [(one.became, one.may_be_late) for one in account.outcomes]


def test_a_key_that_loops_has_taken_is_taken_once() -> None:
    """As long as it remembers it; an update has none."""
    telling = Telling(PASSED)
    telling.take(0)
    again = telling.take(1, written_ms=MAY_FIRST_MS + HOUR_MS)
    later = telling.take(2, written_ms=MAY_FIRST_MS + 26 * HOUR_MS, timestamp="2026-05-02T11:00:00Z")

    assert [("r0", Became.REPEATED), ("r1", Became.SENT)] == told(again)
    assert Position("events", 0, 0) == again.outcomes[0].same_as
    assert [("r0", Became.SENT), ("r1", Became.SENT)] == told(later)


def test_an_event_that_no_rule_is_about_comes_to_nothing() -> None:
    """Not even to a no."""
    assert [] == told(Telling(PASSED).take(event="Page Viewed"))
