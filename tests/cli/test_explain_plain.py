"""An explanation for a program."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from consumer.cli.explain_plain import plain
from consumer.core.record import Record
from consumer.mapping.explaining import Explainer
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of


def told(*rules: str, value: bytes | None = None, top: str = "format: segment", **event: Any) -> dict[str, Any]:
    """Of the trial's event with these members, or of this value, two hours later; as a program would read it."""
    record = Record("events", 3, 7, MAY_FIRST_MS, None, orjson.dumps(TRIAL | event) if value is None else value)
    explanation = Explainer(mapping_of(*rules, top=top)).explain(record, clock_ms=MAY_FIRST_MS + 7_200_000)
    read: dict[str, Any] = orjson.loads(orjson.dumps(plain("events:3:7", explanation)))
    return read


def test_a_request_is_told_as_it_would_go_over_the_wire() -> None:
    """With method, path, body and key."""
    found = told("when: Trial Started, send: a, event: {plan: properties.plan}")

    (rule,) = found["rules"]
    assert ("delivered", {"least": 1, "most": 1}) == (found["fate"], found["requests"])
    request = rule["request"]
    assert ("POST", "/events/send", 64) == (request["method"], request["path"], len(request["idempotency_key"]))
    body = {"email": "user@example.com", "userId": "u1", "eventName": "a", "eventProperties": {"plan": "pro"}}
    assert body == request["body"]


def test_the_record_and_its_event_are_named() -> None:
    """Where it lies, the clock, and what the event says of itself."""
    found = told("when: Trial Started, delete: true")

    place = {"record": "events:3:7", "topic": "events", "partition": 3, "offset": 7, "at": "2026-05-01T12:00:00.000Z"}
    assert place.items() <= found.items()
    assert {"name": "Trial Started", "id": "ajs-1", "time": "2026-05-01T10:00:00.000Z"} == found["event"]
    assert {"least": 1, "most": 2} == found["requests"]


@pytest.mark.parametrize(
    ("rule", "verdict", "member", "value"),
    (
        (
            "when: B, send: a",
            "when",
            "when",
            [{"field": None, "wanted": ["B"], "seen": "Trial Started", "holds": False}],
        ),
        ("when: Trial Started, where: userId = 1, send: a", "where", "where", None),
        ("when: Trial Started, send: a, max_age: 1h", "stale", "stale", {"age_s": 7200, "max_age_s": 3600}),
        ("when: Trial Started, send: a, identity: email, where: false", "where", "request", None),
        ("when: Trial Started, create: true", "recipients", "recipients", {"seen": "user@example.com"}),
    ),
)
def test_what_said_no_is_told_with_what_it_saw(rule: str, verdict: str, member: str, value: Any) -> None:
    """The members of the other verdicts are null."""
    top = 'format: segment\nrecipients: ["*@example.org"]' if verdict == "recipients" else "format: segment"

    (found,) = told(rule, top=top)["rules"]

    assert verdict == found["verdict"]
    if member == "where":
        assert (False, 1) == (found["where"]["said"], len(found["where"]["lines"]))
    else:
        assert value == found[member]
    others = {"recipients", "stale", "dead_letter", "request"} - {member}
    assert [] == [name for name in others if found[name] is not None]


def test_a_dead_letter_has_its_reason() -> None:
    """Of a rule, or of the record."""
    (found,) = told("when: Trial Started, send: a, contact: {p: properties}")["rules"]
    unreadable = told("when: A, send: a", value=b"x")

    assert ("value", True) == (found["dead_letter"]["reason"], found["dead_letter"]["message"].startswith("contact.p"))
    assert ("dead_lettered", None, []) == (unreadable["fate"], unreadable["event"], unreadable["rules"])
    assert unreadable["unreadable"].startswith("the value is not JSON")
