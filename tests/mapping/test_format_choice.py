"""The formats of topics, with their options."""

from __future__ import annotations

import gzip

import orjson
import pytest

from consumer.faults import Faults
from consumer.mapping.envelope import Envelope
from consumer.mapping.format_choice import Lack
from consumer.mapping.formats.format import Format
from consumer.mapping.formats.json import Json
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.rules import load_mapping
from tests.mapping.making import TRIAL, faults_of, plans_of

RULES = "contact: {email: email, userId: userId}\nrules: [{name: r, when: Trial Started, update: true}]\n"


def format_of(text: str, topic: str = "events") -> Format | None:
    """The format that a topic has."""
    return load_mapping(f"format: {text}\n{RULES}", "m.yaml").format_of(topic)


def test_a_name_is_the_format_of_every_topic() -> None:
    """As it is."""
    assert FORMATS["segment"] == format_of("segment") == format_of("segment", "other")


def test_a_map_has_a_format_a_topic() -> None:
    """And none for another one."""
    formats = "{a: segment, b: {name: json, event: meta.type, id: meta.id, time: at}}"

    assert FORMATS["segment"] == format_of(formats, "a")
    assert Json(name_paths=(("meta", "type"),), id_path=("meta", "id"), time_paths=(("at",),)) == format_of(
        formats, "b"
    )
    assert format_of(formats, "c") is None


def test_what_is_around_values_goes_with_any_format() -> None:
    """And with nothing around them there is no envelope."""
    with_all = format_of("{name: segment, compression: gzip, encoding: avro, wrapped: true}")

    assert with_all is not None
    assert Envelope("gzip", "avro", wrapped=True) == with_all.envelope
    assert FORMATS["segment"] == format_of("{name: segment}")


def test_a_compressed_topic_is_read() -> None:
    """From its bytes to a request."""
    mapping = load_mapping(f"format: {{name: segment, compression: gzip}}\n{RULES}", "m.yaml")

    assert 1 == len(plans_of(mapping, gzip.compress(orjson.dumps(TRIAL))))


@pytest.mark.parametrize("key", ("event", "id", "time"))
def test_paths_go_with_json_alone(key: str) -> None:
    """Other formats know."""
    (fault,) = faults_of(f"format: {{name: segment, {key}: a.b}}\n{RULES}")

    assert f"{key} goes with json alone: segment says itself where it stands" == fault.message


@pytest.mark.parametrize(
    ("formats", "path"),
    (
        ("{name: segment, encoding: avro}", "format.encoding"),
        ("{events: json, other: {name: segment, encoding: avro}}", "format.other.encoding"),
    ),
)
def test_an_encoding_that_cannot_be_decoded_is_a_fault_at_its_place(formats: str, path: str) -> None:
    """With what to do; no other is asked about."""
    asked: list[str] = []

    def lacks(encoding: str) -> Lack:
        asked.append(encoding)
        return Lack("there is nothing to decode it with", "get something")

    with pytest.raises(Faults) as error:
        load_mapping(f"format: {formats}\n{RULES}", "m.yaml", lacks=lacks)

    (fault,) = error.value.faults
    assert (path, 1, "there is nothing to decode it with", "get something") == (
        fault.path,
        fault.line,
        fault.message,
        fault.hint,
    )
    assert asked == ["avro"]
