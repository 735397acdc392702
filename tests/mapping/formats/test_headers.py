"""Headers by name."""

from __future__ import annotations

import pytest

from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.headers import named, text_of
from consumer.mapping.message import UNREADABLE_HEADERS


def test_the_case_of_a_name_does_not_count_and_the_last_of_several_does() -> None:
    """As Kafka's own readers take the last one; one without a value is there too."""
    headers = (("Content-Type", b"a"), ("id", b"1"), ("content-type", b"b"), ("ID", None))

    assert {"content-type": b"b", "id": None} == named(headers)


def test_headers_that_the_client_could_not_read_make_the_record_unreadable() -> None:
    """The event's name may have been among them."""
    with pytest.raises(Unreadable, match="headers cannot be read"):
        named(((UNREADABLE_HEADERS, b"1"),))


def test_a_headers_value_is_utf8_or_nothing() -> None:
    """Anything else is damage."""
    assert ("é", "", None) == (text_of("é".encode()), text_of(b""), text_of(None))
    with pytest.raises(Unreadable, match="a header is not UTF-8"):
        text_of(b"\xff")
