"""What came of a redrive, or would."""

from __future__ import annotations

import pytest

from consumer.cli.redrive_summary import Rehearsal, plain_rehearsal, plain_tally, show_rehearsal, show_tally
from consumer.core.effect import Fate
from consumer.core.record import Rejection
from consumer.redrive.hand import Tally
from consumer.redrive.planning import Left
from tests.core.driving import send, update
from tests.redrive.making import stored


def rehearsal() -> Rehearsal:
    """Two letters that would be sent, one of them by two rules, and three that would not."""
    found = Rehearsal(letters_per_s=1.5, others={"no dead letter": 4})
    found.take(stored(1), (send("a"),))
    found.take(stored(2, rule=None), (send("a"), update("a")))
    found.take(stored(3), ())
    found.take(stored(4), (Rejection("value", "plan is an array", "r0"),))
    found.take(stored(5), Left.STALE)
    return found


def tally() -> Tally:
    """Three done, two left."""
    found = Tally()
    found.done["r0", Fate.DELIVERED] = 2
    found.done["", Fate.DEAD_LETTERED] = 1
    found.left["r0", Left.CONTACT_UNKNOWN] = 2
    return found


def test_a_rehearsal_counts_by_rule_what_would_be_done() -> None:
    """As a program reads it."""
    plain = plain_rehearsal(rehearsal())

    assert {
        ("r", "send trialStarted", 2),
        ("u", "update contact", 1),
        ("r0", "no rule wants it any more", 1),
        ("r0", "a dead letter again, value: plan is an array", 1),
    } == {(one["rule"], one["what"], one["count"]) for one in plain["would"]}
    assert [{"rule": "r0", "reason": "stale", "letters": 1}] == plain["left"]


def test_a_rehearsal_says_that_nothing_was_done_and_how_long_it_would_take(capsys: pytest.CaptureFixture[str]) -> None:
    """And what stays, and how that could be sent."""
    show_rehearsal(rehearsal())

    lines = capsys.readouterr().out.splitlines()
    assert "dry run: nothing was sent, nothing was marked, and Loops was not asked for contacts" == lines[0]
    assert any("--send-stale" in line for line in lines)
    assert ["4 left aside: no dead letter", "about 4 s at 1.5 letters a second"] == lines[-2:]


def test_a_tally_says_what_became_of_each_rule_s_letters(capsys: pytest.CaptureFixture[str]) -> None:
    """And whether it came to its end."""
    for ended, last in ((True, "3 letters done, 2 left"), (False, "ended early: 3 letters done, 2 left")):
        show_tally(tally(), {}, ended=ended)
        lines = capsys.readouterr().out.splitlines()
        assert last == lines[-1]
        assert any(line.split() == ["2", "r0", "delivered"] for line in lines)
        assert any("(no rule)" in line and "a dead letter again" in line for line in lines)
        assert any("--create-contacts" in line for line in lines)


def test_a_program_reads_the_same_tally() -> None:
    """By fixed words."""
    assert {
        "ended": True,
        "done": [
            {"rule": None, "fate": "dead_lettered", "letters": 1},
            {"rule": "r0", "fate": "delivered", "letters": 2},
        ],
        "left": [{"rule": "r0", "reason": "contact_unknown", "letters": 2}],
        "others": {},
    } == plain_tally(tally(), {}, ended=True)


def test_every_reason_to_stay_has_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    """None is shown as it is called in the program."""
    found = Tally()
    for why in Left:
        found.left["r0", why] = 1
    show_tally(found, {}, ended=True)

    shown = capsys.readouterr().out
    assert [] == [why for why in Left if "_" in why.value and why.value in shown]


def test_nothing_to_do_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a table."""
    show_tally(Tally(), {}, ended=True)
    show_rehearsal(Rehearsal(1.0, {}))

    assert ["no letters"] * 2 == [line for line in capsys.readouterr().out.splitlines() if line.startswith("no")]
