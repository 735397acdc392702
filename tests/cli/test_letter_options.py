"""Which letters are meant."""

from __future__ import annotations

import pytest
import typer

from consumer.cli.letter_options import Stage, choice_of, duration_s, read_topic
from consumer.redrive.survey import Choice, Survey
from consumer.settings import KafkaSettings


@pytest.mark.parametrize(("text", "seconds"), (("90s", 90), ("15m", 900), ("1h", 3600), ("2d", 172_800)))
def test_an_age_is_a_number_and_its_unit(text: str, seconds: float) -> None:
    """As in the mapping."""
    assert seconds == duration_s(text)


@pytest.mark.parametrize("text", ("", "1", "h", "1.5h", "-1h", "1 h", "1w", "9999999d"))
def test_anything_else_is_refused_with_what_is_right(text: str) -> None:
    """Rather than guessed."""
    with pytest.raises(typer.BadParameter, match="90s, 15m, 1h or 2d"):
        duration_s(text)


def test_options_make_a_choice() -> None:
    """None of them chooses everything."""
    assert Choice() == choice_of(None, None, None, None, None)
    assert Choice("r", "refused", "deliver", 60, 120) == choice_of("r", "refused", Stage.DELIVER, "1m", "2m")


def test_a_kafka_that_does_not_answer_is_a_sentence_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing hangs."""
    monkeypatch.setattr("consumer.adapters.kafka_peek._ASK_WITHIN_S", 0.3)
    with pytest.raises(typer.Exit) as stop:
        read_topic(KafkaSettings(bootstrap_servers="127.0.0.1:1"), Survey(lambda _: True))

    assert 1 == stop.value.exit_code
    assert "loops-consumer: no broker answers at 127.0.0.1:1 within 0.3 s" in capsys.readouterr().err
