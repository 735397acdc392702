"""A preview from its first record to its end."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from consumer.cli.previewing import look, print_pages
from consumer.cli.reading import Reading, Span
from consumer.mapping.envelope import NotYet
from consumer.mapping.rules import load_mapping
from consumer.preview.tally import Tally
from consumer.settings import KafkaSettings, Settings
from tests.cli.looking import MAPPING, TOPIC, topic_of, track
from tests.core.driving import WALL

COMPILED = load_mapping(MAPPING, "mapping.yaml")


def test_what_was_read_is_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody watches nothing is shown before."""
    with topic_of(*(track("Trial Started", f"u{number}", plan="pro") for number in range(10))) as broker:
        settings = _settings(broker.bootstrap_servers)
        reading = Reading(Span("beginning"), WALL)
        found = look(settings, COMPILED, reading, compared=None, examples_max=1, shown=True)

    assert ("", "") == capsys.readouterr()
    print_pages(found)
    assert (10, 10) == (found["records"], found["requests"]["count"])
    assert "10 records; nothing was sent" in capsys.readouterr().out


def test_what_cannot_be_decoded_for_now_ends_it_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures without those records would be wrong."""

    def refuse(*_: object) -> None:
        raise NotYet("the registry does not answer")

    monkeypatch.setattr(Tally, "take", refuse)
    with topic_of(track("Viewed")) as broker, pytest.raises(typer.Exit):
        look(
            _settings(broker.bootstrap_servers),
            COMPILED,
            Reading(Span("beginning"), WALL),
            compared=None,
            examples_max=1,
            shown=False,
        )
    assert "loops-consumer: the registry does not answer\n" == capsys.readouterr().err


def _settings(servers: str) -> Settings:
    kafka = KafkaSettings(bootstrap_servers=servers, topics=(TOPIC,))
    return Settings.model_construct(kafka=kafka, mapping=Path("mapping.yaml"))
