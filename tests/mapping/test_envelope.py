"""What is around a value is taken away, within bounds, or the value is unreadable."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.envelope import OPENED_BYTES_MAX, Compression, Encoding, Envelope, NotYet, Unreadable

PACK: dict[Compression, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zlib": zlib.compress}


class Decoder:
    """Gives what it was made with, or raises it."""

    def __init__(self, found: Any) -> None:
        """Nothing was asked yet."""
        self.found = found

    def decode(self, encoding: Encoding, topic: str, value: bytes, headers: Any) -> Any:
        """Keeps what it was asked."""
        self.asked = (encoding, topic, value, headers)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.mark.parametrize("compression", ("gzip", "zlib"))
def test_a_compressed_value_is_decompressed(compression: Compression) -> None:
    """Before anything else."""
    packed = PACK[compression](b'{"a": 1}')

    assert b'{"a": 1}' == Envelope(compression).open(packed, (), "t", None)


@pytest.mark.parametrize("compression", ("gzip", "zlib"))
@pytest.mark.parametrize(
    "damage", (lambda packed: packed[:-3], lambda packed: b"x" + packed, lambda _: b""), ids=("short", "other", "empty")
)
def test_a_damaged_one_is_unreadable(compression: Compression, damage: Callable[[bytes], bytes]) -> None:
    """Cut short, or something else."""
    with pytest.raises(Unreadable, match=compression):
        Envelope(compression).open(damage(PACK[compression](b'{"a": 1}')), (), "t", None)


def test_a_few_bytes_that_stand_for_gigabytes_are_not_unpacked() -> None:
    """The bound is on what comes out."""
    with pytest.raises(Unreadable, match=str(OPENED_BYTES_MAX)):
        Envelope("gzip").open(gzip.compress(bytes(OPENED_BYTES_MAX + 1)), (), "t", None)


def test_json_inside_a_string_is_taken_out_of_it() -> None:
    """A value that is no string stays what it is."""
    wrapped = Envelope(wrapped=True)

    assert b'{"a": "b"}' == wrapped.open(rb' "{\"a\": \"b\"}"', (), "t", None)
    assert b'{"a": 1}' == wrapped.open(b'{"a": 1}', (), "t", None)
    with pytest.raises(Unreadable):
        wrapped.open(b'"half', (), "t", None)


def test_an_encoded_value_is_decoded_by_its_schema() -> None:
    """The decoder is asked with all there is; what it gives becomes JSON."""
    decoder, headers = Decoder({"a": [1, None]}), (("h", b"v"),)

    assert b'{"a":[1,null]}' == Envelope("gzip", "avro").open(gzip.compress(b"raw"), headers, "t", decoder)
    assert ("avro", "t", b"raw", headers) == decoder.asked


def test_a_schema_that_cannot_be_had_now_is_no_fault_of_the_record() -> None:
    """So the record is read again later."""
    with pytest.raises(NotYet):
        Envelope(encoding="avro").open(b"raw", (), "t", Decoder(NotYet("the registry does not answer")))


@pytest.mark.parametrize("decoder", (None, Decoder(object()), Decoder(Unreadable("x"))))
def test_what_cannot_be_decoded_is_unreadable(decoder: Decoder | None) -> None:
    """With nobody to decode it, or where what comes out is no JSON."""
    with pytest.raises(Unreadable):
        Envelope(encoding="avro").open(b"raw", (), "t", decoder)


@given(st.binary(max_size=60), st.sampled_from((None, "gzip", "zlib")), st.booleans())
def test_no_bytes_raise_anything_else(value: bytes, compression: Compression | None, wrapped: bool) -> None:
    """Junk stays junk or is unreadable."""
    with suppress(Unreadable):
        assert isinstance(Envelope(compression, None, wrapped).open(value, (), "t", None), bytes)
