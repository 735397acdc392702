"""What all formats share."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.mapping.formats.format import Format, Unreadable, text_or_none, value_at


def test_a_format_says_itself_how_its_events_are_called() -> None:
    """There is no general way."""
    with pytest.raises(NotImplementedError):
        Format("x", ()).event_name(())


@pytest.mark.parametrize(
    "value", (b"", b"{", b"\xff", b"[]", b"1", b"{} {}", b'{"a":NaN}', b'{"a":1e999}', b"\xef\xbb\xbf{}")
)
def test_what_is_no_object_in_json_is_unreadable(value: bytes) -> None:
    """And what is said of it quotes nothing."""
    with pytest.raises(Unreadable):
        Format("x", ()).document(value)


def test_a_document_is_decoded_whole() -> None:
    """As plain data."""
    assert {"a": [1, None, "é"]} == Format("x", ()).document('{"a":[1,null,"é"]}'.encode())


@pytest.mark.parametrize(
    ("path", "value"),
    ((("a",), {"b": 1}), (("a", "b"), 1), (("a", "b", "c"), None), (("x",), None), ((), {"a": {"b": 1}})),
)
def test_a_path_leads_to_a_value_or_to_none(path: tuple[str, ...], value: Any) -> None:
    """Through objects alone."""
    assert value == value_at({"a": {"b": 1}}, path)


@pytest.mark.parametrize("value", (5, True, [], {}))
def test_a_name_is_text(value: Any) -> None:
    """Absent and null are no name, anything else is damage."""
    assert text_or_none(None, "it") is None
    assert "x" == text_or_none("x", "it")
    with pytest.raises(Unreadable, match="it is not text"):
        text_or_none(value, "it")
