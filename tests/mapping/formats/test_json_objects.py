"""What formats of JSON objects share."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.json_objects import JsonObjects, id_text, json_object


def test_a_format_says_itself_how_its_events_are_called() -> None:
    """There is no general way."""
    with pytest.raises(NotImplementedError):
        JsonObjects(name="x").event_name(())


@pytest.mark.parametrize(
    "value", (b"", b"{", b"\xff", b"[]", b"1", b"{} {}", b'{"a":NaN}', b'{"a":1e999}', b"\xef\xbb\xbf{}")
)
def test_what_is_no_object_in_json_is_unreadable(value: bytes) -> None:
    """And what is said of it quotes nothing."""
    with pytest.raises(Unreadable):
        json_object(value)


def test_a_document_is_decoded_whole() -> None:
    """As plain data."""
    assert {"a": [1, None, "é"]} == json_object('{"a":[1,null,"é"]}'.encode())


@pytest.mark.parametrize(
    ("found", "text"), (("x", "x"), (7, "7"), (0, "0"), ("", None), (None, None), (True, None), (1.5, None), ([], None))
)
def test_an_id_is_a_text_or_a_whole_number(found: Any, text: str | None) -> None:
    """Anything else is none."""
    assert text == id_text(found)


@pytest.mark.parametrize(("value", "why"), (("", "is empty"), ("[]", "is JSON, and no object"), ("{", "is not JSON")))
def test_what_is_read_has_a_name(value: str, why: str) -> None:
    """A part of the value is not the value."""
    with pytest.raises(Unreadable, match=f"data {why}"):
        json_object(value, "data")
