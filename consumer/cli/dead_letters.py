"""``loops-consumer dead-letters``: what could not be delivered: look at it, and send it again."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from consumer.adapters.letter_reading import StoredLetter
from consumer.cli.ending import FAILED
from consumer.cli.letter_list import plain_list, show_list
from consumer.cli.letter_options import (
    JsonOption,
    NewerOption,
    OlderOption,
    ReasonOption,
    RuleOption,
    StageOption,
    choice_of,
    fail,
    read_topic,
)
from consumer.cli.letter_page import plain_page, show_page
from consumer.cli.loading import ConfigOption, config_file, load_all
from consumer.core.record import Position
from consumer.redrive.reading import with_values
from consumer.redrive.survey import Survey
from consumer.settings import KafkaSettings, load_settings

__all__ = ["dead_letters"]

_PLACE = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")

dead_letters = typer.Typer(
    help="What could not be delivered: look at it, and send it again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=1, help="At most N, those that failed first.", show_default=False),
]
_Share = Annotated[
    float,
    typer.Option("--share", metavar="PART", min=0.0, max=1.0, help="The part of loops.rate_per_s that it takes."),
]
_SendStale = Annotated[
    bool,
    typer.Option(
        "--send-stale",
        help="Also what is older than 24 h or than its rule's max_age. Loops has forgotten by then whether it has taken"
        " it already: it can mail twice.",
    ),
]
_CreateContacts = Annotated[
    bool,
    typer.Option(
        "--create-contacts", help="Does not ask whether a contact is in Loops: one deleted since is made anew."
    ),
]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Says what it would send. Sends and marks nothing, and needs no key.")
]


@dead_letters.command("list")
def list_letters(
    *,
    rule: RuleOption = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    older: OlderOption = None,
    newer: NewerOption = None,
    all_letters: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help="Show the newest N.")] = 50,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Lists the dead letters that are not done, the newest first, and adds them up by rule and reason.

    It reads the dead-letter topic without a group, and shows nothing of a contact.

    Example: loops-consumer dead-letters list --rule trial-started --newer 24h
    """
    choice, wall = choice_of(rule, reason, stage, older, newer), time.time()
    survey = Survey(lambda letter: choice.takes(letter, wall), keep_done=all_letters)
    read_topic(_kafka(config), survey)
    if json:
        _print_json(plain_list(survey, limit, wall))
    else:
        show_list(survey, limit, wall, rule)


@dead_letters.command("show")
def show_letter(
    letter: Annotated[str, typer.Argument(metavar="PARTITION:OFFSET", help="Where it lies, as list says.")],
    *,
    value: Annotated[
        bool, typer.Option("--value", help="Also its record's key, headers and value: personal data.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Shows everything about one dead letter.

    Example: loops-consumer dead-letters show 0:17 --value
    """
    found = _PLACE.fullmatch(letter) or fail(f"{letter} is no place; give PARTITION:OFFSET, as 0:17")
    kafka, wall = _kafka(config), time.time()
    at = Position(kafka.dead_letter_topic, int(found[1]), int(found[2]))
    survey = Survey(lambda one: one.at == at, keep_done=True)
    read_topic(kafka, survey)
    whole = _whole(kafka, survey, at)
    if json:
        _print_json(plain_page(whole, survey.done.get(at), wall, value=value))
    else:
        show_page(whole, survey.done.get(at), wall, value=value)


@dead_letters.command("redrive")
def redrive(
    *,
    rule: RuleOption = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    older: OlderOption = None,
    newer: NewerOption = None,
    limit: _Limit = None,
    share: _Share = 0.3,
    send_stale: _SendStale = False,
    create_contacts: _CreateContacts = False,
    dry_run: _DryRun = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Sends dead letters again, each by its own rule as it stands now, and marks those that are done.

    The product's topics and the consumer group are left alone: what is done is marked on the dead-letter topic. What
    fails again is a dead letter again. Ctrl-C finishes what is on its way; another run goes on from there. One run at a
    time.

    Example: loops-consumer dead-letters redrive --rule trial-started --share 0.3
    """
    from consumer.cli import redriving  # noqa: PLC0415 - the others need none of what it takes to send

    settings, mapping = load_all(config, os.environ, key_required=not dry_run)
    wanted = redriving.Wanted(
        choice_of(rule, reason, stage, older, newer), limit, share, send_stale, asks=not create_contacts
    )
    if dry_run:
        redriving.rehearse(settings, mapping, wanted, json=json)
    elif not redriving.redrive(settings, mapping, wanted, json=json):
        raise typer.Exit(FAILED)


def _kafka(config: Path | None) -> KafkaSettings:
    return load_settings(config_file(config), os.environ, key_required=False).kafka


def _whole(kafka: KafkaSettings, survey: Survey, at: Position) -> StoredLetter:
    """The letter with all it holds, or the end of the command with a sentence."""
    if at in survey.chosen:
        for letters in with_values(kafka, [at]):
            for letter in letters:
                return letter
    return fail(f"no dead letter of this program lies at {at.partition}:{at.offset} of {at.topic}")


def _print_json(document: Any) -> None:
    typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
