"""The functions beside JSONata's own."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.mapping.expression import EvaluationFailed, Program, source_of
from tests.mapping.making import MAY_FIRST_MS

MAY_FIRST = "2026-05-01T10:00:00.000Z"


def value_of(expression: str, event: dict[str, Any]) -> Any:
    """What an expression finds; the word absent where that is nothing."""
    made = Program(None, {"found": source_of(expression)}).evaluate(event, now_ms=MAY_FIRST_MS)
    assert made is not None
    return made.get("found", "absent")


@pytest.mark.parametrize(
    ("expression", "given", "found"),
    (
        ("$isoDate(v)", "2026-05-01T12:00:00+02:00", MAY_FIRST),
        ("$isoDate(v)", "2026-05-01 10:00:00.000000", MAY_FIRST),
        ("$isoDate(v)", "2026-05-01", "2026-05-01T00:00:00.000Z"),
        ("$isoDate(v)", MAY_FIRST_MS, MAY_FIRST),
        ("$isoDate(v)", MAY_FIRST_MS / 1000, MAY_FIRST),
        ("$isoDate(v)", MAY_FIRST_MS * 1000, MAY_FIRST),
        ("$isoDate(v)", "", "absent"),
        ("$millis(v)", MAY_FIRST, MAY_FIRST_MS),
        ("$millis(v)", str(MAY_FIRST_MS // 1000), MAY_FIRST_MS),
        ("$millis()", None, MAY_FIRST_MS),
        ("$truncate(v, 3)", "abcdef", "abc"),
        ("$truncate(v)", "x" * 600, "x" * 498),
        ("$truncate(v, 3)", "ab", "ab"),
        ("$truncate(v, 0)", "ab", ""),
        ("$lower(v)", "  Some.One@Example.COM ", "some.one@example.com"),
        ("$domain(v)", "Some@One@Example.COM", "example.com"),
        ("$domain(v)", "none", "absent"),
        ("$domain(v)", "empty@", "absent"),
        ("$hash(v)", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("$hash(v)", 42, "73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049"),
    ),
)
def test_a_function_gives_what_its_line_on_the_page_says(expression: str, given: Any, found: Any) -> None:
    """Value by value."""
    assert found == value_of(expression, {"v": given})


@pytest.mark.parametrize("function", ("isoDate", "millis", "truncate", "lower", "domain", "hash"))
@pytest.mark.parametrize("event", ({}, {"v": None}), ids=("absent", "null"))
def test_what_is_not_there_stays_absent(function: str, event: dict[str, Any]) -> None:
    """It does not become the time, or an empty text."""
    assert "absent" == value_of(f"${function}(v)", event)


@pytest.mark.parametrize(
    ("expression", "given", "said"),
    (
        ("$isoDate(v)", "soon", "found: a value is no time"),
        ("$millis(v)", [1], "found: a value is no time"),
        ("$millis(v, v)", 1, "found: $millis takes one time, or nothing"),
        ("$truncate(v, 3)", 12345, "found: $truncate takes text"),
        ("$lower(v)", {"a": 1}, "found: $lower takes text"),
        ("$hash(v)", True, "found: $hash takes text"),
        ("$domain(v)", 5, "found: $domain takes text"),
        ("$lower()", None, "found: a value is of the wrong kind"),
        ("$truncate(v, 'x')", "abc", "found: a value is of the wrong kind"),
    ),
)
def test_a_value_that_does_not_fit_fails_and_is_not_quoted(expression: str, given: Any, said: str) -> None:
    """With the expression that it is in."""
    with pytest.raises(EvaluationFailed) as failed:
        value_of(expression, {"v": given})

    assert str(failed.value).startswith(said)
    assert "soon" not in str(failed.value)
