"""An explanation for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from rich.console import Console

from consumer.cli.explain_view import show
from consumer.cli.given_records import Given
from consumer.core.record import Record
from consumer.mapping.explaining import Explainer
from consumer.mapping.rules import CompiledMapping
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of

HOUR_MS = 3_600_000


def page(mapping: CompiledMapping, value: Any = TRIAL, *, width: int = 80, later_ms: int = 0) -> list[str]:
    """What stands on a screen of that width."""
    content = value if value is None or isinstance(value, bytes) else orjson.dumps(value)
    record = Record("events", 0, 17, MAY_FIRST_MS, b"u1", content)
    told = Explainer(mapping).explain(record, clock_ms=MAY_FIRST_MS + later_ms)
    screen = Console(width=width)
    with screen.capture() as captured:
        show(screen, Given("events:0:17", record), told, paused=mapping.paused, rate_per_s=10)
    return captured.get().splitlines()


def test_the_record_its_rules_and_the_requests_stand_below_each_other() -> None:
    """At the width of a terminal, with a key and a body that can be copied."""
    mapping = mapping_of(
        "when: Other, send: a",
        "when: Trial Started, where: properties.seats > 3, send: b",
        "when: Trial Started, delete: true",
    )

    lines = page(mapping)

    assert ["events:0:17, key u1", "event Trial Started, id ajs-1, of 2026-05-01T10:00:00.000Z"] == lines[:2]
    assert [
        'no           r0  event is "Trial Started", not "Other"',
        "sends        r1",
        "    where: properties.seats > 3 \N{RIGHTWARDS ARROW} true (5 > 3)",
        "    POST /events/send",
    ] == lines[2:6]
    assert [True, 72] == [lines[6].startswith("    key "), len(lines[6])]
    body = "".join(lines[7 : lines.index("    }") + 1])
    assert {"email": "user@example.com", "userId": "u1", "eventName": "b"} == orjson.loads(body)
    assert "2 requests: 2 of the 10 a second, 3 where Loops does not know the userId" == lines[-1]


@pytest.mark.parametrize("width", (40, 80, 120))
def test_no_line_is_wider_than_the_screen_but_what_may_be_copied(width: int) -> None:
    """Nor does one end in spaces."""
    mapping = mapping_of("when: [One Event, Another Event], send: a", "when: Trial Started, send: b")

    lines = page(mapping, width=width)

    assert [] == [line for line in lines if len(line) > width and not line.startswith("    ")]
    assert [] == [line for line in lines if line != line.rstrip()]


@pytest.mark.parametrize(
    ("rule", "value", "end"),
    (
        ("when: Other, send: a", TRIAL, "nothing is sent: no rule acts"),
        ("when: A, send: a", None, "nothing is sent: it has no value"),
        ("when: A, send: a", b"x", "1 dead letter"),
        ("when: Trial Started, send: a", TRIAL | {"context": {}, "userId": ""}, "1 dead letter"),
        (
            "when: A, send: a",
            b'{"type":"track","event":"B","x":"\xff"}',
            "nothing is sent: no rule wants its name, so the rest is never looked at",
        ),
    ),
)
def test_the_end_says_what_it_comes_to(rule: str, value: Any, end: str) -> None:
    """In one line."""
    assert end == page(mapping_of(rule), value)[-1]


def test_a_letter_beside_a_request_is_said() -> None:
    """Both become of the one record."""
    mapping = mapping_of("when: Trial Started, send: a", "when: Trial Started, send: b, event: {p: properties}")

    assert "1 request and 1 dead letter: 1 of the 10 a second" == page(mapping)[-1]


def test_a_long_name_takes_a_line_and_not_the_reason_s_room() -> None:
    """The names of the others stand in one column."""
    named = replace(mapping_of("when: A, send: a").rules[0], name="a-rule-with-a-name-of-its-own")
    mapping = mapping_of("when: B, send: b")

    lines = page(replace(mapping, rules=(named, *mapping.rules)))

    assert [
        'no           a-rule-with-a-name-of-its-own  event is "Trial Started", not "A"',
        'no           r0                        event is "Trial Started", not "B"',
    ] == lines[2:4]


def test_an_age_names_its_clock() -> None:
    """Which can be set."""
    lines = page(mapping_of("when: Trial Started, send: a, max_age: 1h"), later_ms=2 * HOUR_MS)

    assert "events:0:17, of 2026-05-01T10:00:00.000Z, key u1" == lines[0]
    assert "nothing is sent: it is too old" == lines[-2]
    assert "its age is that at 2026-05-01T12:00:00.000Z; --at takes another moment" == lines[-1]


def test_a_paused_mapping_says_so() -> None:
    """What is told would leave later."""
    paused = replace(mapping_of("when: Trial Started, send: a"), paused=True)

    assert "paused" in page(paused)[-1]


@pytest.mark.parametrize(
    ("members", "said"),
    (({"messageId": None}, "(made of the record's place in its topic, as the event has no id)"), ({}, "")),
)
def test_a_key_that_depends_on_the_place_says_so(members: dict[str, Any], said: str) -> None:
    """A file's record has another one on its topic."""
    text = "\n".join(page(mapping_of("when: Trial Started, send: a"), TRIAL | members))

    assert bool(said) == ("(made of" in text)
    assert said in text
