"""No record of a megabyte holds up those behind it, whatever it is made of."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Final

import pytest

from consumer.core.record import Headers, Record
from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.head import Head, Unsure
from consumer.mapping.message import message_of
from tests.mapping.making import mapping_of

MEGABYTE: Final = 1_000_000
BOUND_S: Final = 0.050
"""What decoding one may take, by a machine's best of several tries."""
TRIES: Final = 5

JSON_IN_JSON: Final = json.dumps({"data": json.dumps({"event": "x", "p": "\\" * (MEGABYTE // 8)}), "properties": "{}"})
ENTITIES: Final = json.dumps(
    {"data": [{"schema": f"iglu:a/b{number:05}/c/1-0-0", "data": 1} for number in range(MEGABYTE // 50)]}
)
LONG_NAME: Final = json.dumps({"data": [{"schema": f"iglu:a/{'aB' * (MEGABYTE // 2)}/c/1-0-0", "data": 1}]})
RECORDS: Final = {
    "one long text": b'{"event":"' + b"x" * MEGABYTE + b'"}',
    "one long escaped text": b'{"event":"' + b"\\u0041" * (MEGABYTE // 6) + b'"}',
    "many members": b"{" + b",".join(b'"k%06d":1' % number for number in range(MEGABYTE // 12)) + b"}",
    "one member many times": b"{" + b",".join([b'"event":"x"'] * (MEGABYTE // 12)) + b"}",
    "many numbers": b'{"properties":[' + b"1.5e300," * (MEGABYTE // 8) + b"1]}",
    "one long number": b'{"event":' + b"9" * MEGABYTE + b"}",
    "nested arrays": b"[" * MEGABYTE,
    "nested objects": b'{"properties":' * (MEGABYTE // 14),
    "deep and closed": b'{"a":' * 900 + b"1" + b"}" * 900 + b" " * (MEGABYTE - 5400),
    "white space": b" " * MEGABYTE + b"{}",
    "columns": b"\t" * MEGABYTE,
    "a column of entities": b"\t" * 52 + ENTITIES.encode() + b"\t" * 74 + b"x\t\t\t\t",
    "a column with a long name": b"\t" * 52 + LONG_NAME.encode() + b"\t" * 74 + b"x\t\t\t\t",
    "a long column": b"\t" * 30 + b"x" * MEGABYTE + b"\t" * 100,
    "no UTF-8": b"\xff" * MEGABYTE,
    "JSON in a string": JSON_IN_JSON.encode(),
    "quotes": b'"' + b'\\"' * (MEGABYTE // 2) + b'"',
}
HEADERS: Final[Headers] = (
    ("ce_specversion", b"1.0"),
    ("ce_type", b"x" * 1000),
    ("content-type", b"application/json"),
    ("eventType", b"x"),
    ("id", b"1"),
)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("record", RECORDS)
def test_a_record_of_a_megabyte_is_decoded_within_50_ms(name: str, record: str) -> None:
    """Its glance and the whole of it together."""
    rules = ("when: Trial Started, send: a", "when: {type: [x, 5]}, update: true")
    head = Head(FORMATS[name], mapping_of(*rules).rules, "t")
    found = Record("t", 0, 0, 0, b"key", RECORDS[record], HEADERS)

    assert BOUND_S > min(seconds_of(head, found) for _ in range(TRIES))


def seconds_of(head: Head, record: Record) -> float:
    """What it takes to look at a record, and then to decode it: of this thread alone, however busy the machine is."""
    began = time.thread_time()
    with suppress(*Unsure):
        head.wanting(head.look(message_of(record) if head.of_message else record.value))
    with suppress(Unreadable):
        head.event(record)
    return time.thread_time() - began
