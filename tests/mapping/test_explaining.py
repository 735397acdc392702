"""Why a record came to what it came to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from consumer.core.record import Record, Rejection
from consumer.core.request import SendEvent
from consumer.mapping.explaining import Explainer, Explanation, Verdict
from consumer.mapping.formats.format import Event
from consumer.mapping.formats.segment import Segment
from consumer.mapping.rules import CompiledMapping
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of, plans_of

DAY_MS = 86_400_000


def explained(mapping: CompiledMapping, value: Any, *, clock_ms: int = MAY_FIRST_MS) -> Explanation:
    """What is said of one event, or of these bytes, or of no value."""
    content = value if value is None or isinstance(value, bytes) else orjson.dumps(value)
    record = Record("events", 0, 0, MAY_FIRST_MS, b"key", content)
    return Explainer(mapping).explain(record, clock_ms=clock_ms)


def test_each_rule_says_what_it_came_to() -> None:
    """In the order of the file, whether it wants the event or not."""
    mapping = mapping_of(
        "when: Other, send: a",
        "when: Trial Started, where: properties.seats > 9, send: a",
        "when: Trial Started, where: properties.seats > 3, send: a",
        "when: Trial Started, update: true, contact: {p: properties}",
        "when: Trial Started, update: true",
    )

    told = explained(mapping, TRIAL)

    assert [Verdict.WHEN, Verdict.WHERE, Verdict.REQUEST, Verdict.DEAD_LETTER, Verdict.REQUEST] == [
        rule.verdict for rule in told.rules
    ]
    assert ("Trial Started", False) == (told.rules[0].asked[0].seen, told.rules[0].asked[0].holds)
    assert [None, "properties.seats > 9 \N{RIGHTWARDS ARROW} false (5 > 9)"] == [
        rule.where and rule.where.lines[0] for rule in told.rules[:2]
    ]
    assert Rejection("value", "contact.p is an object; Loops takes text, numbers, true and false", "r3") == (
        told.rules[3].plan
    )


def test_a_disabled_rule_is_told_last_and_makes_nothing() -> None:
    """With what it would have wanted."""
    told = explained(mapping_of("when: T*, send: a, enabled: false", "when: Trial Started, update: true"), TRIAL)

    assert [("r1", Verdict.REQUEST), ("r0", Verdict.DISABLED)] == [(each.rule.id, each.verdict) for each in told.rules]
    assert told.rules[1].asked[0].holds


def test_the_requests_are_those_that_reading_the_topic_makes() -> None:
    """The same values, in the same order."""
    mapping = mapping_of("when: Trial Started, send: a, event: {plan: properties.plan}", "when: T*, update: true")

    told = explained(mapping, TRIAL)

    assert plans_of(mapping, TRIAL) == told.requests
    assert [rule.plan for rule in told.rules] == list(told.requests)


def test_what_is_too_old_at_the_clock_is_no_request() -> None:
    """It is told all the same, with what it would have been."""
    mapping = mapping_of("when: Trial Started, send: a", "when: Trial Started, update: true")

    in_time = explained(mapping, TRIAL, clock_ms=MAY_FIRST_MS + DAY_MS)
    late = explained(mapping, TRIAL, clock_ms=MAY_FIRST_MS + DAY_MS + 1)

    assert [Verdict.REQUEST, Verdict.REQUEST] == [rule.verdict for rule in in_time.rules]
    assert [Verdict.STALE, Verdict.REQUEST] == [rule.verdict for rule in late.rules]
    assert isinstance(late.rules[0].plan, SendEvent)
    assert MAY_FIRST_MS == late.time_ms


def test_an_address_that_recipients_does_not_take_is_told() -> None:
    """The one that was looked at, though the rule sends the userId alone."""
    top = 'format: segment\nrecipients: ["*@example.org"]'
    mapping = mapping_of("when: Trial Started, send: a, identity: userId", top=top)

    (told,) = explained(mapping, TRIAL).rules
    (without,) = explained(mapping, TRIAL | {"context": {}}).rules

    assert (Verdict.RECIPIENTS, "user@example.com") == (told.verdict, told.address)
    assert (Verdict.RECIPIENTS, None) == (without.verdict, without.address)


def test_a_condition_that_fails_is_a_dead_letter_with_its_reason() -> None:
    """In JSONata's words, which may quote the event."""
    (told,) = explained(mapping_of("when: Trial Started, where: properties.plan > 1, send: a"), TRIAL).rules

    assert isinstance(told.plan, Rejection)
    assert (Verdict.DEAD_LETTER, None) == (told.verdict, told.where and told.where.said)


