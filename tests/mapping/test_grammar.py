"""The schema that editors use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from consumer.mapping.grammar import json_schema, schema_of_part, schema_of_tests

CONFIG = Path(__file__).parents[2] / "config"
RULE = {"name": "a", "when": "A", "send": "a"}


def is_valid(mapping: dict[str, Any]) -> bool:
    """Whether an editor would find nothing wrong."""
    return bool(jsonschema.Draft202012Validator(json_schema()).is_valid(mapping))


def test_the_committed_schema_is_current() -> None:
    """``loops-consumer schema mapping > config/mapping.schema.json`` makes it so."""
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"

    assert text == (CONFIG / "mapping.schema.json").read_text()


def test_the_shipped_mapping_names_it_and_is_valid() -> None:
    """In its first line, for editors; dates are text to them."""
    text = (CONFIG / "mapping.yaml").read_text()

    assert text.startswith("# yaml-language-server: $schema=mapping.schema.json\n")
    assert is_valid(json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str)))


@pytest.mark.parametrize(
    "mapping",
    (
        {"format": "segment", "rules": [RULE]},
        {"format": {"a": "segment", "b": {"name": "json"}}, "rules": [RULE]},
        {"format": {"name": "json", "event": "a.b"}, "contact": {"email": "e"}, "rules": [RULE]},
        {"format": "segment", "rules": [RULE | {"when": {"type": ["page", "screen"]}, "max_age": None}]},
        {"format": {"name": "segment", "compression": "gzip"}, "include": ["more.yaml"]},
        {"format": "segment", "env": ["STAGE"], "define": {"plan": "properties.plan"}, "rules": [RULE]},
        {"format": "segment", "rules": [RULE | {"lists": "$env.LISTS", "on_unknown_contact": {"wait_s": 5}}]},
    ),
)
def test_what_loads_is_valid(mapping: dict[str, Any]) -> None:
    """In the editor as in the program."""
    assert is_valid(mapping)


@pytest.mark.parametrize(
    "mapping",
    (
        {"format": "posthogg", "rules": [RULE]},
        {"format": "segment", "rules": []},
        {"format": "segment"},
        {"format": "segment", "rules": [RULE | {"priority": "urgent"}]},
        {"format": "segment", "rules": [RULE | {"max_age": 24}]},
    ),
)
def test_what_does_not_load_is_not_valid(mapping: dict[str, Any]) -> None:
    """A person sees it while writing."""
    assert not is_valid(mapping)


def test_every_key_of_a_rule_is_explained() -> None:
    """For whoever hovers over it."""
    rule = json_schema()["$defs"]["RuleText"]["properties"]

    assert [] == [name for name, key in rule.items() if not key.get("description")]


def test_files_beside_a_mapping_have_schemas_of_their_own() -> None:
    """They lack what stands in the main file alone."""
    part = {"rules": [RULE], "define": {"plan": "properties.plan"}}
    tests = {"tests": [{"name": "t", "given": {}, "expect": []}]}

    assert jsonschema.Draft202012Validator(schema_of_part()).is_valid(part)
    assert not jsonschema.Draft202012Validator(schema_of_part()).is_valid(part | {"format": "segment"})
    assert jsonschema.Draft202012Validator(schema_of_tests()).is_valid(tests)
    assert not jsonschema.Draft202012Validator(schema_of_tests()).is_valid(tests | {"rules": []})
