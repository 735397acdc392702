"""The text beside a committed offset: which offsets at or above it are finished already, and what its owner wants.

Version 2 is ``lc2:`` and, in base 85 (``base64.b85encode``), the bytes

* CRC-32 of the committed offset (8 bytes) and of all that follows, so that a text which was carried to another offset
  is damaged,
* fingerprint of the mapping (4 bytes; these and all others big-endian),
* how long the demand is (a byte, 0 where there is none), and the demand (:mod:`consumer.core.demand`),
* the refusals: their count, then for each the distance of its offset, the key's fingerprint and the number, in LEB128;
  further keys of one offset have the distance 0,
* the partly finished: their count, then for each its distance and its mask, in LEB128,
* the runs: their count in LEB128 and, if there are any, the orders of distances and of lengths (a byte each); then for
  each its distance and its length less one as exponential Golomb codes, bit behind bit. Zeros fill the last byte.

A distance is how many offsets lie between an entry and the one before, for the first one the committed offset or
above. An exponential Golomb code of order k is the number plus 2**k in binary, behind as many zeros as that has digits
beyond k + 1: a single far or long one costs the others nothing.

A run takes 10 bits where single offsets lie 200 apart, so that some 2,500 of them fit.

Version 1 (``lc1:``) has neither demand nor refusals; it is read, and not written.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from operator import add
from typing import Final, Literal, NamedTuple

from consumer.core.demand import DEMAND_BYTES, Demand

__all__ = [
    "DEMAND_TEXT_BYTES",
    "FIXED_BYTES",
    "METADATA_BYTES_MAX",
    "Completions",
    "Damaged",
    "Refusal",
    "bytes_more_at_most",
    "decode",
    "demand_of",
    "encode",
]

METADATA_BYTES_MAX: Final = 4_095
"""Kafka's ``offset.metadata.max.bytes`` is 4,096, and the client sends a NUL behind the text."""

FIXED_BYTES: Final = 37
"""What a text takes beside its entries, at most: marker, checksum, fingerprint, demand, counts and orders."""

_MARKER: Final = "lc2:"
_MARKER_1: Final = "lc1:"
_ANY_VERSION: Final = re.compile(r"lc[1-9][0-9]*:")
_OFFSET_MAX: Final = 2**63 - 1
_ORDER_MAX: Final = 62
_HEAD_BYTES: Final = 8
_LEB128_BYTES_MAX: Final = 9
DEMAND_TEXT_BYTES: Final = 32
"""A text that tells a demand and nothing else."""

_RUNS_MAX: Final = METADATA_BYTES_MAX * 4 // 5 * 8 // 2
"""A run takes two bits at least, so that no more of them ever fit."""


class Refusal(NamedTuple):
    """Of one event of a record that is not told as finished, whichever mapping made its plan."""

    offset: int
    key: int
    """Fingerprint of its idempotency key without a number, 0 to 2**21 - 1."""
    number: int
    """How many answered refusals its key bears; 1 or more."""


@dataclass(frozen=True, slots=True)
class Completions:
    """What is finished at or above a committed offset."""

    runs: tuple[tuple[int, int], ...] = ()
    """Finished offsets: the first and the last of each run, both inclusive; ascending and disjoint."""
    partly: Mapping[int, int] = field(default_factory=dict)
    """Unfinished offsets of which some plans are final: bit i of the mask, 1 to 2**63 - 1, is the i-th plan."""
    mapping: int = 0
    """Fingerprint of the mapping whose plans these are, 0 to 2**32 - 1."""
    refusals: tuple[Refusal, ...] = ()
    """Of events that leave again after one; ascending."""
    demand: Demand | None = None
    """What the partition's owner wants; None: it does not say."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A text that tells nothing."""

    reason: Literal["foreign", "newer", "damaged"]
    """Not of this program; of a later version of it; altered, cut, or of another offset."""


