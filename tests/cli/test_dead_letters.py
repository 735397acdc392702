"""The commands about dead letters, on librdkafka's mock cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner, Result

from consumer.adapters.letter_headers import letter_headers
from consumer.adapters.letter_marks import mark_headers
from consumer.adapters.letter_reading import Mark
from consumer.cli.dead_letters import dead_letters
from consumer.core.effect import Letter
from consumer.sandbox.broker import MockBroker
from tests.mapping.making import TRIAL
from tests.redrive.making import LETTERS, at, refused


class Commands:
    """The commands with a topic of letters and files of their own."""

    def __init__(self, broker: MockBroker, directory: Path) -> None:
        """Nothing lies on the topic; the mapping has the rule ``r0``."""
        broker.create_topic(LETTERS, 1)
        self._broker = broker
        self._config = directory / "consumer.yaml"
        kafka = {"bootstrap_servers": broker.bootstrap_servers, "dead_letter_topic": LETTERS}
        self._config.write_text(json.dumps({"kafka": kafka, "mapping": "mapping.yaml"}))
        rule = {"name": "r0", "when": "Trial Started", "send": "trialStarted", "max_age": None}
        (directory / "mapping.yaml").write_text(json.dumps({"format": "segment", "rules": [rule]}))

    def add(self, *lying: Letter | Mark) -> None:
        """Writes them, from offset 0 on."""
        producer = Producer({"bootstrap.servers": self._broker.bootstrap_servers})
        for one in lying:
            if isinstance(one, Mark):
                producer.produce(LETTERS, headers=mark_headers(one))
            else:
                producer.produce(LETTERS, one.record.value, one.record.key, headers=letter_headers(one))
        assert producer.flush(20) == 0

    def run(self, *words: str, **environment: str) -> Result:
        """One command."""
        given = {"LOOPS_API_KEY": "", "LOOPS_BASE_URL": "", **environment}
        return CliRunner().invoke(dead_letters, [*words, "--config", str(self._config)], env=given)

    def json(self, *words: str) -> Any:
        """What it prints with ``--json``; it must exit 0."""
        done = self.run(*words, "--json")
        assert 0 == done.exit_code, done.output
        return orjson.loads(done.stdout)


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """On an embedded broker."""
    with MockBroker() as broker:
        yield Commands(broker, tmp_path)


def test_list_shows_what_is_chosen_and_not_done(commands: Commands) -> None:
    """Every filter together; nothing of a contact, and no key of Loops is needed."""
    other = replace(refused(), rule="r1", reason="value", stage="map")
    commands.add(refused(), other, refused(), Mark(at(2), "delivered", 0))

    chosen = ("--rule", "r0", "--reason", "refused", "--stage", "deliver", "--older", "1h", "--newer", "9999d")
    assert ["0:0"] == [letter["letter"] for letter in commands.json("list", *chosen)["letters"]]
    assert {"0:0", "0:1"} == {letter["letter"] for letter in commands.json("list")["letters"]}
    assert 3 == commands.json("list", "--all", "--limit", "0")["matching"]
    shown = commands.run("list", "--all")
    assert (0, False) == (shown.exit_code, "example.com" in shown.output)
    assert "3 letters, 1 of them done" in shown.stdout


def test_show_shows_one_with_its_value_on_demand(commands: Commands) -> None:
    """Found by its place, done or not."""
    commands.add(refused(), replace(refused(), rule="r1"), Mark(at(1), "delivered", 0))

    found = commands.json("show", "0:1", "--value")
    assert ("r1", "delivered", TRIAL) == (found["rule"], found["done"]["fate"], orjson.loads(found["value"]))
    hidden = commands.run("show", "0:0")
    assert (0, True, False) == (hidden.exit_code, "0:0 on letters, open" in hidden.stdout, "u1" in hidden.stdout)


@pytest.mark.parametrize(
    ("place", "said"),
    (
        ("7", "7 is no place; give PARTITION:OFFSET, as 0:17"),
        ("0:99", "no dead letter of this program lies at 0:99 of letters"),
        ("0:1", "no dead letter of this program lies at 0:1 of letters"),
    ),
)
def test_what_is_no_letter_cannot_be_shown(commands: Commands, place: str, said: str) -> None:
    """Neither can a mark; a sentence, and exit 1."""
    commands.add(refused(), Mark(at(0), "delivered", 0))
    done = commands.run("show", place)

    assert (1, "", f"loops-consumer: {said}\n") == (done.exit_code, done.stdout, done.stderr)


def test_a_dry_run_says_what_would_be_sent_without_a_key(commands: Commands) -> None:
    """At most as many as are asked for; none of it is marked."""
    commands.add(refused(), refused(), replace(refused(), rule="gone"))

    found = commands.json("redrive", "--dry-run", "--send-stale", "--share", "1")
    assert [{"rule": "r0", "what": "send trialStarted", "count": 2}] == found["would"]
    assert [{"rule": "gone", "reason": "rule_gone", "letters": 1}] == found["left"]
    stale = commands.json("redrive", "--dry-run", "--limit", "1")
    assert ([], [{"rule": "r0", "reason": "stale", "letters": 1}]) == (stale["would"], stale["left"])
    assert 3 == commands.json("list")["matching"]


def test_a_wrong_option_is_refused_before_anything_is_asked(commands: Commands) -> None:
    """With what is allowed."""
    share = commands.run("redrive", "--dry-run", "--share", "0.1")
    assert (1, "less than one letter a second, which takes 2; allowed: 0.2 to 1") == (
        share.exit_code,
        share.stderr.strip().partition("is ")[2],
    )
    assert "give a number and its unit" in commands.run("list", "--older", "yesterday").stderr


def test_without_a_key_nothing_is_redriven(commands: Commands) -> None:
    """A fault of the settings."""
    done = commands.run("redrive")

    assert "LOOPS_API_KEY" in str(done.exception)
