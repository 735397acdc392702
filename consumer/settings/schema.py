"""The settings as a JSON Schema, for editors and for the words of faults."""

from __future__ import annotations

from functools import cache
from typing import Any

from consumer.settings.relations import Keys
from consumer.settings.sections import Settings

__all__ = ["json_schema", "subschema"]


@cache
def _generated() -> dict[str, Any]:
    return Settings.model_json_schema()


def json_schema() -> dict[str, Any]:
    """The schema of ``config/consumer.yaml``; rules between keys are not in it."""
    schema = _plain(_generated())
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "consumer.yaml"}
    return {**head, **{name: value for name, value in schema.items() if name not in head}}


def subschema(keys: Keys) -> dict[str, Any] | None:
    """What the schema says of the value at ``keys``; ``None`` where there is no such key."""
    schema = _generated()
    for key in keys:
        found = schema.get("items") if isinstance(key, int) else schema.get("properties", {}).get(key)
        if found is None and isinstance(key, str):
            found = schema.get("additionalProperties")
        if not isinstance(found, dict):
            return None
        schema = _resolved(found)
    return schema


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = _generated()["$defs"][reference.rsplit("/", 1)[1]]
    return found


def _plain(schema: Any) -> Any:
    """Without the titles that pydantic makes of the names, and with descriptions on one line."""
    if isinstance(schema, list):
        return [_plain(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for name, value in schema.items():
        if name == "title" and isinstance(value, str):
            continue
        one_line = name == "description" and isinstance(value, str)
        out[name] = " ".join(value.split()) if one_line else _plain(value)
    return out