def encode(completions: Completions, *, offset: int, bytes_max: int = METADATA_BYTES_MAX) -> str:
    """The text to commit with ``offset``: ASCII, at most ``bytes_max`` long, empty where there is nothing to tell.

    Where not even a text without entries fits, it tells no demand; where that does not either, nothing. Where not all
    fits, it tells the lowest refusals in at most a quarter of the bytes, the lowest of ``partly`` in at
    most half of them, and the lowest runs in the rest. Raises ValueError for what is out of order or of range: a wrong
    text would lose records.
    """
    if not 0 <= completions.mapping < 2**32:
        raise ValueError("the mapping's fingerprint is out of range")
    distances, lengths = _distances_and_lengths(completions.runs[:_RUNS_MAX], offset)
    pairs = _partly_pairs(completions.partly, offset)
    told = _demand_section(completions.demand if bytes_max >= DEMAND_TEXT_BYTES else None)
    refused = _refusals_section(completions.refusals, offset, _bytes_in(bytes_max // 4))
    room = _bytes_in(min(bytes_max, METADATA_BYTES_MAX) - len(_MARKER)) - _HEAD_BYTES - len(told) - len(refused)
    partly = _counted(pairs)
    runs = _runs_section(distances, lengths)
    if len(completions.runs) > _RUNS_MAX or len(partly) + len(runs) > room:
        pairs = _lowest_that_fit(pairs, min(_bytes_in(bytes_max // 2), room - 1))
        partly = _counted(pairs)
        count = _runs_that_fit(distances, lengths, room - len(partly))
        runs = _runs_section(distances[:count], lengths[:count])
    if not pairs and len(told) == len(refused) == len(runs) == 1:
        return ""
    body = completions.mapping.to_bytes(4, "big") + told + refused + partly + runs
    return _MARKER + base64.b85encode(_checksum(body, offset) + body).decode()


def decode(text: str, *, offset: int) -> Completions | Damaged:
    """What the text committed with ``offset`` tells. Never raises. An empty text tells of nothing finished."""
    if not text:
        return Completions()
    told = _bytes_of(text, offset)
    if isinstance(told, Damaged):
        return told
    try:
        reader = _Reader(told, _HEAD_BYTES)
        demand, refusals = (reader.demand(), reader.refusals(offset)) if text.startswith(_MARKER) else (None, ())
        partly = reader.partly(offset)
        mapping = int.from_bytes(told[4:_HEAD_BYTES], "big")
        return Completions(reader.runs(offset), partly, mapping, refusals, demand)
    except ValueError:
        return Damaged("damaged")


def demand_of(text: str, *, offset: int) -> Demand | None:
    """What the owner says that it wants, in the text committed with ``offset``; None where it says nothing."""
    told = _bytes_of(text, offset) if text.startswith(_MARKER) else None
    if told is None or isinstance(told, Damaged):
        return None
    try:
        return _Reader(told, _HEAD_BYTES).demand()
    except ValueError:
        return None


def bytes_more_at_most(finishes: int, span: int, partly: int = 0) -> int:
    """By how much a text may grow, in bytes, when so many more offsets are finished, wherever they lie.

    ``span`` is how far the last of them, and of what is told already, lies above the committed offset; ``partly`` how
    many more may become partly finished, of at most 14 plans each. Orders are chosen anew with each text, from the
    median: a text that changes its kind at once may grow by more, and then tells less.
    """
    digits = (span + 1).bit_length()
    told = (finishes * (4 * digits + 2) + 7) // 8 + partly * (digits // 7 + 3)
    return told + (told + 3) // 4


class _Reader:
    """Reads the sections; raises ValueError for whatever cannot be. A count is checked before anything is made."""

    def __init__(self, told: bytes, at: int) -> None:
        self._told = told
        self._at = at

    def demand(self) -> Demand | None:
        size = self._byte()
        if (size and size < DEMAND_BYTES) or self._at + size > len(self._told):
            raise ValueError("too short")
        told = self._told[self._at : self._at + size]
        self._at += size
        return Demand.decode(told) if told else None

    def refusals(self, offset: int) -> tuple[Refusal, ...]:
        count = self._number()
        if 3 * count > len(self._told) - self._at:
            raise ValueError("more entries than bytes")
        found: list[Refusal] = []
        at = offset
        for _ in range(count):
            at += self._number()
            found.append(Refusal(at, self._number(), self._number()))
        if at > _OFFSET_MAX or any(a[:2] >= b[:2] for a, b in pairwise(found)) or 0 in (one.number for one in found):
            raise ValueError("out of order, no offset or no number")
        return tuple(found)

    def partly(self, offset: int) -> dict[int, int]:
        count = self._number()
        if 2 * count > len(self._told) - self._at:
            raise ValueError("more entries than bytes")
        masks: dict[int, int] = {}
        following = offset
        for _ in range(count):
            following += self._number()
            masks[following] = self._number()
            following += 1
        if following - 1 > _OFFSET_MAX or 0 in masks.values():
            raise ValueError("no offset or no plan")
        return masks

    def runs(self, offset: int) -> tuple[tuple[int, int], ...]:
        count = self._number()
        if not count:
            self._end()
            return ()
        far, long = self._byte(), self._byte()
        rest = self._told[self._at :]
        if max(far, long) > _ORDER_MAX or 2 * count > 8 * len(rest):
            raise ValueError("more entries than bits")
        bits = f"{int.from_bytes(rest, 'big'):0{8 * len(rest)}b}"
        runs = []
        at, following = 0, offset
        for _ in range(count):
            distance, at = _golomb_at(bits, at, far)
            length, at = _golomb_at(bits, at, long)
            first = following + distance
            last = first + length
            runs.append((first, last))
            following = last + 1
        if at > len(bits) or len(bits) - at > 7 or "1" in bits[at:] or following - 1 > _OFFSET_MAX:
            raise ValueError("not all bits told, or no offset")
        return tuple(runs)

    def _number(self) -> int:
        number = 0
        for place in range(_LEB128_BYTES_MAX):
            byte = self._byte()
            number |= (byte & 127) << 7 * place
            if byte < 128:
                return number
        raise ValueError("too large")

    def _byte(self) -> int:
        if self._at >= len(self._told):
            raise ValueError("cut")
        self._at += 1
        return self._told[self._at - 1]

    def _end(self) -> None:
        if self._at != len(self._told):
            raise ValueError("more bytes than told")


def _bytes_of(text: str, offset: int) -> bytes | Damaged:
    """What a text holds, of any version that is read, if it is whole and of this offset."""
    if not text.startswith((_MARKER, _MARKER_1)):
        return Damaged("newer" if _ANY_VERSION.match(text) else "foreign")
    if len(text) > METADATA_BYTES_MAX:
        return Damaged("damaged")
    try:
        told = base64.b85decode(text[len(_MARKER) :])
    except ValueError:
        return Damaged("damaged")
    return told if told[:4] == _checksum(told[4:], offset) else Damaged("damaged")


def _checksum(body: bytes, offset: int) -> bytes:
    return zlib.crc32(body, zlib.crc32(offset.to_bytes(8, "big", signed=True))).to_bytes(4, "big")


def _bytes_in(characters: int) -> int:
    """How many bytes so many characters of base 85 hold."""
    return characters * 4 // 5


def _leb128(number: int) -> bytes:
    told = bytearray()
    while number > 127:
        told.append(number & 127 | 128)
        number >>= 7
    told.append(number)
    return bytes(told)


def _leb128_bytes_at_most(number: int) -> int:
    return number.bit_length() // 7 + 1


def _demand_section(demand: Demand | None) -> bytes:
    return b"\0" if demand is None else bytes((DEMAND_BYTES,)) + demand.encode()


def _refusals_section(refusals: Sequence[Refusal], offset: int, room: int) -> bytes:
    """The lowest of them, as far as they and their count fit into so many bytes."""
    entries = []
    before = Refusal(offset, -1, 0)
    for one in refusals:
        if not (before[:2] < one[:2] and one.key >= 0 and one.number > 0 and one.offset <= _OFFSET_MAX):
            raise ValueError("a refusal lies below the committed offset, is out of order, or has no number")
        entries.append(_leb128(one.offset - before.offset) + _leb128(one.key) + _leb128(one.number))
        before = one
    return _counted(_lowest_that_fit(entries, room))


def _partly_pairs(partly: Mapping[int, int], offset: int) -> list[bytes]:
    """Each distance and mask, from the lowest offset on."""
    pairs = []
    following = offset
    for at, mask in sorted(partly.items()):
        if not (following <= at <= _OFFSET_MAX and 0 < mask <= _OFFSET_MAX):
            raise ValueError("a partly finished offset lies below the committed one, or its mask is out of range")
        pairs.append(_leb128(at - following) + _leb128(mask))
        following = at + 1
    return pairs


def _counted(pairs: Sequence[bytes]) -> bytes:
    return _leb128(len(pairs)) + b"".join(pairs)


def _lowest_that_fit(pairs: list[bytes], room: int) -> list[bytes]:
    """As many as fit into so many bytes with their count."""
    kept = 0
    taken = 0
    for pair in pairs:
        taken += len(pair)
        if taken + _leb128_bytes_at_most(kept + 1) > room:
            break
        kept += 1
    return pairs[:kept]


def _distances_and_lengths(runs: Sequence[tuple[int, int]], offset: int) -> tuple[list[int], list[int]]:
    """The two numbers that are told of each run."""
    distances, lengths = [], []
    following = offset
    for first, last in runs:
        distances.append(first - following)
        lengths.append(last - first)
        following = last + 1
    if runs and (min(distances) < 0 or min(lengths) < 0 or following - 1 > _OFFSET_MAX):
        raise ValueError("runs are out of order, overlap, or lie below the committed offset")
    return distances, lengths


def _runs_section(distances: Sequence[int], lengths: Sequence[int]) -> bytes:
    if not distances:
        return b"\0"
    (far, far_bits), (long, long_bits) = _order(distances), _order(lengths)
    far_codes, long_codes = _golomb_codes(distances, far), _golomb_codes(lengths, long)
    codes = [far_codes[distance] + long_codes[length] for distance, length in zip(distances, lengths, strict=True)]
    size = (far_bits + long_bits + 7) // 8
    packed = int("".join(codes), 2) << 8 * size - far_bits - long_bits
    return _leb128(len(distances)) + bytes((far, long)) + packed.to_bytes(size, "big")


def _runs_that_fit(distances: Sequence[int], lengths: Sequence[int], room: int) -> int:
    """How many of the lowest runs fit into so many bytes."""
    fit, too_many = 0, len(distances) + 1
    while fit + 1 < too_many:
        count = (fit + too_many) // 2
        bits = _order(distances[:count])[1] + _order(lengths[:count])[1]
        if len(_leb128(count)) + 2 + (bits + 7) // 8 <= room:
            fit = count
        else:
            too_many = count
    return fit


def _order(numbers: Sequence[int]) -> tuple[int, int]:
    """The order that tells them in the fewest bits, of three near the median's; and how many bits these are."""
    median = sorted(numbers)[len(numbers) // 2]
    near = max(median.bit_length() - 1, 0)
    bits, order = min(
        (_bits(numbers, order), order) for order in range(max(near - 1, 0), min(near + 1, _ORDER_MAX) + 1)
    )
    return order, bits


def _bits(numbers: Sequence[int], order: int) -> int:
    digits = sum(map(int.bit_length, map(add, numbers, repeat(1 << order))))
    return 2 * digits - len(numbers) * (order + 1)


def _golomb_codes(numbers: Sequence[int], order: int) -> dict[int, str]:
    codes = {}
    for number in set(numbers):
        told = f"{number + (1 << order):b}"
        codes[number] = "0" * (len(told) - 1 - order) + told
    return codes


def _golomb_at(bits: str, at: int, order: int) -> tuple[int, int]:
    """The number whose code begins there, and where that ends. Raises ValueError where there is none."""
    one = bits.index("1", at)
    end = one + (one - at) + 1 + order
    return int(bits[one:end], 2) - (1 << order), end
