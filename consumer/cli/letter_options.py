"""What the commands about dead letters share: which letters are meant, and how the topic is read."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from enum import Enum
from typing import Annotated, NoReturn, TypeAlias

import typer

from consumer.adapters.kafka_peek import Peek, PeekFailed
from consumer.cli.ending import FAILED
from consumer.core.record import TopicPartition
from consumer.logs import configure
from consumer.redrive.survey import Choice, Survey
from consumer.settings import KafkaSettings

__all__ = [
    "JsonOption",
    "NewerOption",
    "OlderOption",
    "ReasonOption",
    "RuleOption",
    "Stage",
    "StageOption",
    "choice_of",
    "duration_s",
    "fail",
    "read_topic",
]

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])")


class Stage(Enum):
    """Where a record failed."""

    DECODE = "decode"
    MAP = "map"
    DELIVER = "deliver"


def duration_s(text: str | None) -> float | None:
    """``90s``, ``15m``, ``1h`` or ``2d`` in seconds. Raises ``typer.BadParameter``."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise typer.BadParameter("give a number and its unit: 90s, 15m, 1h or 2d")
    return int(found[1]) * _UNITS_S[found[2]]


def _checked(text: str | None) -> str | None:
    duration_s(text)
    return text


RuleOption: TypeAlias = Annotated[
    str | None, typer.Option("--rule", metavar="ID", help="Only those of this rule.", show_default=False)
]
ReasonOption: TypeAlias = Annotated[
    str | None, typer.Option("--reason", metavar="WORD", help="Only those with this reason, as refused.")
]
StageOption: TypeAlias = Annotated[Stage | None, typer.Option("--stage", help="Only those that failed there.")]
OlderOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--older", metavar="AGE", callback=_checked, help="Only those that failed so long ago, as 1h or 2d."),
]
NewerOption: TypeAlias = Annotated[
    str | None, typer.Option("--newer", metavar="AGE", callback=_checked, help="Only those that failed since, as 24h.")
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="The answer as JSON, for a program.")]


def choice_of(
    rule: str | None, reason: str | None, stage: Stage | None, older: str | None, newer: str | None
) -> Choice:
    """The letters that these options mean."""
    return Choice(rule, reason, None if stage is None else stage.value, duration_s(older), duration_s(newer))


def read_topic(kafka: KafkaSettings, survey: Survey) -> Sequence[TopicPartition]:
    """Takes in all that lies on the dead-letter topic now, and returns its partitions.

    Joins no group. Ends the command with a sentence where Kafka does not answer.
    """
    from rich.console import Console  # noqa: PLC0415 - help needs none of it
    from rich.progress import Progress  # noqa: PLC0415 - as above

    from consumer.redrive.reading import surveyed  # noqa: PLC0415 - as above

    undo = configure(sys.stderr, terminal=sys.stderr.isatty(), level="critical")
    console = Console(stderr=True)
    try:
        with (
            Peek(kafka, topics=[kafka.dead_letter_topic]) as peek,
            Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ):
            task = progress.add_task("reading", total=peek.records)
            surveyed(peek, survey, lambda done: progress.update(task, completed=done))
            return peek.partitions
    except PeekFailed as failed:
        fail(str(failed))
    finally:
        undo()


def fail(message: str) -> NoReturn:
    """Ends the command with a sentence."""
    typer.echo(f"loops-consumer: {message}", err=True)
    raise typer.Exit(FAILED)
