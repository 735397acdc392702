"""The page about the mapping is run: each snippet loads, and its tests pass."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from consumer.mapping.cases import run_cases
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.grammar import RuleText
from consumer.mapping.rules import load_mapping

PAGE = (Path(__file__).parents[2] / "docs/mapping.md").read_text()
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def whole(snippet: str) -> str:
    """A snippet of rules alone as the mapping that it is part of."""
    return snippet if "rules:" in snippet else "format: segment\nrules:\n" + textwrap.indent(snippet, "  ")


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_loads_and_its_tests_pass(snippet: str) -> None:
    """As a reader would copy it."""
    results = run_cases(load_mapping(whole(snippet), "mapping.md", environ={"STAGE": "production"}))

    assert [] == [(result.name, result.got) for result in results if not result.passed]
    assert ("tests:" in snippet) == bool(results)


def test_every_key_of_a_rule_is_on_the_page() -> None:
    """In words or in a snippet."""
    assert [] == [name for name in RuleText.model_fields if not re.search(rf"`{name}\b|\b{name}:", PAGE)]
    assert len(SNIPPETS) > 8


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_recipe(name: str) -> None:
    """With a test of its own."""
    recipes = [snippet for snippet in SNIPPETS if re.search(rf"^format: (\{{name: )?{name}\b", snippet)]

    assert [True] == list({"tests:" in snippet for snippet in recipes} or {False})
