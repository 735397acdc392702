"""``loops-consumer infer``, on librdkafka's mock cluster."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consumer.cli.main import main
from consumer.mapping.rules import load_mapping
from consumer.sandbox.broker import MockBroker
from tests.cli.looking import TOPIC, topic_of, track

EVENTS = [track("Trial Started", f"u{number}", plan="pro", email="user@example.com") for number in range(30)]


def _run(broker: MockBroker, directory: Path, *words: str) -> int:
    """With settings that name no mapping that is there."""
    settings = directory / "consumer.yaml"
    kafka = f"{{bootstrap_servers: '{broker.bootstrap_servers}', topics: [{TOPIC}]}}"
    settings.write_text(f"kafka: {kafka}\nmapping: not-there.yaml\n")
    return main(["infer", "--config", str(settings), *words])


def test_a_mapping_is_printed_that_loads_and_shows_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it is made of is said beside it."""
    with topic_of(*EVENTS) as broker:
        assert 0 == _run(broker, tmp_path)

    out, err = capsys.readouterr()
    assert () == load_mapping(out, "mapping.yaml", (TOPIC,)).rules
    assert "plan: properties.plan    # text: pro" in out
    assert [] == [word for word in ("user@", "u1") if word in out + err]
    assert re.fullmatch(r"30 records in [0-9.]+ s; format: segment\n", err)


def test_a_file_is_written_and_never_written_over_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--force`` asks for it."""
    output = tmp_path / "mapping.yaml"
    with topic_of(*EVENTS) as broker:
        assert 0 == _run(broker, tmp_path, "--output", str(output))
        written = output.read_text()
        output.write_text("mine")
        assert 1 == _run(broker, tmp_path, "--output", str(output))
        assert "mine" == output.read_text()
        assert 0 == _run(broker, tmp_path, "--output", str(output), "--force")

    out, err = capsys.readouterr()
    assert (written, "") == (output.read_text(), out)
    assert f"{output} is there already; --force writes over it" in err
    assert f"format: segment; written to {output}" in err


def test_another_topic_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In place of those of the settings."""
    with topic_of(*EVENTS) as broker:
        assert 1 == _run(broker, tmp_path, "--topic", "nowhere")

    assert "nowhere" in capsys.readouterr().err
