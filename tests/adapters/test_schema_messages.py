"""Protobuf's messages as plain objects: as Protobuf's own JSON, but for whole numbers of 64 bits."""

from __future__ import annotations

import math
from typing import Any, Final

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from consumer.adapters.schema_messages import Messages
from tests.fakes.protobuf_schemas import EVENT, PERSON, classes_of

CLASSES: Final = classes_of(PERSON, EVENT)
DEFAULTS: Final[dict[str, Any]] = {
    "event": "",
    "message_id": "",
    "plan": "PLAN_UNSPECIFIED",
    "seats": 0,
    "big": 0,
    "ratio": 0.0,
    "score": 0.0,
    "raw": "",
    "tags": [],
    "counts": {},
    "inner": [],
    "flags": {},
}
"""Of the fields that are always there."""


def event(**fields: Any) -> Any:
    """A message with these fields."""
    return CLASSES["acme.Event"](**fields)


def from_json(value: str, name: str) -> Any:
    """A message with one field, of a kind that has JSON of its own."""
    return json_format.Parse(f'{{"{name}": {value}}}', event())


@pytest.mark.parametrize(
    ("message", "expected"),
    (
        (event(), {}),
        (event(event="Paid", seats=-3), {"event": "Paid", "seats": -3}),
        (event(big=2**53), {"big": 2**53}),
        (event(big=2**64 - 1), {"big": "18446744073709551615"}),
        (event(ratio=1.1), {"ratio": 1.1}),
        (event(ratio=16_777_217), {"ratio": 16_777_216.0}),
        (event(score=math.inf), {"score": "Infinity"}),
        (event(ratio=math.nan), {"ratio": "NaN"}),
        (event(raw=b"\xff"), {"raw": "/w=="}),
        (event(plan=1), {"plan": "PLAN_PRO"}),
        (event(plan=9), {"plan": 9}),
        (event(tags=["a", ""]), {"tags": ["a", ""]}),
        (event(counts={"a": 1, "b": 2**60}), {"counts": {"a": 1, "b": "1152921504606846976"}}),
        (
            event(flags={True: CLASSES["acme.Person"](email="x")}),
            {"flags": {"true": {"email": "x", "user_id": 0}}},
        ),
        (event(coupon=""), {"coupon": ""}),
        (event(card=""), {"card": ""}),
        (event(person={}), {"person": {"email": "", "user_id": 0}}),
        (event(inner=[event()]), {"inner": [DEFAULTS]}),
        (from_json('"2026-05-01T12:00:00.12+02:00"', "sentAt"), {"sent_at": "2026-05-01T10:00:00.120Z"}),
        (from_json('"3.5s"', "took"), {"took": "3.500s"}),
        (from_json('"7"', "limit"), {"limit": 7}),
        (from_json('{"a": [1, null, {"b": true}]}', "more"), {"more": {"a": [1, None, {"b": True}]}}),
        (event(price={"value": b"\x07\xcf", "scale": 2}), {"price": 19.99}),
        (event(price={"value": b"\xff", "scale": 400}), {"price": "-0." + "0" * 399 + "1"}),
    ),
)
def test_each_kind_of_field_has_its_plain_form(message: Any, expected: dict[str, Any]) -> None:
    """Plain fields are there with their defaults; others only where they are set."""
    assert {**DEFAULTS, **expected} == Messages().plain(message)


@given(
    st.builds(
        event,
        event=st.text(st.characters(codec="utf-8")),
        seats=st.integers(-(2**31), 2**31 - 1),
        ratio=st.floats(width=32),
        score=st.floats(),
        raw=st.binary(max_size=9),
        plan=st.integers(-5, 5),
        tags=st.lists(st.just("x"), max_size=2),
        coupon=st.none() | st.just(""),
    )
)
def test_all_else_is_as_protobuf_writes_it(message: Any) -> None:
    """With its own names, and what has no presence."""
    own = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )

    assert {**own, "big": 0} == Messages().plain(message)