@pytest.mark.parametrize(
    ("value", "unreadable"),
    ((b"", "the value is empty"), (b"[1]", "the value is JSON, and no object"), (b'{"type": 1}', "type is not text")),
)
def test_what_cannot_be_read_is_a_dead_letter(value: bytes, unreadable: str) -> None:
    """Whatever the rules."""
    told = explained(mapping_of("when: A, send: a"), value)

    assert (unreadable, True, None, ()) == (told.unreadable, told.dead_letter, told.event, told.rules)


def test_what_no_rule_wants_by_its_name_is_passed_over_though_the_rest_is_damaged() -> None:
    """As it is where it is read from the topic."""
    damaged = b'{"type": "track", "event": "Other", "userId": "\xff"}'

    unwanted = explained(mapping_of("when: A, send: a"), damaged)
    wanted = explained(mapping_of("when: Other, send: a"), damaged)

    assert unwanted.unreadable == wanted.unreadable == "the value is not JSON in UTF-8, or is nested too deep"
    assert [False, True] == [unwanted.dead_letter, wanted.dead_letter]


def test_a_null_value_means_nothing() -> None:
    """It is passed over."""
    told = explained(mapping_of("when: A, send: a"), None)

    assert (None, None, False, ()) == (told.event, told.unreadable, told.dead_letter, told.requests)


def test_a_topic_without_a_format_is_told() -> None:
    """Its records are dead letters."""
    told = explained(mapping_of("when: A, send: a", top="format: {others: segment}"), TRIAL)

    assert ("the mapping has no format for this topic", True) == (told.unreadable, told.dead_letter)


@pytest.mark.parametrize(
    ("rule", "event", "slots"),
    (
        ("send: a", TRIAL, (1, 1)),
        ("delete: true", TRIAL, (1, 2)),
        ("delete: true", TRIAL | {"context": {}}, (1, 1)),
        ("delete: true, identity: email", TRIAL, (1, 1)),
        ("send: a, max_age: 1s", TRIAL | {"timestamp": "2026-01-01T00:00:00Z"}, (0, 0)),
    ),
)
def test_a_delete_that_finds_no_user_may_take_two(rule: str, event: dict[str, Any], slots: tuple[int, int]) -> None:
    """Of the team's requests a second; what is not sent takes none."""
    assert slots == explained(mapping_of(f"when: Trial Started, {rule}"), event).slots


@pytest.mark.parametrize(
    ("rules", "fate"),
    (
        (("create: true, identity: email", "update: true, contact: {p: properties}"), "dead_lettered"),
        (("send: a, max_age: 1s", "update: true"), "delivered"),
        (("send: a, max_age: 1s", "update: true, where: false"), "stale"),
        (("update: true, where: false",), "filtered"),
    ),
)
def test_a_record_of_several_rules_has_the_first_of_their_fates(rules: tuple[str, ...], fate: str) -> None:
    """A dead letter before a delivery, that before stale."""
    mapping = mapping_of(*(f"when: Trial Started, {rule}" for rule in rules))

    assert fate == explained(mapping, TRIAL, clock_ms=MAY_FIRST_MS + DAY_MS).fate


@dataclass(frozen=True, kw_only=True)
class Before(Segment):
    """Events that tell what was so before."""

    def event(self, *record: Any) -> Event:
        """As Segment's."""
        return replace(super().event(*record), triggers=False)


def test_what_was_so_before_sends_nothing() -> None:
    """It may update."""
    mapping = mapping_of("when: Trial Started, send: a", "when: Trial Started, update: true")
    form = Before()
    rules = tuple(replace(rule, programs={form: next(iter(rule.programs.values()))}) for rule in mapping.rules)

    told = explained(replace(mapping, formats=form, rules=rules), TRIAL)

    assert [Verdict.SNAPSHOT, Verdict.REQUEST] == [rule.verdict for rule in told.rules]
