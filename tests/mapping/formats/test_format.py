"""What all formats share."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.format import Format, text_or_none, value_at


def test_a_format_says_itself_what_it_reads() -> None:
    """There is no general way."""
    with pytest.raises(NotImplementedError):
        Format(name="x").glance({})
    with pytest.raises(NotImplementedError):
        Format(name="x").event(b"{}", (), None)


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
