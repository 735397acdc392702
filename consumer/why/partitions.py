"""In which partition a producer puts a record with a key, as far as its library's own habit says."""

from __future__ import annotations

import zlib
from typing import Final

__all__ = ["partitions_of"]

_SEED: Final = 0x9747B28C
_FACTOR: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF


def partitions_of(key: bytes, partitions: int) -> frozenset[int]:
    """Where a topic of so many partitions has it: by murmur2, as Java's clients, and by CRC-32, as librdkafka's."""
    return frozenset({(_murmur2(key) & 0x7FFFFFFF) % partitions, zlib.crc32(key) % partitions})


def _murmur2(data: bytes) -> int:
    """Kafka's ``org.apache.kafka.common.utils.Utils.murmur2``, without a sign."""
    found = _SEED ^ len(data)
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * _FACTOR & _MASK
        part = (part ^ part >> 24) * _FACTOR & _MASK
        found = found * _FACTOR & _MASK ^ part
    if rest := data[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * _FACTOR & _MASK
    found = (found ^ found >> 13) * _FACTOR & _MASK
    return found ^ found >> 15
