"""A contact for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console, Group, RenderableType

from consumer.cli.contact_view import contact_lines, contact_table

CONTACT: Final[Mapping[str, Any]] = {
    "plan": "pro \x1b[31m[b]",
    "email": "someone@example.com",
    "source": None,
    "seats": 3,
    "id": "c1",
    "mailingLists": {},
}


def lines(shown: RenderableType) -> list[str]:
    """As they are printed."""
    console = Console(width=60, markup=True)
    with console.capture() as captured:
        console.print(shown)
    return captured.get().splitlines()


def test_who_it_is_comes_first() -> None:
    """Then what Loops has, by name; a value steers no terminal."""
    rows = [[cell.strip() for cell in line.split("\u2502")[1:-1]] for line in lines(contact_table(CONTACT))]

    assert [
        ["id", "c1"],
        ["email", "someone@example.com"],
        ["source", "null"],
        ["mailingLists", "{}"],
        ["plan", "pro  [31m[b]"],
        ["seats", "3"],
    ] == [row for row in rows if row]


def test_in_lines_only_what_holds_something_is_shown() -> None:
    """In the same order."""
    assert ["  id     c1", "  email  someone@example.com", "  plan   pro  [31m[b]", "  seats  3"] == lines(
        Group(*contact_lines(CONTACT, "  "))
    )
