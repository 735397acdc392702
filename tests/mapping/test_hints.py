"""What is probably meant."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from consumer.mapping.hints import hint_for_key, hint_for_value, hint_for_variable, meant_key
from consumer.mapping.wording import Keys

RULE = ["name", "when", "where", "send", "event", "contact", "lists"]


@pytest.mark.parametrize(
    ("name", "meant"),
    (
        ("sned", "send"),
        ("properties", "event"),
        ("mailingLists", "lists"),
        ("if", "where"),
        ("eventName", "send"),
        ("input", None),
        ("xyz", None),
    ),
)
def test_a_key_is_misspelt_or_called_as_elsewhere(name: str, meant: str | None) -> None:
    """Where the one that is meant may stand there."""
    assert meant == meant_key(name, RULE)


def test_where_nothing_is_meant_all_that_may_stand_there_is_listed() -> None:
    """With what belongs elsewhere."""
    assert "did you mean when?" == hint_for_key(("rules", 0, "whn"), RULE)
    assert "there are: email, userId; properties stand under contact of a rule" == hint_for_key(
        ("contact", "phone"), ["email", "userId"]
    )
    assert "a dead letter cannot be expected" == hint_for_key(("tests", 0, "expect", 0, "dead_letter"), ["delete"])


@pytest.mark.parametrize(("name", "hint"), (("$plan", "plan"), ("my plan", "my_plan"), ("a-b", "a_b"), ("2nd", None)))
def test_a_definition_has_a_name_like_the_one_that_it_cannot_have(name: str, hint: str | None) -> None:
    """Of letters, digits and underscores."""
    assert (None if hint is None else f"did you mean {hint}?") == hint_for_variable(name)


@pytest.mark.parametrize(
    ("value", "age"),
    (
        (24, "24h"),
        (86_400, "24h"),
        (172_800, "2d"),
        (1.5, "90m"),
        ("1 day", "24h"),
        ("2 Weeks", "14d"),
        ("1h30m", "90m"),
        ("1 hour, 30 minutes", "90m"),
        ("PT24H", "24h"),
        ("P1DT12H", "36h"),
        ("90 s", "90s"),
        ("0h", None),
        ("soon", None),
        (["1h"], None),
    ),
)
def test_an_age_is_written_in_one_unit(value: Any, age: str | None) -> None:
    """However it was written, in a unit in which it is whole."""
    assert (None if age is None else f"did you mean {age}?") == hint_for_value(("rules", 0, "max_age"), value)


@pytest.mark.parametrize("value", ("never", "None", True, "forever"))
def test_any_age_is_null(value: Any) -> None:
    """And no word for it."""
    assert "for any age write null" == hint_for_value(("rules", 0, "max_age"), value)


@pytest.mark.parametrize(
    ("keys", "value", "hint"),
    (
        (("format",), "Segment", "did you mean segment?"),
        (("format",), ["segment"], "for several topics write {web-events: segment, billing: json}"),
        (("format",), {}, None),
        (("format", "a"), {"compression": "x"}, "a format with options has a name: {name: segment, compression: gzip}"),
        (("format", "a", "event"), "$.a.b", "did you mean a.b?"),
        (("format", "id"), "/a/b", "did you mean a.b?"),
        (("format", "id"), "a[0]", "a path leads through objects, and into no list"),
        (("format", "compression"), "GZIP", "did you mean gzip?"),
        (("rules", 0, "update"), "yes", "write true"),
        (("rules", 0, "enabled"), 0, "write false"),
        (("rules", 0, "enabled"), "maybe", None),
        (("rules", 0, "update"), {"plan": "x"}, "write update: true, and the properties under contact"),
        (
            ("rules", 0, "delete"),
            "userId",
            "write delete: true; who it is about stands under contact at the top of the file",
        ),
        (("rules", 0, "send"), {"name": "a"}, "write the name alone, and the properties under event and contact"),
        (("rules", 0, "send"), 7, 'put it in quotes: "7"'),
        (("rules", 0, "when", "traits"), {"a": 1}, "when looks at fields at the top alone; use where for deeper ones"),
        (("rules", 0, "when", 0), {"type": "page"}, "fields stand without a list: {type: identify}"),
        (("rules", 0, "when", 0), True, 'put it in quotes: "true"'),
        (
            ("rules", 0, "where"),
            ["a"],
            'join conditions with and, as properties.plan = "pro"; quote one that begins with [',
        ),
        (("rules", 0, "event"), ["plan"], "write {plan: properties.plan}"),
        (("rules", 0, "lists"), ["cm0"], "write {cm0: true}"),
        (("rules", 0, "contact"), "traits", "each property stands by itself, as {plan: properties.plan}"),
        (("rules", 0, "contact", "a"), ["b"], "an expression that begins with { or [ must be quoted"),
        (("rules", 0, "contact", "a"), dt.date(2026, 5, 1), "for the text write '\"2026-05-01\"'"),
        (("rules", 0, "identity"), "user_id", "did you mean userId?"),
        (("rules", 0, "identity"), "none", None),
        (("rules", 0, "max_per_hour"), "500", "write it without quotes"),
        (("rules",), {"name": "a"}, "each begins with a dash: - name: ..."),
        (("recipients",), "*@example.com", 'write ["*@example.com"]'),
        (("recipients",), [], "an empty list would let nobody through"),
        (("env",), "STAGE", "write [STAGE]"),
        (("tests", 0, "key"), 42, 'put it in quotes: "42"'),
        (("tests", 0, "expect", 0, "userId"), 7, 'put it in quotes: "7"'),
        (("tests", 0, "expect", 0, "update"), False, None),
    ),
    ids=str,
)
def test_what_to_write_depends_on_the_place_and_on_what_was_found(keys: Keys, value: Any, hint: str | None) -> None:
    """Where it cannot be told nothing is said."""
    assert hint == hint_for_value(keys, value)
