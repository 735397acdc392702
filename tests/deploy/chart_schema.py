"""The part of the chart's schema of values that is the program's own: what may stand under ``settings``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from consumer.settings import json_schema
from consumer.settings.client_files import FROM_FILES

__all__ = ["OF_THE_CHART", "READ_BY_THE_CHART", "settings_schema", "with_settings"]

OF_THE_CHART: Final = frozenset(
    {
        "admin",
        "kafka.bootstrap_servers",
        "kafka.client_files",
        "kafka.group_instance_id",
        "loops.api_key_file",
        "mapping",
    }
)
"""Keys of consumer.yaml that the chart writes itself."""

READ_BY_THE_CHART: Final = frozenset(
    {
        "delivery",
        "delivery.drain_s",
        "kafka",
        "kafka.client",
        "kafka.group_id",
        "kafka.topics",
        "loops",
    }
)
"""Keys that a template looks at: taking their default away is a fault."""

_NOT_JSON_SCHEMA: Final = {"format": "path"}


def settings_schema() -> dict[str, Any]:
    """The schema of consumer.yaml in JSON Schema's draft 7, without what the chart sets itself."""
    schema = json_schema()
    return _placed(schema, schema["$defs"], "")


def with_settings(text: str) -> str:
    """The text of values.schema.json with what the program says of ``settings`` and ``kafka.secretFiles``."""
    document = json.loads(text)
    # No propertyNames: helm 4 names a wrong place where one of them does not fit.
    names = f"^({'|'.join(map(re.escape, FROM_FILES))})$"
    secret_files = document["properties"]["kafka"]["properties"]["secretFiles"]
    secret_files["patternProperties"] = {names: {"$ref": "#/definitions/key"}}
    document["definitions"]["settings"] = settings_schema()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _placed(schema: Mapping[str, Any], definitions: Mapping[str, Any], above: str) -> dict[str, Any]:
    """One level of it: its references resolved, the chart's keys away, those that a template reads required."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    out = {
        name: value
        for name, value in schema.items()
        if name not in {"$defs", "$schema", "title", "examples", "properties"} and _NOT_JSON_SCHEMA.get(name) != value
    }
    if "anyOf" in out:
        out["anyOf"] = [_placed(one, definitions, above) for one in out["anyOf"]]
    if "properties" not in schema:
        return out
    paths = {name: f"{above}{name}" for name in schema["properties"] if f"{above}{name}" not in OF_THE_CHART}
    out["properties"] = {
        name: _placed(schema["properties"][name], definitions, f"{path}.") for name, path in paths.items()
    }
    if required := [name for name, path in paths.items() if path in READ_BY_THE_CHART]:
        out["required"] = required
    return out
