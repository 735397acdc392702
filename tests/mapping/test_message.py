"""A message becomes a record."""

from __future__ import annotations

import pytest

from consumer.core.record import Record
from consumer.mapping.message import UNREADABLE_HEADERS, headers_of, message_of, record_of, timestamp_ms
from tests.mapping.making import Message


class Unnamed(Message):
    """A message with a header whose name is not UTF-8."""

    def headers(self) -> list[tuple[str, bytes]] | None:
        """As the client does it."""
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


def test_a_record_is_the_message_untouched() -> None:
    """Key, value and headers as they were."""
    message = Message(b"v", 7, "t", 2, (1, 99), [("h", b"x")])

    assert Record("t", 2, 7, 99, b"key", b"v", (("h", b"x"),)) == record_of(message)


def test_headers_that_cannot_be_read_are_told() -> None:
    """They do not stop the record."""
    assert ((UNREADABLE_HEADERS, b"1"),) == headers_of(Unnamed(b"v"))


def test_a_message_without_a_time_has_none() -> None:
    """Kind 0 stands for that."""
    assert 0 == timestamp_ms(Message(b"v", time=(0, 99)))


@pytest.mark.parametrize("time_ms", (0, 99))
@pytest.mark.parametrize("value", (None, b"v"))
def test_a_record_as_a_message_is_that_record(time_ms: int, value: bytes | None) -> None:
    """With or without a time, and a value."""
    record = Record("t", 2, 7, time_ms, b"key", value, (("h", None),))

    assert record == record_of(message_of(record))
