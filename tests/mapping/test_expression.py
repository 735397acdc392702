"""Expressions: what is refused, and what comes out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.expression import EvaluationFailed, ExpressionFault, Members, Program, source_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def evaluated(members: Members, event: dict[str, Any], where: str | None = None) -> dict[str, Any] | None:
    """The object that a program makes of an event."""
    return Program(where, members).evaluate(event, now_ms=1_777_629_600_000)


def failed(source: str, event: dict[str, Any]) -> str:
    """What is said of an expression that fails."""
    with pytest.raises(EvaluationFailed) as found:
        evaluated({"event": {"plan": source}}, event)
    return str(found.value)


@pytest.mark.parametrize(
    ("value", "source"), ((True, "true"), (5, "5"), (1.5, "1.5"), (None, "null"), ("a.b", "a.b"), ('"x"', '"x"'))
)
def test_a_value_of_yaml_is_an_expression(value: Any, source: str) -> None:
    """Text is JSONata, anything else itself."""
    assert source == source_of(value)


@pytest.mark.parametrize(
    ("value", "position", "message"),
    (
        ("a.", 2, "not a JSONata expression: Unexpected end of expression"),
        ("é😀 & a)", 6, 'not a JSONata expression: Syntax error: ")"'),
        ("a.b)(", 3, 'not a JSONata expression: Syntax error: ")"'),
        (" ", 0, "there is no expression"),
        ("a + $lowecase(b)", 4, "there is no $lowecase"),
        ("$unset", 0, "there is no $unset"),
        ("a.$eval(b)", 2, "$eval is not allowed: what it would run cannot be checked"),
        ("[1..n]", 2, "this range may be too long"),
        (float("inf"), 0, "found a number that JSON does not have"),
    ),
)
def test_what_cannot_be_used_is_a_fault_with_its_place(value: Any, position: int, message: str) -> None:
    """Counted in characters of the expression."""
    with pytest.raises(ExpressionFault) as found:
        source_of(value)

    assert (position, message) == (found.value.position, found.value.message)


def test_the_nearest_function_is_named() -> None:
    """For one that is misspelt."""
    with pytest.raises(ExpressionFault) as found:
        source_of("$lowecase(b)")

    assert "did you mean $lowercase?" == found.value.hint


@pytest.mark.parametrize(
    ("source", "hint"),
    (
        ("a == b", "JSONata compares with one ="),
        ("a === 'b'", "JSONata compares with one ="),
        ("é = 1 && b", "write and"),
        ("a || b", "write or"),
        ("!a", "write $not(...)"),
        ("a and !(b)", "write $not(...)"),
        ("a = = b", None),
        ('a = "x && y', None),
        ("a.", None),
    ),
)
def test_operators_of_other_languages_are_told_in_jsonatas(source: str, hint: str | None) -> None:
    """Where they are what does not compile."""
    with pytest.raises(ExpressionFault) as found:
        source_of(source)

    assert hint == found.value.hint


@pytest.mark.parametrize("source", ("($x := a; $x & $x)", "function($y){$y}(1)", "λ($y){$y}(1)", "a@$i.b#$j.($i + $j)"))
def test_a_name_that_is_set_is_known(source: str) -> None:
    """In a block, as a parameter, by @ and by #."""
    assert source == source_of(source)


def test_absent_is_left_out_and_null_is_kept() -> None:
    """At every depth of the object."""
    members: Members = {"email": "a.absent", "contact": {"x": "a.none", "y": "a.absent", "z": "a.text"}}

    assert {"contact": {"x": None, "z": "t"}} == evaluated(members, {"a": {"none": None, "text": "t"}})


def test_where_decides_whether_there_is_an_object() -> None:
    """One without members is an object all the same."""
    assert {} == evaluated({"email": "x"}, {"a": 1}, "a = 1")
    assert evaluated({"email": "x"}, {"a": 1}, "a = 2") is None
    assert evaluated({"email": "x"}, {"a": 1}, "absent") is None


