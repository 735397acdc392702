"""``loops-consumer schema``: what an editor needs to help with the files."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["SchemaOf", "schema", "schema_text"]


class SchemaOf(StrEnum):
    """The files that users write."""

    CONSUMER = "consumer"
    MAPPING = "mapping"


def schema(
    of: Annotated[SchemaOf, typer.Argument(metavar="consumer|mapping", show_choices=False, help="Which file.")],
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
    else:
        from consumer.mapping.rules import json_schema as made  # noqa: PLC0415 - see above
    return json.dumps(made(), indent=2, ensure_ascii=False) + "\n"
