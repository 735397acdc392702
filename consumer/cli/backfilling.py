"""``loops-consumer run --backfill``: what it asks and says before, the bar meanwhile, and what came of it."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from consumer.adapters.kafka_begins import commit_begins
from consumer.adapters.kafka_peek import PeekFailed
from consumer.adapters.kafka_span import Begin, Since
from consumer.adapters.schema_registry import registry_decoder
from consumer.app import check_letter_topic
from consumer.backfill import progress as course_of
from consumer.backfill.deletes import TooManyContacts
from consumer.backfill.plans import Course
from consumer.backfill.run import Backfill, Ended
from consumer.backfill.survey import NoTimes, Surveyed, survey
from consumer.cli.ending import FAILED
from consumer.cli.letter_options import duration_s, fail
from consumer.core.request import Call
from consumer.logs import configure, logger
from consumer.mapping.envelope import NotYet
from consumer.mapping.rule_terms import SEND_MAX_AGE_S
from consumer.mapping.rules import CompiledMapping
from consumer.runner import RunnerFailed
from consumer.settings import HeldKey, Settings

__all__ = ["Wanted", "backfill", "begin_of", "requests_per_s"]

EARLIEST: Final = "earliest"
_SUFFIX: Final = "-backfill"
_SAY_EVERY_S: Final = 10.0

_log = logger("backfill")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for."""

    share: float
    begin: Since | Begin
    group: str | None = None
    send_events: bool = False
    rekey: bool = False
    yes: bool = False
    """Whether it is agreed that people get mails again."""
    admin_port: int = 0


def begin_of(text: str, wall: float) -> Since | Begin:
    """``earliest``, an age as ``30d``, or a date with or without a time (UTC where it names no zone).

    ``wall`` is now, seconds since 1970. Raises ``typer.BadParameter``.
    """
    if text == EARLIEST:
        return Begin.BEGINNING
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at_s = wall - _age_s(text)
    else:
        at_s = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if at_s < 0:
        raise typer.BadParameter(f"{text} is before 1970, and Kafka has no such times; for all of it give {EARLIEST}")
    return Since(round(at_s * 1_000))


def requests_per_s(share: float, rate_per_s: int) -> int:
    """Whole requests a second that this share of the team's rate comes to, and 1 at least."""
    return max(1, math.floor(share * rate_per_s + 1e-9))


def backfill(settings: Settings, mapping: CompiledMapping, wanted: Wanted) -> None:
    """Asks, surveys, runs, and says what came of it. Exits 1 where it ended before its end."""
    live = settings.kafka.group_id
    group = f"{live}{_SUFFIX}" if wanted.group is None else wanted.group
    if group == live:
        fail(f"--group: {group} is the group of the consumer itself (kafka.group_id); give another")
    per_s = requests_per_s(wanted.share, settings.loops.expected_rate_per_s)
    _say_share(settings, per_s, group)
    course = Course(group, wanted.send_events, wanted.rekey)
    _confirm(mapping, wanted)
    key = HeldKey(settings.loops.key_source)
    console = Console(stderr=True)
    undo = configure(sys.stderr, terminal=console.is_terminal, level="warning" if console.is_terminal else "info")
    try:
        own = _own(settings, group, wanted.admin_port)
        check_letter_topic(own.kafka)
        found = _surveyed(own, mapping, wanted, console)
        with _shown(console) as progressed:
            ended = Backfill(own, mapping, key, course, per_s, found).run(progressed)
    except (RunnerFailed, PeekFailed, NotYet, NoTimes, TooManyContacts) as failed:
        fail(str(failed))
    finally:
        undo()
    _say_end(ended, found, group)
    if not ended.reached:
        raise typer.Exit(FAILED)


def _own(settings: Settings, group: str, admin_port: int) -> Settings:
    kafka = settings.kafka.model_copy(update={"group_id": group, "start": EARLIEST})
    admin = settings.admin.model_copy(update={"port": admin_port})
    return settings.model_copy(update={"kafka": kafka, "admin": admin})


def _age_s(text: str) -> float:
    try:
        return duration_s(text) or 0.0
    except typer.BadParameter:
        raise typer.BadParameter("give earliest, an age as 30d, or a time as 2026-05-01 or 2026-05-01T10:00") from None


