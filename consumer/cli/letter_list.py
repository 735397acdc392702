"""``loops-consumer dead-letters list``: what lies there, and how it adds up."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumer.adapters.letter_reading import StoredLetter
from consumer.cli.letter_words import NO_RULE, age, place, plain_letter, safe
from consumer.redrive.survey import Survey, age_s

__all__ = ["plain_list", "show_list"]

_PIPED_WIDTH = 200
"""Columns where no terminal says how many it has."""

_RULES_SHOWN = 20


def plain_list(survey: Survey, limit: int, wall: float) -> dict[str, Any]:
    """What a program reads: the newest ``limit`` of the chosen letters, and the totals of all of them."""
    found = _newest_first(survey)
    totals = [
        {"rule": rule or None, "stage": stage, "reason": reason, "letters": count}
        for (rule, stage, reason), count in _totals(found)
    ]
    return {
        "letters": [plain_letter(letter, survey.done.get(letter.at), wall) for letter in found[:limit]],
        "matching": len(found),
        "totals": totals,
        "others": dict(survey.others),
    }


def show_list(survey: Survey, limit: int, wall: float, rule: str | None = None) -> None:
    """The same for people. Where no letter is of the ``rule`` that they named, it says of which there are some."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)
    found = _newest_first(survey)
    if found:
        if limit:
            console.print(_letters(survey, found[:limit], wall))
            console.print()
        console.print(_table_of_totals(found))
        console.print()
    console.print(_last_line(survey, found, limit))
    if rule is not None and survey.rules and rule not in survey.rules:
        names = sorted(map(safe, survey.rules))
        more = f" and {len(names) - _RULES_SHOWN} more" if len(names) > _RULES_SHOWN else ""
        console.print(f"none is of a rule {safe(rule)}; there are letters of {', '.join(names[:_RULES_SHOWN])}{more}")


def _newest_first(survey: Survey) -> list[StoredLetter]:
    return sorted(survey.chosen.values(), key=lambda letter: (letter.first_failed_ms, letter.at), reverse=True)


def _totals(found: list[StoredLetter]) -> list[tuple[tuple[str, str, str], int]]:
    counted = Counter((safe(one.rule or ""), safe(one.stage), safe(one.reason)) for one in found)
    return counted.most_common()


def _letters(survey: Survey, found: list[StoredLetter], wall: float) -> Table:
    """Two lines a letter, so that it can be read at 80 columns: its rule over its record, its reason over the text."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("letter", no_wrap=True, style="bold")
    table.add_column("failed", no_wrap=True, justify="right")
    table.add_column("tries", justify="right")
    table.add_column("rule, record", overflow="fold")
    table.add_column("why", overflow="fold", ratio=1)
    for letter in found:
        done = survey.done.get(letter.at)
        record = letter.record
        what = Text(safe(letter.rule or NO_RULE))
        what.append(f"\n{safe(record.topic)} {record.partition}:{record.offset}", style="dim")
        why = Text(f"{safe(letter.stage)}: {safe(letter.reason)}")
        if done is not None:
            why.append(f"; done since: {safe(done.fate)}", style="green")
        why.append(f"\n{safe(letter.message)}", style="dim")
        failed = f"{age(age_s(letter, wall))} ago"
        table.add_row(place(letter.at), failed, str(letter.attempts), what, why, style="" if done is None else "dim")
    return table


def _table_of_totals(found: list[StoredLetter]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("letters", justify="right")
    table.add_column("rule")
    table.add_column("why")
    for (rule, stage, reason), count in _totals(found):
        table.add_row(str(count), Text(rule or NO_RULE), Text(f"{stage}: {reason}"))
    return table


def _last_line(survey: Survey, found: list[StoredLetter], limit: int) -> str:
    done = sum(letter.at in survey.done for letter in found)
    parts = [f"{len(found)} {'letter' if len(found) == 1 else 'letters'}" if found else "no letters"]
    if done:
        parts[0] += f", {done} of them done"
    if len(found) > limit:
        parts[0] += f", the newest {limit} shown (--limit)"
    if not survey.keep_done and survey.done:
        parts.append(f"{len(survey.done)} done and not shown (--all)")
    parts += [f"{count} left aside: {why}" for why, count in survey.others.most_common()]
    return "; ".join(parts)
