"""``loops-consumer dead-letters redrive``: what it would do, what it does, and how far it has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from consumer.adapters.kafka_peek import PeekFailed
from consumer.adapters.letter_reading import StoredLetter
from consumer.adapters.schema_registry import registry_decoder
from consumer.app import check_letter_topic
from consumer.cli.letter_options import fail, read_topic
from consumer.cli.redrive_summary import Rehearsal, plain_rehearsal, plain_tally, show_rehearsal, show_tally
from consumer.core.record import TopicPartition
from consumer.faults import nearest
from consumer.logs import configure
from consumer.mapping.again import Again
from consumer.mapping.envelope import NotYet
from consumer.mapping.rules import CompiledMapping
from consumer.redrive.hand import Tally
from consumer.redrive.pace import ShareTooSmall, requests_per_s
from consumer.redrive.planning import Planner
from consumer.redrive.reading import with_values
from consumer.redrive.run import Redrive
from consumer.redrive.survey import Choice, Survey
from consumer.runner import RunnerFailed
from consumer.settings import HeldKey, Settings

__all__ = ["Wanted", "redrive", "rehearse"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for."""

    choice: Choice
    limit: int | None
    share: float
    send_stale: bool
    asks: bool
    """Whether Loops is asked for each contact first."""

    @property
    def requests_of_letter(self) -> int:
        """What one letter takes: the question and the call, or the call alone."""
        return 2 if self.asks else 1


def rehearse(settings: Settings, mapping: CompiledMapping, wanted: Wanted, *, json: bool) -> None:
    """Prints what a redrive would send, and what it would leave."""
    per_s = _requests_per_s(settings, wanted)
    _, chosen, survey = _chosen(settings, mapping, wanted)
    decoder = registry_decoder(settings.kafka.schema_registry, patient=True)
    planner = Planner(Again(mapping, decoder), wanted.send_stale)
    found = Rehearsal(letters_per_s=per_s / wanted.requests_of_letter, others=survey.others)
    try:
        for letters in with_values(settings.kafka, [letter.at for letter in chosen]):
            for letter in letters:
                found.take(letter, planner.plan(letter, time.time()))
    except (PeekFailed, NotYet) as failed:
        fail(str(failed))
    if json:
        typer.echo(orjson.dumps(plain_rehearsal(found), option=orjson.OPT_INDENT_2))
    else:
        show_rehearsal(found)


def redrive(settings: Settings, mapping: CompiledMapping, wanted: Wanted, *, json: bool) -> bool:
    """Redrives, and prints what came of it. Returns whether it came to its end."""
    per_s = _requests_per_s(settings, wanted)
    key = HeldKey(settings.loops.key_source)
    check_letter_topic(settings.kafka)
    partitions, chosen, survey = _chosen(settings, mapping, wanted)
    if per_s > settings.loops.reserve_per_s and chosen:
        typer.echo(
            f"note: this takes {per_s} requests a second, and loops.reserve_per_s leaves {settings.loops.reserve_per_s}"
            " of them free: beside a consumer that is busy, Loops will tell both to slow down at times",
            err=True,
        )
    tally = Tally()
    run = Redrive(settings, mapping, key, per_s, asks=wanted.asks, send_stale=wanted.send_stale)
    failure = None
    ended = not chosen
    try:
        ended = ended or _watched(run, partitions, chosen, tally)
    except RunnerFailed as failed:
        failure = str(failed)
    if json:
        typer.echo(orjson.dumps(plain_tally(tally, survey.others, ended=ended), option=orjson.OPT_INDENT_2))
    else:
        show_tally(tally, survey.others, ended=ended)
    if failure is not None:
        fail(failure)
    return ended


def _requests_per_s(settings: Settings, wanted: Wanted) -> int:
    try:
        return requests_per_s(wanted.share, settings.loops.expected_rate_per_s, of_letter=wanted.requests_of_letter)
    except ShareTooSmall as found:
        fail(f"--share: {found}")


def _chosen(
    settings: Settings, mapping: CompiledMapping, wanted: Wanted
) -> tuple[Sequence[TopicPartition], Sequence[StoredLetter], Survey]:
    """Ends the command where neither the mapping nor a letter has the rule that was named."""
    wall, rule = time.time(), wanted.choice.rule
    survey = Survey(lambda letter: wanted.choice.takes(letter, wall))
    partitions = read_topic(settings.kafka, survey)
    rules = [each.id for each in (*mapping.rules, *mapping.idle)]
    if rule is not None and rule not in rules and rule not in survey.rules:
        meant = nearest(rule, rules)
        fail(f"no rule and no dead letter is of {rule}" + (f"; did you mean {meant}?" if meant else ""))
    return partitions, survey.open()[: wanted.limit], survey


def _watched(run: Redrive, partitions: Sequence[TopicPartition], chosen: Sequence[StoredLetter], tally: Tally) -> bool:
    """With a bar on a terminal. What is logged meanwhile stands above it."""
    console = Console(stderr=True)
    columns = (TextColumn("redriving"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), _WAITS)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(chosen), waits="")
        undo = configure(sys.stderr, terminal=console.is_terminal, level="error")
        try:
            return run.run(
                partitions, chosen, tally, lambda: progress.update(task, completed=tally.count, waits=tally.waits_for)
            )
        finally:
            undo()


_WAITS = TextColumn("{task.fields[waits]}", style="yellow")
