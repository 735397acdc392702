"""A file of arrivals."""

from __future__ import annotations

import pytest

from consumer.core.terms import Priority
from consumer.faults import Faults
from consumer.planning.arrival_file import read_arrivals
from consumer.planning.arrivals import Arrival, Kind

CSV = """\
time,contact,priority,kind
12.5,b,high,update
10,a,,
10.5,,low,event
"""
LINES = """\
{"time": 12.5, "contact": "b", "priority": "high", "kind": "update"}
{"time": "10", "contact": "a", "priority": null}

{"time": 10.5, "priority": "low", "kind": "event"}
"""


def _faults(text: str) -> list[str]:
    with pytest.raises(Faults) as raised:
        read_arrivals(text, "a.csv")
    return [str(fault) for fault in raised.value.faults]


@pytest.mark.parametrize("text", (CSV, LINES, "\ufeff" + CSV), ids=("csv", "json", "bom"))
def test_both_forms_say_the_same(text: str) -> None:
    """The earliest is second 0, and they come in the order of their times."""
    first, second, third = read_arrivals(text, "a")

    assert Arrival(0.0, "a") == first
    assert (0.5, Priority.LOW, Kind.EVENT) == (second.at_s, second.priority, second.kind)
    assert Arrival(2.5, "b", Priority.HIGH, Kind.UPDATE) == third
    assert second.contact not in {"a", "b"}


def test_a_time_may_be_a_date() -> None:
    """UTC where it names no zone."""
    text = "time\n2026-05-01T10:00:00Z\n2026-05-01 10:00:01.5\n2026-05-01T13:00:02+03:00\n"

    assert [0.0, 1.5, 2.0] == [one.at_s for one in read_arrivals(text, "a.csv")]


def test_without_a_contact_each_has_its_own() -> None:
    """So none waits for another."""
    assert 3 == len({one.contact for one in read_arrivals("time\n1\n2\n3\n", "a.csv")})


def test_every_fault_is_told_with_its_line_and_what_is_allowed() -> None:
    """All of them at once."""
    assert [
        "a.csv:2: time: is missing; allowed: seconds as 12.5, or ISO 8601 as 2026-05-01T10:00:00Z",
        'a.csv:3: time: found "soon"; allowed: seconds as 12.5, or ISO 8601 as 2026-05-01T10:00:00Z',
        'a.csv:4: time: found "inf"; allowed: seconds as 12.5, or ISO 8601 as 2026-05-01T10:00:00Z',
        'a.csv:5: priority: found "hihg"; allowed: high, normal, low',
    ] == _faults("time,priority\n,low\nsoon,low\ninf,low\n1,hihg\n")
    assert ["a.csv:3: time: is a date and the first one is not"] == _faults("time\n1\n2026-05-01\n")
    assert ["a.csv:1: contact: allowed: a text or a whole number"] == _faults('{"time": 1, "contact": [1]}')


def test_what_is_wrong_with_the_columns_is_told_once() -> None:
    """On the line that names them, beside what is wrong in the others."""
    assert [
        'a.csv:1: contakt: unknown; allowed: time, contact, priority, kind\n    did you mean "contact"?',
        'a.csv:3: priority: found "hihg"; allowed: high, normal, low',
    ] == _faults("time,priority,contakt\n1,normal,a\n2,hihg,b\n")
    assert ["a.csv:1: time: names two columns"] == _faults("time,time\n1,2\n")
    assert ['a.csv:3: found "5" behind the last column; allowed: 2 cells'] == _faults("time,contact\n1,a\n1,a,5\n")


@pytest.mark.parametrize("sign", (";", "\t"))
def test_columns_that_are_parted_otherwise_get_a_hint(sign: str) -> None:
    """As some spreadsheets write them."""
    assert _faults(f"time{sign}contact\n1{sign}a\n")[0].endswith("\n    columns are parted by commas")


def test_one_line_of_json_that_is_none_hides_no_other_fault() -> None:
    """All are told, in order."""
    found = _faults('{"time": "soon"}\nnonsense\n{"tme": 1}\n')

    expected = ("a.csv:1: time: found", "a.csv:2: is no JSON object", "a.csv:3: tme: unknown")
    assert [True] * 3 == [fault.startswith(begin) for fault, begin in zip(found, expected, strict=True)]


@pytest.mark.parametrize("text", ("time\n1777629600000\n", '{"time": 1777629600000}'))
def test_milliseconds_are_not_taken_for_seconds(text: str) -> None:
    """The arrivals would be a thousand times as far apart."""
    assert 'found "1777629600000", which looks like milliseconds; allowed: seconds as' in _faults(text)[0]


def test_not_more_faults_are_told_than_can_be_read() -> None:
    """Twenty."""
    assert 20 == len(_faults("time\n" + "x\n" * 100))


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("", "a.csv: holds no arrivals"),
        ("time,contact\n", "a.csv: holds no arrivals"),
        ("1.5\n2.5\n", 'a.csv:1: the first line names the columns, and "time" is one of them'),
        ('{"time": 1}\nnonsense\n', "a.csv:2: is no JSON object on one line"),
    ),
)
def test_what_is_no_file_of_arrivals_says_so(text: str, expected: str) -> None:
    """With what it should be."""
    assert _faults(text)[0].startswith(expected)
