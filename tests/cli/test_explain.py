"""``explain`` as a process: what a person, and a program, reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from confluent_kafka import Producer

from consumer.sandbox.broker import MockBroker
from tests.cli.running import run
from tests.mapping.making import TRIAL

MAPPING = "format: {web: segment, app: segment}\nrules:\n  - {name: trial, when: Trial Started, send: trialStarted}\n"


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """A mapping of two topics, without settings."""
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    return tmp_path


def test_a_record_of_standard_input_is_explained_by_the_shipped_mapping() -> None:
    """Neither a key nor Kafka is needed."""
    ran = run("explain", "-", "--at", "2026-05-01T11:00:00Z", given=json.dumps(TRIAL))

    assert (0, "") == (ran.returncode, ran.stderr)
    assert "POST /events/send" in ran.stdout
    assert "1 request: 1 of the 10 a second" == ran.stdout.splitlines()[-1]


def test_a_program_reads_an_object_a_line(tmp_path: Path) -> None:
    """One for each record of a file."""
    (tmp_path / "events.jsonl").write_text(f"{json.dumps(TRIAL)}\nnull\nx\n")

    ran = run("explain", str(tmp_path / "events.jsonl"), "--json", "--at", "2026-05-01T11:00:00Z")

    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (0, "") == (ran.returncode, ran.stderr)
    assert ["delivered", "filtered", "dead_lettered"] == [each["fate"] for each in told]


def test_a_file_that_holds_no_record_is_said_once(tmp_path: Path) -> None:
    """Behind the first three; one that can be read shows all behind it, and a program reads each."""
    wrong, mixed = tmp_path / "mapping.yaml", tmp_path / "mixed"
    wrong.write_text("x: y\n" * 50)
    mixed.write_text("x: y\n" * 5 + json.dumps(TRIAL) + "\n" + "x: y\n" * 5)

    ran, other = run("explain", str(wrong)), run("explain", str(mixed))
    for_program = run("explain", str(wrong), "--json")

    assert (1, 3) == (ran.returncode, ran.stdout.count("cannot be read"))
    assert "loops-consumer: none of the 50 lines can be read; is this a file of records" in ran.stderr
    assert (0, "", 3 + 5) == (other.returncode, other.stderr, other.stdout.count("cannot be read"))
    assert (0, 50) == (for_program.returncode, len(for_program.stdout.splitlines()))


def test_a_mapping_of_several_topics_is_told_which(mapping: Path) -> None:
    """The file is named without settings; the key and headers go with each record."""
    line = ("-", "--mapping", "mapping.yaml", "--json")

    without = run("explain", *line, given=json.dumps(TRIAL), folder=mapping)
    told = run(
        "explain", *line, "--topic", "app", "--key", "u1", "--header", "h=v", given=json.dumps(TRIAL), folder=mapping
    )

    assert (1, "") == (without.returncode, without.stdout)
    assert "give the topic of these records: --topic app or web" in without.stderr
    assert (0, "app") == (told.returncode, json.loads(told.stdout)["topic"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    (
        (("nowhere.json",), "nowhere.json is neither a file nor TOPIC:PARTITION:OFFSET"),
        (("-", "--at", "noon"), "--at is no time"),
        (("-", "--header", "h"), "give a header as NAME=VALUE"),
        (("events:0:1", "--key", "k"), "are for the records of a file"),
    ),
)
def test_a_wrong_call_says_so_and_ends_with_1(arguments: tuple[str, ...], said: str) -> None:
    """In a sentence."""
    ran = run("explain", *arguments)

    assert (1, "") == (ran.returncode, ran.stdout)
    assert said in ran.stderr


def test_a_faulty_mapping_ends_with_78(mapping: Path) -> None:
    """With all that is wrong."""
    (mapping / "mapping.yaml").write_text(MAPPING.replace("when:", "wen:"))

    ran = run("explain", "-", "--mapping", "mapping.yaml", given="{}", folder=mapping)

    assert (78, "") == (ran.returncode, ran.stdout)
    assert "did you mean when?" in ran.stderr


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """One with a trial on ``product-events``."""
    with MockBroker() as broker:
        broker.create_topic("product-events", 1)
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        producer.produce("product-events", orjson.dumps(TRIAL), "u1")
        assert 0 == producer.flush(10)
        yield broker


def test_a_record_of_a_topic_is_read_from_kafka(broker: MockBroker) -> None:
    """With its own key, and under the key that it will have."""
    servers = broker.bootstrap_servers

    ran = run("explain", "product-events:0:0", "--at", "2026-05-01T11:00:00Z", KAFKA_BOOTSTRAP_SERVERS=servers)
    beyond = run("explain", "product-events:0:9", KAFKA_BOOTSTRAP_SERVERS=servers)

    assert (0, "") == (ran.returncode, ran.stderr)
    assert ran.stdout.splitlines()[0].startswith("product-events:0:0, of ")
    assert ran.stdout.splitlines()[0].endswith(", key u1")
    assert (1, "loops-consumer: no record lies at product-events:0:9 or behind it\n") == (
        beyond.returncode,
        beyond.stderr,
    )
