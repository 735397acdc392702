"""Where a walk over an encoded value is, and how many parts it may still find."""

from __future__ import annotations

from typing import Final

from consumer.mapping.envelope import PARTS_MAX, Unreadable

__all__ = ["DECIMAL_BYTES_MAX", "EncodedReading", "further_parts"]

DECIMAL_BYTES_MAX: Final = 1_000
"""Of a decimal's digits. Reading them takes time by the square: a second for 100 kB."""

_SHIFT_MAX: Final = 63
_MASK: Final = 2**64 - 1
_PART_CHARACTERS: Final = 100


def further_parts(name: str) -> int:
    """What a name of the schema is beside the part that it names: it stands in the JSON as often."""
    return len(name) // _PART_CHARACTERS


class EncodedReading:
    """Passes over bytes; what is read behind their end is an ``IndexError``."""

    __slots__ = ("at", "data", "left")

    def __init__(self, data: bytes, at: int) -> None:
        """Begins there."""
        self.data = data
        self.at = at
        self.left = PARTS_MAX

    def varint(self) -> int:
        """A number in groups of seven bits, the lowest first. Raises :class:`Unreadable` past 64 bits."""
        data, at = self.data, self.at
        byte = data[at]
        found, shift = byte & 127, 0
        while byte & 128:
            at += 1
            shift += 7
            if shift > _SHIFT_MAX:
                raise Unreadable("the value has a number of more than 64 bits")
            byte = data[at]
            found |= (byte & 127) << shift
        self.at = at + 1
        return found & _MASK

    def spend(self, parts: int) -> None:
        """Counts so many. Raises :class:`Unreadable` where they become too many."""
        self.left -= parts
        if self.left < 0:
            raise Unreadable(f"the value has more than {PARTS_MAX} parts")

    def decimal(self, size: int) -> None:
        """Counts a decimal of so many bytes, which is up to 400 digits long. Raises :class:`Unreadable`."""
        self.spend(4)
        if size > DECIMAL_BYTES_MAX:
            raise Unreadable(f"the value has a decimal of more than {DECIMAL_BYTES_MAX} bytes")
