"""What a person reads of a fault, and which name is the nearest."""

from __future__ import annotations

import pytest

from consumer.faults import Fault, Faults, nearest


def test_a_fault_shows_place_key_message_line_and_hint() -> None:
    """The caret stands below the column that the place names."""
    fault = Fault("unknown key", "a.yaml", "kafka.grup", 2, 3, "  grup: x", "did you mean group?")

    assert str(fault).splitlines() == [
        "a.yaml:2:3: kafka.grup: unknown key",
        "      grup: x",
        "      ^",
        "    did you mean group?",
    ]


def test_a_fault_without_a_place_is_its_message() -> None:
    """What is not known leaves no trace, and no stray colon."""
    assert str(Fault("there is no key")) == "there is no key"
    assert str(Fault("unknown variable", "LOOPS_CONSUMER__X")) == "LOOPS_CONSUMER__X: unknown variable"
    assert str(Fault("cannot be read", path="loops.api_key_file")) == "loops.api_key_file: cannot be read"


def test_a_line_is_shown_only_with_its_column() -> None:
    """A caret without a column would point at nothing."""
    assert str(Fault("wrong", "a.yaml", line=1, source="a: b")) == "a.yaml:1: wrong"


@pytest.mark.parametrize(
    ("source", "column", "caret"),
    (
        ("a: b", 4, "       ^"),
        ("a:\tb", 4, "      \t^"),
        ("名前: b", 5, "          ^"),
        ("é: b", 4, "       ^"),
    ),
)
def test_the_caret_stands_under_what_is_meant(source: str, column: int, caret: str) -> None:
    """As a terminal shows the line: behind a tab, and behind what is two columns wide."""
    assert caret == str(Fault("x", "f.yaml", "", 1, column, source)).splitlines()[2]


def test_faults_hold_all_in_order() -> None:
    """The exception's text is every fault, one after the other."""
    first, second = Fault("first"), Fault("second")

    faults = Faults(fault for fault in (first, second))

    assert (first, second) == faults.faults
    assert str(faults) == "first\nsecond"


@pytest.mark.parametrize(
    ("name", "expected"),
    (
        ("grup_id", "group_id"),
        ("GROUP_ID", "group_id"),
        ("topic", "Topics"),
        ("xyz", None),
    ),
)
def test_the_nearest_name_is_found_whatever_its_case(name: str, expected: str | None) -> None:
    """A name that is like none gives none: a wrong guess misleads."""
    assert expected == nearest(name, ["group_id", "Topics", "start"])


def test_how_like_it_must_be_can_be_said() -> None:
    """Where a new name is as likely as a wrong one."""
    assert ["topics", None] == [
        nearest("topcs", ["topics"], likeness=0.8),
        nearest("tropical", ["topics"], likeness=0.8),
    ]
