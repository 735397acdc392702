"""The schema that editors use says what the settings take, and the shipped files agree with it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from consumer.documents import read_document
from consumer.settings.schema import json_schema, subschema
from consumer.settings.sections import Settings

CONFIG = Path(__file__).parents[2] / "config"


def shipped() -> Any:
    """The data of ``config/consumer.yaml``."""
    return read_document((CONFIG / "consumer.yaml").read_text(encoding="utf-8"), "consumer.yaml").data


def test_the_shipped_schema_is_current() -> None:
    """``loops-consumer schema consumer > config/consumer.schema.json`` makes it so."""
    assert json_schema() == json.loads((CONFIG / "consumer.schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_one_and_takes_the_shipped_file() -> None:
    """By draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(shipped(), json_schema())


@pytest.mark.parametrize(
    ("section", "key", "value"),
    (
        ("kafka", "grup_id", "x"),
        ("kafka", "start", "newest"),
        ("kafka", "topics", []),
        ("kafka", "client_files", {"ssl.ca.location": "ca.crt"}),
        ("loops", "rate_per_s", 0),
        ("loops", "rate_per_s", "most"),
        ("loops", "on_wire_max", "some"),
        ("admin", "port", "9464"),
    ),
)
def test_the_schema_refuses_what_the_settings_refuse(section: str, key: str, value: Any) -> None:
    """An editor marks it before the program does."""
    data = copy.deepcopy(shipped())
    data[section][key] = value

    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(data)


def test_every_key_has_a_description_on_one_line() -> None:
    """An editor shows it where the mouse rests."""
    definitions = {name: part for name, part in json_schema()["$defs"].items() if "properties" in part}
    described = {
        f"{name}.{key}": part.get("description", "")
        for name, definition in definitions.items()
        for key, part in definition["properties"].items()
        if "$ref" not in part
    }

    assert [] == [key for key, text in described.items() if not text or "\n" in text]


def test_the_shipped_file_has_every_key_at_its_default() -> None:
    """What it shows is what a user gets without it."""
    assert Settings() == Settings.model_validate(shipped())
    for section, info in Settings.model_fields.items():
        if isinstance(shipped()[section], dict):
            model: Any = info.annotation
            assert set(model.model_fields) == set(shipped()[section])


def test_what_stands_at_a_key_is_found_through_references() -> None:
    """In sections, lists and free mappings; nothing where there is no such key."""
    assert (subschema(("loops", "reserve_per_s")) or {})["maximum"] == 9_999
    assert (subschema(("kafka", "topics", 0)) or {})["type"] == "string"
    assert "anyOf" in (subschema(("kafka", "client", "sasl.username")) or {})
    assert subschema(("kafka", "nothing")) is None
