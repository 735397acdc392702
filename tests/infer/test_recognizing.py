"""Which format records have."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from consumer.core.record import Record
from consumer.infer.recognizing import MARKS, recognized
from consumer.mapping.formats.known import FORMATS
from tests.infer.topics import EXAMPLES, Headers
from tests.mapping.making import TRIAL

ALL = [(name, event, headers) for name, examples in EXAMPLES.items() for event, headers in examples]


def _record(event: dict[str, Any] | bytes | None, headers: Headers | None = None) -> Record:
    value = orjson.dumps(event) if isinstance(event, dict) else event
    return Record("events", 0, 0, 0, None, value, headers or ())


def test_every_format_has_its_marks() -> None:
    """And an example here."""
    assert FORMATS.keys() == MARKS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize(("name", "event", "headers"), ALL)
def test_a_record_is_recognized_by_its_marks(name: str, event: dict[str, Any], headers: Headers | None) -> None:
    """And no other format claims it."""
    found = recognized([_record(event, headers)] * 3)

    assert (name, 3, 3, {}) == (found.name, found.looked_at, found.fitting, dict(found.others))


def test_segment_may_have_an_original_timestamp_too() -> None:
    """Its own library says whose call it is."""
    call = TRIAL | {"originalTimestamp": "2026-05-01T10:00:00Z", "context": {"library": {"name": "analytics.js"}}}

    assert "segment" == recognized([_record(call)]).name


def test_columns_are_snowplows() -> None:
    """131 of them, tab-separated."""
    assert "snowplow" == recognized([_record(b"web" + b"\t" * 130)]).name


def test_most_of_the_records_decide_and_the_others_are_told() -> None:
    """Records without a value say nothing."""
    found = recognized([*[_record(TRIAL)] * 5, _record({"event": "x"}), _record(None)])

    assert ("segment", 6, 5, {"json": 1}) == (found.name, found.looked_at, found.fitting, dict(found.others))


def test_what_is_neither_json_nor_known_has_no_format() -> None:
    """Nor has nothing."""
    assert [None, None] == [recognized(records).name for records in ([_record(b"\x02junk")], [])]
