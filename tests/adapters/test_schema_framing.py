"""Which schema a value names, in both framings; what names none is told without a word of it."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.adapters.schema_framing import SCHEMA_HEADER, framed, name_of
from consumer.mapping.envelope import Unreadable

GUID = uuid.UUID("f3a1c9d0-0000-4000-8000-0000000000ff")
OF_GUID = b"\x01" + GUID.bytes


def test_a_number_stands_in_front_of_the_value() -> None:
    """A zero byte, then four bytes, the highest first."""
    found = framed(b"\x00\x00\x00\x01\x02data", ())

    assert name_of(found.schema) == 0x102
    assert found.data == b"\x00\x00\x00\x01\x02data"


def test_a_guid_stands_in_a_header_and_is_put_in_front() -> None:
    """So the deserializers take both alike, short values too."""
    found = framed(b"", (("other", b"\x00"), (SCHEMA_HEADER, OF_GUID)))

    assert str(GUID) == name_of(found.schema)
    assert OF_GUID == found.data


def test_either_name_may_stand_in_either_place() -> None:
    """As the deserializers have it; what follows a name belongs to the data."""
    assert str(GUID) == name_of(framed(OF_GUID + b"x", ()).schema)
    found = framed(b"value", ((SCHEMA_HEADER, b"\x00\x00\x00\x00\x09\x02\x04"),))
    assert (9, b"\x00\x00\x00\x00\x09\x02\x04value") == (name_of(found.schema), found.data)


def test_the_header_wins_and_an_empty_one_is_none() -> None:
    """A value may begin with any byte when its schema is named elsewhere."""
    assert str(GUID) == name_of(framed(b"\x00\x00\x00\x00\x05x", ((SCHEMA_HEADER, OF_GUID),)).schema)
    assert name_of(framed(b"\x00\x00\x00\x00\x05x", ((SCHEMA_HEADER, None),)).schema) == 5


@pytest.mark.parametrize(
    "value", (b"", b"\x00", b"\x00\x00\x00\x01", b"\x01" + b"x" * 15, b'{"event": "a"}', b"\x02" * 20)
)
def test_what_names_no_schema_is_unreadable_and_not_quoted(value: bytes) -> None:
    """JSON without a schema is the usual one."""
    with pytest.raises(Unreadable, match="does not say which schema it was written with") as error:
        framed(value, ())

    assert "event" not in str(error.value)


@given(st.binary(), st.none() | st.binary())
def test_any_bytes_name_a_schema_or_none(value: bytes, header: bytes | None) -> None:
    """Nothing else comes of them."""
    try:
        found = framed(value, ((SCHEMA_HEADER, header),))
    except Unreadable:
        return
    name_of(found.schema)
    assert found.data == (header or b"") + value
