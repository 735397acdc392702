"""The records that a person gives to a command."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from confluent_kafka import Producer

from consumer.cli.given_records import RECORD_BYTES_MAX, About, Given, of_file, on_topic, place_of
from consumer.core.record import Position, Record
from consumer.sandbox.broker import MockBroker
from consumer.settings import KafkaSettings

ABOUT = About("events", 99, b"k", (("h", b"v"),))


def given(content: bytes, directory: Path) -> list[Given]:
    """What a file of this content holds."""
    (directory / "records").write_bytes(content)
    return list(of_file(str(directory / "records"), ABOUT))


def values(content: bytes, directory: Path) -> list[bytes | None]:
    """The values of these records."""
    return [each.record.value for each in given(content, directory)]


def test_each_line_is_a_record_with_what_is_said_of_all(tmp_path: Path) -> None:
    """Blank lines are none; its place is its line."""
    first, second = given(b'\n{"a": 1}\r\n\n{"b": 2}\n', tmp_path)

    assert "line 2 of" in first.name
    assert "line 4 of" in second.name
    assert Record("events", 0, 3, 99, b"k", b'{"b": 2}', (("h", b"v"),)) == second.record


@pytest.mark.parametrize("content", (b'{\n  "a": 1\n}\n', b'{"a": 1}', b"\x1f\x8b\0\n\n\xff"))
def test_one_document_or_binary_is_one_record(content: bytes, tmp_path: Path) -> None:
    """However many lines it has."""
    (only,) = given(content, tmp_path)

    assert content.rstrip(b"\n") == (only.record.value or b"").rstrip(b"\n")


def test_what_only_begins_like_a_document_is_lines(tmp_path: Path) -> None:
    """Each of which may be damaged."""
    assert [b'{"a":', b"b\tc"] == values(b'{"a":\nb\tc\n', tmp_path)


def test_null_is_a_record_without_a_value(tmp_path: Path) -> None:
    """As the console consumer writes it."""
    assert [None, b"{}"] == values(b"null\n{}\n", tmp_path)


@pytest.mark.parametrize("content", (b"", b"\n \n"))
def test_no_record_is_said(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the file's name."""
    with pytest.raises(typer.Exit):
        given(content, tmp_path)

    assert "records holds no record" in capsys.readouterr().err


def test_a_record_past_the_limit_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file is held whole in memory without a bound."""
    with pytest.raises(typer.Exit):
        given(b"x" * (RECORD_BYTES_MAX + 1), tmp_path)

    assert f"a record has more than {RECORD_BYTES_MAX} bytes" in capsys.readouterr().err


def test_standard_input_is_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record is there before the next one comes."""
    pipe = io.BytesIO(b'{"a": 1}\n{"b": 2}\n')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))

    records = of_file("-", ABOUT)
    first = next(records)

    assert ("line 1 of standard input", b'{"a": 1}', 9) == (first.name, first.record.value, pipe.tell())
    assert 1 == len(list(records))


@pytest.mark.parametrize(
    ("text", "place"),
    (
        ("events:0:17", Position("events", 0, 17)),
        ("a.b_c-d:12:0", Position("a.b_c-d", 12, 0)),
        ("events:0", None),
        ("events:-1:0", None),
        ("a b:0:0", None),
        ("events.json", None),
    ),
)
def test_a_place_is_topic_partition_and_offset(text: str, place: Position | None) -> None:
    """Anything else is the name of a file."""
    assert place == place_of(text)


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaSettings]:
    """A topic of two partitions, with three records in the second."""
    with MockBroker() as broker:
        broker.create_topic("events", 2)
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        for number in range(3):
            producer.produce("events", f"v{number}", "k", 1, headers=[("h", b"x")])
        assert 0 == producer.flush(10)
        yield KafkaSettings(bootstrap_servers=broker.bootstrap_servers, topics=("others",), group_id="g")


def test_the_record_at_a_place_is_read_whole(kafka: KafkaSettings) -> None:
    """The topic need not be one of the settings'."""
    found = on_topic(kafka, Position("events", 1, 1))

    assert "events:1:1" == found.name
    record = found.record
    assert (1, b"k", b"v1", (("h", b"x"),)) == (record.offset, record.key, record.value, tuple(record.headers))


@pytest.mark.parametrize(
    ("place", "said"),
    (
        (Position("events", 1, 3), "no record lies at events:1:3 or behind it"),
        (Position("events", 0, 0), "no record lies at events:0:0 or behind it"),
        (Position("events", 7, 0), "events has 2 partitions, and none of the number 7"),
        (Position("nowhere", 0, 0), "nowhere"),
    ),
)
def test_a_place_without_a_record_is_said(
    place: Position, said: str, kafka: KafkaSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence."""
    with pytest.raises(typer.Exit):
        on_topic(kafka, place)

    assert said in capsys.readouterr().err
