"""An inference from its first record to its text."""

from __future__ import annotations

import pytest
import typer

from consumer.cli.inferring import inferred
from consumer.cli.reading import Span
from consumer.settings import KafkaSettings
from tests.cli.looking import TOPIC, topic_of, track


def _kafka(servers: str) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=servers, topics=(TOPIC,))


def test_no_more_is_read_than_asked_and_no_more_proposed() -> None:
    """Of records and of rules."""
    with topic_of(*(track(f"e{number % 4}") for number in range(40))) as broker:
        text, summary = inferred(_kafka(broker.bootstrap_servers), Span("beginning", None, 20), rules_max=2)

    assert summary.startswith("20 records")
    assert 2 == text.count("- name:")


def test_where_nothing_lies_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """And how to look further back."""
    with topic_of(ago_s=0) as broker, pytest.raises(typer.Exit):
        inferred(_kafka(broker.bootstrap_servers), Span("1h"), rules_max=2)
    assert f"no record lies on {TOPIC} of the last 1h: try --since beginning" in capsys.readouterr().err


def test_values_that_want_a_schema_end_it_with_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written."""
    with topic_of(b"\x00\x00\x00\x00\x07\x02avro") as broker, pytest.raises(typer.Exit):
        inferred(_kafka(broker.bootstrap_servers), Span("beginning"), rules_max=2)
    assert "kafka.schema_registry" in capsys.readouterr().err
