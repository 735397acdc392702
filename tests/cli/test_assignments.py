"""What ``name=value`` words mean."""

from __future__ import annotations

import pytest

from consumer.cli.assignments import memberships, properties
from consumer.faults import Faults


@pytest.mark.parametrize(
    ("text", "value"),
    (
        ("pro", "pro"),
        ("", ""),
        ("true", True),
        ("false", False),
        ("null", None),
        ("True", "True"),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("01234", "01234"),
        ("+49301234", "+49301234"),
        ("123456789012345", 123456789012345),
        ("1234567890123456", "1234567890123456"),
        ("NaN", "NaN"),
        ("1_000", "1_000"),
        ("\uff12", "\uff12"),
        ("a=b", "a=b"),
        ("2026-05-01", "2026-05-01"),
    ),
)
def test_a_value_is_read_as_what_it_looks_like(text: str, value: object) -> None:
    """Numbers, true, false and null; what would lose a digit or a zero stays text."""
    found = properties([f"plan={text}"], [])

    assert {"plan": value} == found
    assert type(value) is type(found["plan"])


def test_a_value_that_is_to_stay_text_does() -> None:
    """Whatever it looks like."""
    assert {"zip": "12", "flag": "true", "plan": 1} == properties(["plan=1"], ["zip=12", "flag=true"])


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Each with its name, and what to do where that is known."""
    with pytest.raises(Faults) as refused:
        properties(["id=3", "Email=x", "foo", "=x", "plan=1", "plan=2", "long=" + "x" * 499, "someone@example.com"], [])

    assert [
        "id: this name is reserved by Loops",
        "Email: this is no property\n    name the contact by its address",
        "foo: a property is given as name=value, and this word is not",
        "a property is given as name=value, and this word is not",
        "plan: this property is given twice",
        "long: this value has 499 characters; Loops takes at most 498",
        "(address): a property is given as name=value, and this word is not",
    ] == [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize("text", ('{"a":1}', "[1, 2]", "{}"))
def test_an_object_or_a_list_is_refused_unless_it_is_to_stay_text(text: str) -> None:
    """Loops takes neither; who writes one means it."""
    with pytest.raises(Faults, match="plan: an object or a list is no value"):
        properties([f"plan={text}"], [])
    assert {"plan": text} == properties([], [f"plan={text}"])


@pytest.mark.parametrize("text", ("{", "[draft] plan", "{name}", "[" * 400))
def test_a_text_that_only_begins_like_one_stays_text(text: str) -> None:
    """It is no JSON."""
    assert {"plan": text} == properties([f"plan={text}"], [])


def test_a_list_is_left_or_joined() -> None:
    """By its id."""
    assert {"l1": True, "l2": False} == memberships(["l1=true", "l2=false"])


@pytest.mark.parametrize("word", ("l1", "l1=yes", "=true", ""))
def test_a_list_without_a_plain_answer_is_refused(word: str) -> None:
    """Nobody is put on a list by a slip."""
    with pytest.raises(Faults, match="ID=true or ID=false"):
        memberships([word])
