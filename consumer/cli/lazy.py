"""Commands that are imported only when they are called, so that help is quick and none breaks the others."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

__all__ = ["COMMANDS", "LazyCommand", "LazyGroup", "command_of", "loaded"]


class LazyCommand(NamedTuple):
    """Where a command is, and what the list of commands says about it: the first line of its docstring."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    name: LazyCommand(f"consumer.cli.{name}", name, summary)
    for name, summary in (
        ("run", "Reads the topics and sends to Loops, until SIGTERM or Ctrl-C."),
        ("check", "Says what is wrong with the settings and the mapping, or what they come to."),
        ("test", "Runs the mapping's own tests."),
        ("schema", "Prints the JSON Schema of a file that you write, for an editor."),
        ("contacts", "Look at one contact in Loops, and change it by hand."),
        ("sandbox", "Runs a stand-in for Loops with a page that shows what arrives; ends at Ctrl-C or SIGTERM."),
        ("demo", "Runs the whole of it on this machine, and compares what was sent with what had to be."),
    )
}


class LazyGroup(TyperGroup):
    """Lists commands by their summaries; imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that ``args`` name, imported, with the arguments that are left for it."""
        name, command, rest = super().resolve_command(ctx, args)
        return (name, loaded(COMMANDS[name], name) if name in COMMANDS else command, rest)


def loaded(entry: LazyCommand, name: str) -> Any:
    """Imports a command. Raises what its module raises."""
    return command_of(getattr(import_module(entry.module), entry.attribute), name)


def command_of(found: typer.Typer | Callable[..., object], name: str) -> Any:
    """A function, or a group of them, as typer's command."""
    app = found
    if not isinstance(app, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command(name)(found)
    command = get_command(app)
    command.name = name
    return command