def _say_share(settings: Settings, per_s: int, group: str) -> None:
    loops = settings.loops
    rate_per_s = loops.expected_rate_per_s
    _say(
        f"backfill as the group {group}, at {per_s} of {rate_per_s} requests a second;"
        f" the consumer beside it leaves them free with loops.reserve_per_s: {per_s}"
    )
    if per_s >= rate_per_s:
        _say("warning: this is the team's whole rate; stop the consumer beside it, or give a smaller --share")
    elif loops.reserve_per_s < per_s:
        _say(
            f"warning: loops.reserve_per_s is {loops.reserve_per_s} here; while a consumer runs with that, and is busy,"
            " Loops will tell both to slow down at times"
        )


def _confirm(mapping: CompiledMapping, wanted: Wanted) -> None:
    """Asks before people get mails again; on no terminal that has to be said beforehand."""
    if not wanted.send_events:
        return
    again = []
    if wanted.rekey:
        again.append("--rekey sends again what Loops has had, and its workflows run again")
    forgotten = [
        rule.id
        for rule in mapping.rules
        if rule.call is Call.SEND and (rule.max_age_s is None or rule.max_age_s > SEND_MAX_AGE_S)
    ]
    if forgotten:
        again.append(
            f"events of {', '.join(forgotten)} go out at an age of more than 24 h (max_age), when Loops no longer knows"
            " what it has had, and its workflows run again"
        )
    if not again or wanted.yes:
        return
    for sentence in again:
        _say(f"warning: {sentence}")
    if not sys.stdin.isatty():
        fail("give --yes where that is meant")
    typer.confirm("Send them?", abort=True, err=True)


def _surveyed(own: Settings, mapping: CompiledMapping, wanted: Wanted, console: Console) -> Surveyed:
    kafka = own.kafka
    decoder = registry_decoder(kafka.schema_registry, patient=True)
    columns = (TextColumn("reading beforehand"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        found = survey(
            kafka,
            mapping,
            wanted.begin,
            decoder=decoder,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )
    if not found.from_beginning:
        commit_begins(kafka, found.begins)
    return found


@contextmanager
def _shown(console: Console) -> Iterator[course_of.Progressed]:
    """What shows how far it is: a bar on a terminal, else a line of the log now and then."""
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("backfill"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("records, {task.fields[requests]} requests, {task.fields[left]}"),
        TextColumn("{task.fields[waits]}", style="yellow"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield _on(bar, bar.add_task("", total=None, requests=0, left="", waits=""))


def _on(bar: Progress, task: TaskID) -> Callable[[course_of.Progress], None]:
    def progressed(at: course_of.Progress) -> None:
        left = f"{_span(at.left_s)} to go"
        bar.update(task, completed=at.done, total=at.of, requests=at.requests, left=left, waits=at.waits_for)

    return progressed


class _Lines:
    """Writes a line each ten seconds, from the first partition on."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def __call__(self, at: course_of.Progress) -> None:
        now = time.monotonic()
        if now < self._next_at or not (at.of or at.waits_for):
            return
        self._next_at = now + _SAY_EVERY_S
        left_s = None if at.left_s is None else round(at.left_s)
        waits = {"waits_for": at.waits_for} if at.waits_for else {}
        _log.info("backfill_progress", records=at.done, of=at.of, requests=at.requests, left_s=left_s, **waits)


def _say_end(ended: Ended, found: Surveyed, group: str) -> None:
    for fate, count in sorted(ended.fates.items(), key=lambda item: item[0].value):
        if count:
            typer.echo(f"{count:>12,} records {fate.value}")
    typer.echo(f"{ended.requests:>12,} requests in {_span(ended.seconds)}")
    if ended.shortened:
        typer.echo(f"{ended.shortened:>12,} of them without properties that were set since")
    if ended.reached:
        typer.echo(f"done: the group {group} has read about {found.records:,} records to where they ended")
        return
    typer.echo(f"not done: {ended.reason or 'stopped'}; run it again, and it goes on where it stopped")


def _span(seconds: float | None) -> str:
    """A length of time for a person."""
    if seconds is None:
        return "an unknown time"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)
