"""``loops-consumer contacts``: look at one contact in Loops, and change it by hand."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import orjson
import typer
from rich.console import Console

from consumer import logs
from consumer.adapters.loops_calls import CallFailed, LoopsCalls
from consumer.cli.asking import asked
from consumer.cli.assignments import memberships, properties
from consumer.cli.contact_view import contact_table
from consumer.cli.ending import FAILED, FAULTY, show_faults
from consumer.cli.loading import ConfigOption, config_file
from consumer.faults import Fault, Faults
from consumer.settings import load_settings

__all__ = ["contacts"]

_Result = TypeVar("_Result")

contacts = typer.Typer(
    help="Look at one contact in Loops, and change it by hand. Each call is one of the team's requests a second.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Json = Annotated[bool, typer.Option("--json", help="The answer as JSON, for a program.")]
_UserId = Annotated[str | None, typer.Option("--user-id", metavar="ID", help="The contact's userId.")]
_Email = Annotated[str | None, typer.Argument(metavar="[EMAIL]", help="The contact's address.", show_default=False)]
_Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[EMAIL] [NAME=VALUE]...",
        help="The address, then properties. Numbers, true, false and null are read as such; null resets a property.",
        show_default=False,
    ),
]
_Strings = Annotated[
    list[str] | None,
    typer.Option("--string", metavar="NAME=VALUE", help="A property whose value stays text, as zip=12345."),
]
_Lists = Annotated[
    list[str] | None, typer.Option("--list", metavar="ID=true|false", help="On a mailing list, or off it.")
]


@contacts.command()
def find(email: _Email = None, user_id: _UserId = None, config: ConfigOption = None, json: _Json = False) -> None:
    """Shows a contact, found by its address or by --user-id.

    Example: loops-consumer contacts find someone@example.com
    """
    _exactly_one(email, user_id)
    contact = _call(config, lambda calls: calls.find(email=email, user_id=user_id))
    if json:
        _print_json([] if contact is None else [contact])
    elif contact is not None:
        Console().print(contact_table(contact))
    if contact is None:
        _fail("Loops knows no such contact")


@contacts.command()
def update(  # noqa: PLR0917 - the parameters are the command's options
    words: _Words = None,
    user_id: _UserId = None,
    string: _Strings = None,
    lists: _Lists = None,
    config: ConfigOption = None,
    json: _Json = False,
) -> None:
    """Sets properties of a contact, which Loops creates where there is none.

    With an address and --user-id either finds the contact, and Loops overwrites the other.

    Example: loops-consumer contacts update someone@example.com plan=pro seats=12
    """
    email, assigned, on = _read(words, string, lists)
    if email is None and user_id is None:
        _fail("name the contact: by its address, by --user-id, or by both")
    found = _call(config, lambda calls: calls.update(email=email, user_id=user_id, properties=assigned, lists=on))
    _print_done("updated", found, json=json)


@contacts.command()
def create(  # noqa: PLR0917 - the parameters are the command's options
    words: _Words = None,
    user_id: _UserId = None,
    string: _Strings = None,
    lists: _Lists = None,
    config: ConfigOption = None,
    json: _Json = False,
) -> None:
    """Creates a contact; fails where the address or the userId is known already.

    Example: loops-consumer contacts create someone@example.com --user-id u1 firstName=Ada
    """
    given, assigned, on = _read(words, string, lists)
    email = given if given is not None else _fail("a new contact needs an address")
    found = _call(config, lambda calls: calls.create(email=email, user_id=user_id, properties=assigned, lists=on))
    _print_done("created", found, json=json)


@contacts.command()
def delete(
    email: _Email = None,
    user_id: _UserId = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
    json: _Json = False,
) -> None:
    """Deletes a contact for good, after asking.

    Example: loops-consumer contacts delete --user-id u1 --yes
    """
    _exactly_one(email, user_id)
    if not yes and not typer.confirm(f"Delete the contact {email or user_id} for good?", err=True):
        _fail("nothing was deleted")
    if not _call(config, lambda calls: _deleted(calls, email, user_id)):
        if json:
            _print_json({"deleted": False})
        _fail("Loops knows no such contact (status 404)")
    _print_done("deleted", None, json=json)


async def _deleted(calls: LoopsCalls, email: str | None, user_id: str | None) -> bool:
    """Whether there was one."""
    try:
        await calls.delete(email=email, user_id=user_id)
    except CallFailed as failed:
        if failed.reason != "not_found":
            raise
        return False
    return True


def _call(config: Path | None, ask: Callable[[LoopsCalls], Awaitable[_Result]]) -> _Result:
    """Makes one call with the settings' client, or ends the command with a sentence."""
    undo = logs.configure(sys.stderr, terminal=sys.stderr.isatty(), level="error")
    try:
        return asyncio.run(_asked(config, ask))
    except Faults as wrong:
        show_faults(wrong.faults)
        raise typer.Exit(FAULTY) from None
    except CallFailed as failed:
        return _fail(str(failed))
    finally:
        undo()


async def _asked(config: Path | None, ask: Callable[[LoopsCalls], Awaitable[_Result]]) -> _Result:
    return await asked(load_settings(config_file(config), os.environ).loops, "contacts", ask)


def _exactly_one(email: str | None, user_id: str | None) -> None:
    if (email is None) == (user_id is None):
        _fail("name the contact by its address or by --user-id, and not by both")


def _read(
    words: list[str] | None, strings: list[str] | None, lists: list[str] | None
) -> tuple[str | None, dict[str, str | int | float | bool | None], dict[str, bool]]:
    """The address (the first word that has its @ before any =), the properties, the lists."""
    rest = list(words or ())
    email = rest.pop(0) if rest and "@" in rest[0].partition("=")[0] else None
    faults: list[Fault] = []
    assigned, on = {}, {}
    try:
        assigned = properties(rest, strings or ())
    except Faults as found:
        faults += found.faults
    try:
        on = memberships(lists or ())
    except Faults as found:
        faults += found.faults
    if faults:
        _fail(str(Faults(faults)))
    return email, assigned, on


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(FAILED)


def _print_done(what: str, contact_id: str | None, *, json: bool) -> None:
    if json:
        _print_json({what: True} if contact_id is None else {what: True, "id": contact_id})
    else:
        typer.echo(f"{what} {_printable(contact_id)}" if contact_id else what)


def _print_json(document: object) -> None:
    typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))


def _printable(text: str) -> str:
    """Without what could steer a terminal: the value was written by whoever wrote the contact."""
    return "".join(char if char.isprintable() else " " for char in text)
