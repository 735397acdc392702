"""A plan from what a person asks for to its figures: with a bar on a terminal, else without a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.progress import Progress

from consumer.cli.letter_options import fail
from consumer.cli.plan_view import pages, span
from consumer.cli.terminal import console
from consumer.core.policy import Policy
from consumer.core.sharing import READ_EVERY_S
from consumer.faults import Fault, Faults
from consumer.planning.arrival_file import read_arrivals
from consumer.planning.arrival_words import FORMS, Wanted, WrongWord, wanted
from consumer.planning.arrivals import Arrival
from consumer.planning.setting import Setting
from consumer.planning.simulation import Simulation
from consumer.planning.summary import summary
from consumer.sandbox.options import LimitWay

__all__ = ["Asked", "Found", "arrivals_of", "look"]

_FOR_S: Final = 600.0
_AFTER_S: Final = 60.0
"""Seconds that a file is followed beyond its last record."""
_STEPS: Final = 200
_RECORDS_MAX: Final = 2_000_000
_REPLICA_S_MAX: Final = 30 * 86_400.0
"""Seconds of one replica; of several together."""
_FILE_BYTES_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say, beside what arrives."""

    rate_per_s: int
    replicas: int
    partitions: int
    window: LimitWay
    jitter_s: float
    reserve_per_s: int
    seed: int
    merge: bool
    starvation_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """What arrives, and for how many seconds it is looked at."""

    arrivals: Sequence[Arrival]
    for_s: float


def arrivals_of(words: Sequence[str], for_s: float | None, seed: int) -> Found:
    """What all of the words ask for, two million at most.

    Raises :class:`Faults` for what stands in a file, ``typer.BadParameter`` for a word.
    """
    arrivals: list[Arrival] = []
    asked = []
    for word in words:
        try:
            form = wanted(word)
        except WrongWord as wrong:
            raise typer.BadParameter(f"{word}: {wrong}", param_hint="--arrivals") from None
        if form is None:
            _check_name(word)
            arrivals += read_arrivals(_text(word), word)
            _check_number(len(arrivals), (), 0.0)
        else:
            asked.append(form)
    if for_s is None:
        for_s = max(_FOR_S, math.ceil(max((arrival.at_s for arrival in arrivals), default=0.0)) + _AFTER_S)
    _check_number(len(arrivals), asked, for_s)
    for number, form in enumerate(asked):
        arrivals += form.arrivals(for_s=for_s, seed=f"{seed}/{number}")
    return Found(arrivals, for_s)


def look(asked: Asked, found: Found, plot: Path | None, *, shown: bool) -> dict[str, Any]:
    """Simulates it, draws it where a ``plot`` is wanted, prints it where it is ``shown``; gives it as plain data.

    Raises ``typer.BadParameter`` where it would take too long.
    """
    if plot is not None and find_spec("matplotlib") is None:
        fail("--plot needs matplotlib: pip install '.[plot]' in the checkout")
    if plot is not None and not plot.parent.is_dir():
        fail(f"--plot: cannot write {plot}: there is no directory {plot.parent}")
    _check_length(asked, found.for_s)
    policy = Policy(
        rate_per_s=asked.rate_per_s,
        reserve_per_s=asked.reserve_per_s,
        demand_every_s=READ_EVERY_S,
        merge_updates=asked.merge,
        merge_into_events=asked.merge,
        starvation_s=asked.starvation_s,
    )
    setting = Setting(
        limit_per_s=asked.rate_per_s,
        way=asked.window,
        replicas=asked.replicas,
        partitions=asked.partitions,
        policy=policy,
        jitter_s=asked.jitter_s,
        for_s=found.for_s,
        seed=asked.seed,
    )
    simulation = Simulation(setting, found.arrivals)
    _run(simulation, found.for_s)
    page = summary(setting, simulation.course)
    if plot is not None:
        from consumer.cli.plan_plot import draw  # noqa: PLC0415 - it is an extra

        draw(setting, simulation.course, plot)
    if shown:
        console().print(pages(page))
    return page


def _run(simulation: Simulation, for_s: float) -> None:
    bar = Console(stderr=True)
    with Progress(console=bar, transient=True, disable=not bar.is_terminal) as progress:
        for step in progress.track(range(1, _STEPS + 1), description="simulating"):
            simulation.timeline.run(for_s * step / _STEPS)


def _check_number(in_files: int, asked: Sequence[Wanted], for_s: float) -> None:
    """Before more are made than fit into memory."""
    count = in_files + sum(form.expected(for_s) for form in asked)
    if count > _RECORDS_MAX:
        shorter = "; shorten --for" if any(form.form == "poisson" for form in asked) else ""
        message = f"that would be {count:,.0f} records; allowed: {_RECORDS_MAX:,}{shorter}"
        raise typer.BadParameter(message, param_hint="--arrivals")


def _check_length(asked: Asked, for_s: float) -> None:
    """Each replica takes its turns though nothing arrives."""
    most_s = _REPLICA_S_MAX / asked.replicas
    if for_s > most_s:
        message = f"found {span(for_s)}; allowed: at most {span(most_s)} for --replicas {asked.replicas}"
        raise typer.BadParameter(message, param_hint="--for")


def _check_name(word: str) -> None:
    """That it can be the name of a file."""
    forms = " or ".join(f"{form}:NUMBER" for form in FORMS)
    if not word.strip():
        message = f'found "{word}"; allowed: a file, or {forms}'
    elif Path(word).is_dir():
        message = f"{word} is a directory; allowed: a file, or {forms}"
    elif not Path(word).exists():
        message = f"{word}: there is no such file, and it is not {forms}"
    else:
        return
    raise typer.BadParameter(message, param_hint="--arrivals")


def _text(word: str) -> str:
    try:
        file = Path(word)
        if file.stat().st_size > _FILE_BYTES_MAX:
            raise Faults([Fault(f"is larger than {_FILE_BYTES_MAX // 2**20} MB", word)])
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Faults([Fault("is not UTF-8", word)]) from None
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", word)]) from None
    if (lines := text.count("\n")) > _RECORDS_MAX + 1:
        raise Faults([Fault(f"has {lines:,} lines; allowed: {_RECORDS_MAX:,} records", word)])
    return text
