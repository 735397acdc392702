"""What a rule came to, in words."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from consumer.cli.rule_words import mark, reason, shown, span, where_lines
from consumer.core.record import Record
from consumer.mapping.explaining import Explainer
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of

ARROW = "\N{RIGHTWARDS ARROW}"


def words(rule: str, event: dict[str, Any] = TRIAL, *, top: str = "format: segment") -> tuple[str, str, list[str]]:
    """Of one rule and one event, an hour after it."""
    record = Record("events", 0, 0, MAY_FIRST_MS, None, orjson.dumps(event))
    told = Explainer(mapping_of(rule, top=top)).explain(record, clock_ms=MAY_FIRST_MS + 3_600_000)
    (only,) = told.rules
    return mark(only), reason(only, told), where_lines(only)


@pytest.mark.parametrize(
    ("rule", "said"),
    (
        ("when: Trial Started, send: a", ("sends", "", [])),
        ("when: Order, send: a", ("no", 'event is "Trial Started", not "Order"', [])),
        (
            "when: [trial started, B*], send: a",
            ("no", 'event is "Trial Started", not "trial started" or "B*" (case', []),
        ),
        ("when: {type: page, name: P}, send: a", ("no", 'type is "track", not "page"; no name, wanted "P"', [])),
        ("when: {context: 1}, send: a", ("no", 'context is {"traits":{"email":"user@example.com"}}, not 1', [])),
        (
            "when: Trial Started, where: properties.seats > 9, send: a",
            ("no", f"where: properties.seats > 9 {ARROW} false (5 > 9)", []),
        ),
        (
            'when: Trial Started, where: properties.seats > 3 and properties.plan = "pro", send: a',
            (
                "sends",
                "",
                [
                    f"where: properties.seats > 3 {ARROW} true (5 > 3)",
                    f'where: properties.plan = "pro" {ARROW} true ("pro" = "pro")',
                ],
            ),
        ),
        (
            "when: Trial Started, where: properties.seats > 9 or userId = '', send: a",
            ("no", "", [f"where: properties.seats > 9 {ARROW} false (5 > 9)", f"where: userId = '' {ARROW} false"]),
        ),
        ("when: Trial Started, send: a, max_age: 30m", ("stale", "1 h old; max_age is 30 min", [])),
        ("when: Trial Started, send: a, enabled: false", ("disabled", "", [])),
        (
            "when: Trial Started, send: a, contact: {p: properties}",
            ("dead letter", "value: contact.p is an object", []),
        ),
    ),
)
def test_each_verdict_has_its_words(rule: str, said: tuple[str, str, list[str]]) -> None:
    """With the values that were seen."""
    found = words(rule)

    assert said[0] == found[0]
    assert found[1].startswith(said[1])
    assert bool(said[1]) == bool(found[1])
    assert [True for _ in said[2]] == [line.startswith(start) for line, start in zip(found[2], said[2], strict=True)]


def test_an_event_without_a_name_is_said_to_have_none() -> None:
    """So is a field."""
    assert 'no event name, wanted "A"' == words("when: A, send: a", {"type": "identify"})[1]


@pytest.mark.parametrize(
    ("context", "said"),
    (
        ({"traits": {"email": "a@example.com"}}, 'recipients: "a@example.com" is none of its addresses'),
        ({}, "recipients: there is no address"),
    ),
)
def test_recipients_say_which_address_they_saw(context: dict[str, Any], said: str) -> None:
    """Or that there was none."""
    top = 'format: segment\nrecipients: ["*@example.org"]'

    assert said == words("when: Trial Started, send: a", TRIAL | {"context": context}, top=top)[1]


def test_a_long_value_is_cut_and_steers_no_terminal() -> None:
    """In a reason, and in a line about a condition."""
    _, _, (line,) = words("when: Trial Started, where: $exists(properties) and properties.p, send: a", about("x" * 999))

    assert 60 == len(shown("x" * 99))
    assert '"a b"' == shown("a\u202eb")
    assert 300 > len(line) - len("where: ")


def about(value: str) -> dict[str, Any]:
    """The trial's event with this property."""
    return TRIAL | {"properties": {"p": value}}


@pytest.mark.parametrize(
    ("seconds", "said"),
    ((0.5, "less than 1 s"), (45, "45 s"), (3600, "1 h"), (86_401, "1 d 1 s"), (90_061, "1 d 1 h")),
)
def test_a_span_has_its_two_largest_parts(seconds: float, said: str) -> None:
    """Rounded down."""
    assert said == span(seconds)
