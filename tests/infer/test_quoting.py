"""Names and places in JSONata and YAML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.documents import read_document
from consumer.infer.quoting import camel_case, expression, scalar, slug
from consumer.mapping.expression import Program, source_of
from tests.core.driving import WALL


@pytest.mark.parametrize(
    ("place", "source"),
    (
        (("properties", "plan"), "properties.plan"),
        (("a b", "c-d"), "`a b`.`c-d`"),
        (("items", 0, "sku"), "items[0].sku"),
        (("and", "true"), "`and`.`true`"),
        (("$set", "email"), "`$set`.email"),
        (("1st",), "`1st`"),
    ),
)
def test_a_place_is_an_expression(place: tuple[str | int, ...], source: str) -> None:
    """With backticks where JSONata wants them."""
    assert source == expression(place)


def test_a_key_with_a_backtick_cannot_be_said() -> None:
    """Nor can an empty one; one that may be an address is not."""
    assert [None, None, None] == [expression(place) for place in (("a`b",), ("a", ""), ("user@example.com",))]


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3))
def test_an_expression_finds_what_stands_there(keys: list[str]) -> None:
    """Whatever the keys are, it compiles, as the mapping's own check sees it."""
    source = expression(tuple(keys))
    document: dict[str, object] | str = "found"
    for key in reversed(keys):
        document = {key: document}
    if source is not None and isinstance(document, dict):
        found = Program(None, {"it": source_of(source)}).evaluate(document, now_ms=round(WALL * 1_000))
        assert {"it": "found"} == found


@pytest.mark.parametrize(
    "text", ("Trial Started", "users.create", "items[0].sku", "$session_end", "a/b", "order_completed")
)
def test_most_names_stand_plain(text: str) -> None:
    """As a person would write them."""
    assert text == scalar(text)


@given(
    st.text(max_size=30) | st.sampled_from(("true", "No", "null", "1", "1.5", "2026-05-01", "~", "a: b", "a #b", "- a"))
)
def test_a_scalar_is_read_as_the_text_that_it_was(text: str) -> None:
    """Whatever is in it, as a value and behind a dash."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    found = read_document(f"key: {scalar(text)}\nlist:\n  - {scalar(text)}\n", "mapping.yaml").data

    assert {"key": text, "list": [text]} == found


@pytest.mark.parametrize(
    ("name", "made"),
    (
        ("Trial Started", "trialStarted"),
        ("trial_started", "trialStarted"),
        ("TRIAL STARTED", "trialStarted"),
        ("com.acme.trial.started", "comAcmeTrialStarted"),
        ("HTTPError 404", "httpError404"),
        ("$pageview", "pageview"),
        ("404", None),
        ("", None),
        ("Ünïcode", "nCode"),
    ),
)
def test_a_name_for_loops_is_in_camel_case(name: str, made: str | None) -> None:
    """Of letters and digits alone."""
    assert made == camel_case(name)


def test_a_rules_name_is_a_slug() -> None:
    """Small letters and dashes, not too long; nothing where there is no letter."""
    assert ["trial-started", "a" * 60, "", ""] == [slug(name) for name in ("Trial Started", "a" * 99, "404", "!")]
