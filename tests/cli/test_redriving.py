"""What a redrive asks, says and returns, on librdkafka's mock cluster and the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
import typer

from consumer.cli.redriving import Wanted, redrive, rehearse
from consumer.faults import Faults
from consumer.mapping.rules import load_mapping
from consumer.redrive.survey import Choice
from tests.mapping.making import mapping_of
from tests.redrive.stand import KNOWN, RULE, Stand, standing

MAPPING = mapping_of(RULE)


@pytest.fixture
def stand() -> Iterator[Stand]:
    """A quick sandbox that knows some users, and two letters more."""
    with standing() as stand:
        stand.add(KNOWN + 2)
        yield stand


def wanted(*, limit: int | None = None, share: float = 0.2, asks: bool = True) -> Wanted:
    """Everything, at any age."""
    return Wanted(Choice(), limit, share, send_stale=True, asks=asks)


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON on standard output."""
    return orjson.loads(capsys.readouterr().out)


def test_it_says_what_became_of_the_letters(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """And returns whether it came to its end; on standard error there is no bar where there is no terminal."""
    assert redrive(stand.settings, MAPPING, wanted(), json=False)

    output = capsys.readouterr()
    assert f"{KNOWN} letters done, 2 left" == output.out.splitlines()[-1]
    assert "the contact is not in Loops" in output.out
    assert "loops.reserve_per_s leaves 0 of them free" in output.err
    assert "redriving" not in output.err


def test_a_limit_takes_those_that_failed_first(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is for another run."""
    assert redrive(stand.settings, MAPPING, wanted(limit=2), json=True)

    assert [{"rule": "r0", "fate": "delivered", "letters": 2}] == printed(capsys)["done"]
    assert KNOWN == len(stand.open())


def test_a_run_that_failed_says_how_far_it_came_and_why(
    stand: Stand, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And exits 1."""

    def broken(*_: object) -> Any:
        return (int("not read") for _ in range(1))

    monkeypatch.setattr("consumer.redrive.run.with_values", broken)
    with pytest.raises(typer.Exit) as stop:
        redrive(stand.settings, MAPPING, wanted(), json=True)

    output = capsys.readouterr()
    assert (1, False) == (stop.value.exit_code, orjson.loads(output.out)["ended"])
    assert [{"rule": "r0", "reason": "not_reached", "letters": KNOWN + 2}] == orjson.loads(output.out)["left"]
    assert "loops-consumer: defect: ValueError" in output.err


def test_a_rehearsal_sends_and_marks_nothing(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """It asks Loops nothing either."""
    before = stand.sandbox.received_count()

    rehearse(stand.settings, MAPPING, wanted(), json=True)

    assert [{"rule": "r0", "what": "send trialStarted", "count": KNOWN + 2}] == printed(capsys)["would"]
    assert (before, KNOWN + 2) == (stand.sandbox.received_count(), len(stand.open()))


def test_a_rule_that_there_is_not_is_no_empty_answer(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """But where a letter is of it, open or done, or the mapping has it: then nothing is left to do."""
    mapping = load_mapping("format: segment\nrules: [{name: order-completed, when: A, send: a, enabled: false}]\n", "m")

    def named(rule: str) -> str:
        one = Wanted(Choice(rule=rule), None, 0.2, send_stale=True, asks=True)
        with suppress(typer.Exit):
            rehearse(stand.settings, mapping, one, json=True)
        return capsys.readouterr().err

    assert "no rule and no dead letter is of order-completd; did you mean order-completed?" in named("order-completd")
    assert "no rule and no dead letter is of nothing\n" in named("nothing")
    assert ["", ""] == [named("order-completed"), named("r0")]


def test_a_topic_that_cannot_be_written_to_is_a_fault_before_anything_is_sent(stand: Stand) -> None:
    """What was sent could not be marked."""
    kafka = stand.settings.kafka.model_copy(update={"dead_letter_topic": "nowhere"})

    with pytest.raises(Faults, match="nowhere"):
        redrive(stand.settings.model_copy(update={"kafka": kafka}), MAPPING, wanted(), json=True)


def test_a_share_that_is_too_small_is_refused(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """A letter takes two requests, or one where contacts are not asked for."""
    loops = stand.settings.loops.model_copy(update={"rate_per_s": 10})
    settings = stand.settings.model_copy(update={"loops": loops})
    with pytest.raises(typer.Exit):
        rehearse(settings, MAPPING, wanted(share=0.1), json=True)
    assert "--share: 0.1 of 10 requests a second" in capsys.readouterr().err

    rehearse(settings, MAPPING, wanted(share=0.1, asks=False), json=True)
