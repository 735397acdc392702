"""What is around a value."""

from __future__ import annotations

import gzip
import zlib

import orjson
import pytest

from consumer.infer.wrapping import Wrapping, unwrapped

INNER = {"event": "x"}
JSON = orjson.dumps(INNER)
FRAME = b"\x00\x00\x00\x00\x07"


@pytest.mark.parametrize(
    ("value", "wrapping"),
    (
        (JSON, Wrapping()),
        (gzip.compress(JSON), Wrapping(compression="gzip")),
        *((zlib.compress(JSON, level), Wrapping(compression="zlib")) for level in (0, 1, 6, 9)),
        (orjson.dumps(JSON.decode()), Wrapping(wrapped=True)),
        (gzip.compress(orjson.dumps(JSON.decode())), Wrapping(compression="gzip", wrapped=True)),
        (FRAME + JSON, Wrapping(schema=True, json_schema=True)),
    ),
)
def test_what_is_around_it_is_told_and_taken_away(value: bytes, wrapping: Wrapping) -> None:
    """In any order in which producers put it on."""
    found = unwrapped(value, ())

    assert (wrapping, INNER) == (found.wrapping, found.document)


def test_a_schemas_id_may_stand_in_a_header() -> None:
    """Then there is nothing in front of the value."""
    found = unwrapped(JSON, [("__value_schema_id", b"x")])

    assert (Wrapping(schema=True, json_schema=True), INNER) == (found.wrapping, found.document)


@pytest.mark.parametrize(
    "value", (b"", b"x", b"\x1f\x8bjunk", b"x\x9cjunk", b"[1]", b'"text"', b"\x00", FRAME + b"\x02ab")
)
def test_what_cannot_be_taken_away_leaves_no_object(value: bytes) -> None:
    """And nothing is raised."""
    assert {} == unwrapped(value, ()).document
