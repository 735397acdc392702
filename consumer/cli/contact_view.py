"""A contact as Loops has it, for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from consumer.cli.terminal import Hanging

__all__ = ["contact_lines", "contact_table"]

_FIRST = ("id", "email", "userId", "firstName", "lastName", "source", "subscribed", "userGroup", "mailingLists")


def contact_table(contact: Mapping[str, Any]) -> Table:
    """All of it, who it is first."""
    table = Table("property", "value", title=None)
    for name, value in _members(contact):
        table.add_row(Text(name), Text(value))
    return table


def contact_lines(contact: Mapping[str, Any], indent: str) -> Iterator[RenderableType]:
    """What holds something, who it is first, a line each."""
    held = [(name, value) for name, value in _members(contact) if value not in {"", "null", "{}"}]
    width = max((len(name) for name, _ in held), default=0)
    for name, value in held:
        yield Hanging(Text(f"{indent}{name:<{width}}  "), Text(value))


def _members(contact: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in [name for name in _FIRST if name in contact] + sorted(set(contact) - set(_FIRST)):
        value = contact[name]
        yield _printable(name), _printable(value if isinstance(value, str) else orjson.dumps(value).decode())


def _printable(text: str) -> str:
    """Without what could steer a terminal: the value was written by whoever wrote the contact."""
    return "".join(char if char.isprintable() else " " for char in text)
