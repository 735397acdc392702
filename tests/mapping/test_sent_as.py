"""As which of Loops' types a value or an expression is sent."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.mapping.sent_as import SentAs, sent_as, sent_by

W, D, T, N, S, B, O, U = (  # noqa: E741 - a column of the tables below
    SentAs.WORDS,
    SentAs.DATE,
    SentAs.TEXT,
    SentAs.NUMBER,
    SentAs.SMALL_NUMBER,
    SentAs.BOOLEAN,
    SentAs.NULL,
    SentAs.UNKNOWN,
)


@pytest.mark.parametrize(
    ("value", "kind"),
    (
        ("pro", W),
        ("2026-05-01", D),
        ("2026-05-01T10:00:00.123Z", D),
        ("2026-05-01 10:00", D),
        ("2026-05-01T10:00:00+0200", D),
        ("2026-05-01T10:00:00.123456Z", W),
        ("2026-13-01", W),
        ("01.05.2026", W),
        (1_777_629_600_000, N),
        (1_777_629_600, S),
        (99.5, S),
        (True, B),
        (None, O),
        ([1], U),
    ),
)
def test_a_value_shows_what_it_is(value: Any, kind: SentAs) -> None:
    """Dates are written as Loops takes them, to the millisecond at most; a number may be one in milliseconds."""
    assert kind is sent_as(value)


@pytest.mark.parametrize(
    ("source", "kinds"),
    (
        ("properties.plan", {U}),
        ("*", {U}),
        ("a.*", {U}),
        ("a.$number(b)", {U}),
        ('{"a": 1}', {U}),
        ("$lookup(a, b)", {U}),
        ("$set", {U}),
        ('"pro"', {W}),
        ("'2026-05-01'", {D}),
        ("12", {S}),
        ("-a", {N}),
        ("false", {B}),
        ("null", {O}),
        ("$round(a, 2)", {N}),
        ("$count(a) * 2", {N}),
        ("a & '@' & b", {T}),
        ("$substring(timestamp, 0, 10)", {T}),
        ("$fromMillis(a)", {D}),
        ("$now()", {D}),
        ('$fromMillis(a, "[Y]")', {T}),
        ("$isoDate(a)", {D}),
        ("a = 1", {B}),
        ("a.b != c", {B}),
        ('a in ["x"]', {B}),
        ("`in`", {U}),
        ("$exists(a) and b", {B}),
        ("a > 1 ? 'x' : 3", {W, S}),
        ("a ? b : c ? 1 : true", {U, S, B}),
        ("a ? 1", {S}),
        ("a ?: 'x'", {U, W}),
        ("a ?? 'x'", {U, W}),
        ("(a)", {U}),
        ("($x := a; $x = 2;)", {B}),
        ("$x := 'y'", {W}),
        ("a ~> $uppercase", {T}),
        ("a ~> $number()", {N}),
        ("(a ? 1 : 2) & ''", {T}),
    ),
)
def test_an_expression_shows_what_it_can_come_to(source: str, kinds: set[SentAs]) -> None:
    """By the operator that binds least, or by the function that is called last."""
    assert kinds == sent_by(source)


def test_a_variable_is_what_defines_it() -> None:
    """Where it is the mapping's; one that would lead back to itself is not followed."""
    definitions = {"paid": "a != 'free'", "label": "$paid ? 'yes' : $label"}

    assert {B} == sent_by("$paid", definitions)
    assert {W, U} == sent_by("$label", definitions)


@pytest.mark.parametrize(
    ("kind", "fitting"),
    (("string", {W, D, T}), ("date", {D, T, N}), ("number", {N, S}), ("boolean", {B}), ("of later days", set(SentAs))),
)
def test_what_a_property_can_hold(kind: str, fitting: set[SentAs]) -> None:
    """Null, and what is not known, fits everywhere; and whatever fits a type that is not known."""
    assert fitting | {O, U} == {sent for sent in SentAs if sent.fits(kind)}


def test_the_type_that_a_first_value_makes() -> None:
    """None where nothing can be told."""
    made = {sent: sent.type_made for sent in SentAs}

    assert {W: "string", T: "string", D: "date", N: "number", S: "number", B: "boolean", O: None, U: None} == made