@pytest.mark.parametrize("source", ("a ? b : c", "a or b", "a /* aside */", "($x := a; $x)", "a ~> $string", "a[0]"))
def test_an_expression_means_the_same_inside_a_program(source: str) -> None:
    """Whatever its operators: it is wrapped, and the next member begins afresh."""
    alone = evaluated({"m": source}, {"a": "A", "b": "B", "c": "C"})
    among = evaluated({"l": "1", "m": source, "n": "c"}, {"a": "A", "b": "B", "c": "C"}, "true or false")

    assert alone is not None
    assert {"l": 1, **alone, "n": "C"} == among


def test_names_of_members_may_hold_anything() -> None:
    """Quotes and brackets are no way out of a name."""
    name = 'a"b}: \\ (1)'

    assert {name: 1} == evaluated({name: "1"}, {})


def test_expressions_see_the_events_time_and_one_seed() -> None:
    """So that the same record gives the same request in any process."""
    members = {"now": "$now()", "millis": "$millis()", "random": "$random()"}

    first, second = evaluated(members, {}), evaluated(members, {})

    assert first is not None
    assert ("2026-05-01T10:00:00.000Z", 1_777_629_600_000) == (first["now"], first["millis"])
    assert first == second


@pytest.mark.parametrize(
    ("source", "said"),
    (
        ("$number(secret)", "event.plan: a value cannot be read as a number (D3030)"),
        ("secret - 1", "event.plan: the left side of an operator is no number (T2001)"),
        ("$uppercase(1)", "event.plan: a value is of the wrong kind for the function or operator (T0410)"),
        ("$error(secret)", "event.plan: the expression itself says $error (D3137)"),
        ("secret.(1)(2)", "event.plan: something that is no function is called (T1006)"),
        ("($f := function($x){$f($x)}; $f(1))", "an expression: it went past a limit of time, depth or size (U1006)"),
        ("$pad(secret, 2000000)", "an expression: it went past a limit of time, depth or size (U1002)"),
    ),
)
def test_a_failure_says_which_expression_and_never_a_value(source: str, said: str) -> None:
    """The engine's own text may quote values."""
    text = failed(source, {"secret": "user@example.com"})

    assert said.split(" (", maxsplit=1)[0] == text.split(" (")[0]
    assert "example.com" not in text


@pytest.mark.parametrize("now_ms", (0, 253_402_300_799_999))
def test_any_time_of_an_event_will_do(now_ms: int) -> None:
    """From 1970 to 9999."""
    assert {"m": now_ms} == Program(None, {"m": "$millis()"}).evaluate({}, now_ms=now_ms)


@given(st.dictionaries(st.sampled_from("abc"), JSON, max_size=3))
def test_no_event_makes_a_program_raise_anything_else(event: dict[str, Any]) -> None:
    """An object comes out, or the one failure."""
    program = Program("a != b", {"x": "a.b + 1", "y": "$string(c)", "z": {"s": "$sum(a)", "d": "a.b.c"}})

    try:
        made = program.evaluate(event, now_ms=0)
    except EvaluationFailed:
        return

    assert made is None or isinstance(made, dict)


@pytest.mark.parametrize(
    ("where", "event", "said", "line"),
    (
        (
            'plan != "free" and seats > 3',
            {"plan": "pro", "seats": 2},
            False,
            "seats > 3 \N{RIGHTWARDS ARROW} false (2 > 3)",
        ),
        ('plan != "free"', {"plan": "pro"}, True, "plan"),
        ("vip", {"vip": 0}, False, "vip \N{RIGHTWARDS ARROW} 0"),
        ("vip", {}, False, "vip \N{RIGHTWARDS ARROW} undefined"),
        ("seats > 3", {"seats": "many"}, None, "seats > 3"),
    ),
)
def test_an_audit_says_which_part_decided_with_what_it_saw(
    where: str, event: dict[str, Any], said: bool | None, line: str
) -> None:
    """It says what the evaluation says, and for whoever gave the event also why."""
    audit = Program(where, {"a": "1"}).audit(event, now_ms=0)

    assert said == audit.said
    assert any(each.startswith(line) for each in audit.lines)


def test_without_a_condition_there_is_nothing_to_audit() -> None:
    """The rule acts."""
    assert (True, ()) == Program(None, {"a": "1"}).audit({}, now_ms=0)
