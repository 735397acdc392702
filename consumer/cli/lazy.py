"""Commands that are imported only when they are called, so that help is quick and none breaks the others."""

from __future__ import annotations

import re
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
    example: str | None = None
    """At the end of a group's help; a command has its own in its docstring."""


_GROUP_EXAMPLES = {
    "contacts": "Example: loops-consumer contacts find someone@example.com",
    "dead-letters": "Example: loops-consumer dead-letters list --newer 24h",
}


def _entry(name: str, summary: str) -> LazyCommand:
    attribute = name.replace("-", "_")
    return LazyCommand(f"consumer.cli.{attribute}", attribute, summary, _GROUP_EXAMPLES.get(name))


COMMANDS = {
    name: _entry(name, summary)
    for name, summary in (
        ("run", "Reads the topics and sends to Loops, until SIGTERM or Ctrl-C."),
        ("check", "Says what is wrong with the settings and the mapping, or what they come to."),
        ("test", "Runs the mapping's own tests."),
        ("explain", "Says what each rule makes of a record, and why."),
        ("preview", "Shows what the mapping would come to on the live topic, before anything is sent."),
        (
            "plan",
            "Says what a limit comes to: how much of it is used, who waits how long, when it drains.",
        ),
        ("infer", "Writes a commented first mapping out of what lies on the topics."),
        ("why", "Says why a person did, or did not, get something."),
        ("dead-letters", "What could not be delivered: look at it, and send it again."),
        ("schema", "Prints the JSON Schema of a file that you write, for an editor."),
        ("contacts", "Look at one contact in Loops, and change it by hand."),
        ("sandbox", "Runs a stand-in for Loops with a page that shows what arrives; ends at Ctrl-C or SIGTERM."),
        ("demo", "Runs the whole of it on this machine, and compares what was sent with what had to be."),
    )
}


_BREAK = re.compile(r"(?<=\S)[ ]*\n(?=\S)")
"""A line's end inside a paragraph."""


_OF_VALIDATOR = re.compile(r"Input should be ([^,]*).*")


class LazyGroup(TyperGroup):
    """Lists commands by their summaries; imports the one that is called."""

    def get_params(self, ctx: Any) -> Any:
        """The options; those that take no value show none."""
        return [_without_type(param) for param in super().get_params(ctx)]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that ``args`` name, imported, with the arguments that are left for it."""
        name, command, rest = super().resolve_command(ctx, args)
        return (name, loaded(COMMANDS[name], name) if name in COMMANDS else command, rest)


def loaded(entry: LazyCommand, name: str) -> Any:
    """Imports a command. Raises what its module raises."""
    return command_of(getattr(import_module(entry.module), entry.attribute), name, entry.example)


def command_of(found: typer.Typer | Callable[..., object], name: str, example: str | None = None) -> Any:
    """A function, or a group of them, as typer's command, whose help reads well at any width."""
    outer = typer.Typer(add_completion=False)
    if isinstance(found, typer.Typer):
        outer.add_typer(found, name=name, epilog=example)
        return _readable(get_command(outer).commands[name])  # type: ignore[attr-defined]  # it is a group
    outer.command(name)(found)
    command = get_command(outer)
    command.name = name
    return _readable(command)


def _readable(command: Any) -> Any:
    """With paragraphs that break where the terminal ends and not where the source does, and with flags as flags."""
    command.help = _BREAK.sub(" ", command.help or "")
    for inner in getattr(command, "commands", {}).values():
        _readable(inner)
    for param in command.params:
        _without_type(param)
        _plain_spoken(param)
    with typer.Context(command) as ctx:
        _without_type(command.get_help_option(ctx))
    return command


def _without_type(param: Any) -> Any:
    """Typer shows the type of everything: ``<bool>`` beside a flag, and the class beside a choice that is told."""
    if getattr(param, "is_flag", False):
        param.metavar = ""
    elif param.param_type_name == "argument":
        param.display_type_rich = _no_type
    return param


def _plain_spoken(param: Any) -> None:
    """Typer tells of a wrong value in its validator's words, and not what was found."""
    process = param.process_value

    def processed(ctx: Any, value: Any) -> Any:
        try:
            return process(ctx, value)
        except typer.BadParameter as wrong:
            if (bound := _OF_VALIDATOR.fullmatch(wrong.message)) is not None:
                wrong.message = f"found {value}; allowed: {bound[1]}"
            wrong.message = wrong.message.removeprefix("Value error, ")
            raise

    param.process_value = processed


def _no_type(ctx: Any) -> None:  # noqa: ARG001 - as typer calls it
    return None
