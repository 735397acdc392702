"""``loops-consumer schema``: what an editor needs to help with the files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

__all__ = ["SchemaOf", "schema", "schema_text"]


class SchemaOf(StrEnum):
    """The files that users write."""

    CONSUMER = "consumer"
    MAPPING = "mapping"
    INCLUDE = "include"
    """What a mapping includes."""
    TESTS = "tests"
    """``tests/*.yaml`` beside a mapping."""


def schema(
    of: Annotated[
        SchemaOf,
        typer.Argument(
            metavar="consumer|mapping|include|tests",
            show_choices=False,
            help="Which file: settings, mapping, one that it includes, or its tests.",
        ),
    ],
) -> None:
    """Prints the JSON Schema of a file that you write, for an editor.

    Example: loops-consumer schema consumer > config/consumer.schema.json
    """
    typer.echo(schema_text(of), nl=False)


def schema_text(of: SchemaOf) -> str:
    """The schema as the text of its file, with a newline at its end."""
    # Imported here, since the one need not wait for the other's imports.
    if of is SchemaOf.CONSUMER:
        from consumer.settings import json_schema as made  # noqa: PLC0415 - see above

        return _text(made())
    from consumer.mapping.grammar import json_schema, schema_of_part, schema_of_tests  # noqa: PLC0415 - see above

    of_mapping = {SchemaOf.MAPPING: json_schema, SchemaOf.INCLUDE: schema_of_part, SchemaOf.TESTS: schema_of_tests}
    return _text(of_mapping[of]())


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
