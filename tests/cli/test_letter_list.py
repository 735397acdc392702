"""The list of dead letters."""

from __future__ import annotations

import pytest

from consumer.adapters.letter_reading import Lying, Mark, NoLetter
from consumer.cli.letter_list import plain_list, show_list
from consumer.redrive.survey import Survey
from tests.redrive.making import WALL, at, stored

LYING: list[Lying] = [
    stored(1, first_failed_at_ms=1_777_629_600_000),
    stored(
        2, first_failed_at_ms=1_777_629_601_000, rule=None, stage="decode", reason="undecodable", message="[red]junk"
    ),
    stored(3, first_failed_at_ms=1_777_629_602_000),
    Mark(at(3), "delivered", 0),
    NoLetter(at(4), "no dead letter"),
]


def survey(*, keep_done: bool = False) -> Survey:
    """A survey of these."""
    found = Survey(lambda _: True, keep_done=keep_done)
    found.take(LYING)
    return found


def test_a_program_reads_the_newest_and_the_totals_of_all() -> None:
    """The limit bounds what is listed and not what is added up."""
    plain = plain_list(survey(), 1, WALL)

    assert (["0:2"], 2) == ([letter["letter"] for letter in plain["letters"]], plain["matching"])
    assert {(None, "undecodable", 1), ("r0", "refused", 1)} == {
        (total["rule"], total["reason"], total["letters"]) for total in plain["totals"]
    }
    assert {"no dead letter": 1} == plain["others"]


def test_people_see_the_newest_first_and_what_is_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    """Text is no markup."""
    show_list(survey(), 50, WALL)

    lines = capsys.readouterr().out.splitlines()
    rows = [line.split()[0] for line in lines if line.startswith("0:")]
    assert ["0:2", "0:1"] == rows
    assert any("[red]junk" in line for line in lines)
    assert "2 letters; 1 done and not shown (--all); 1 left aside: no dead letter" == lines[-1]


def test_those_that_are_done_say_how(capsys: pytest.CaptureFixture[str]) -> None:
    """Where they are asked for."""
    show_list(survey(keep_done=True), 1, WALL)

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("0:3") and "done since: delivered" in line for line in lines)
    assert "3 letters, 1 of them done, the newest 1 shown (--limit); 1 left aside: no dead letter" == lines[-1]


def test_a_rule_that_no_letter_is_of_is_said_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the pen is not taken for good news."""
    found = Survey(lambda letter: letter.rule == "r00")
    found.take(LYING)
    show_list(found, 50, WALL, "r00")
    found.rules |= {f"r{number}" for number in range(100, 125)}
    show_list(found, 50, WALL, "r00")
    show_list(survey(), 0, WALL, "r0")

    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("none")]
    shown = ", ".join(f"r{number}" for number in range(100, 119))
    assert [
        "none is of a rule r00; there are letters of r0",
        f"none is of a rule r00; there are letters of r0, {shown} and 6 more",
    ] == lines


def test_no_letters_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    """In a line without a table."""
    show_list(Survey(lambda _: True), 50, WALL, "r0")

    assert "no letters\n" == capsys.readouterr().out
