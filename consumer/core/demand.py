"""What the owner of a partition tells the group's other members, beside the partition's committed offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DEMAND_BYTES", "Demand"]

DEMAND_BYTES: Final = 10
"""Wall second (4), wants (2), sent (2), margin (1), flags (1); big-endian."""

_IDLE: Final = 1
_SETTLED: Final = 2
_PER_S_MAX: Final = 0xFFFF
_MARGIN_MS_MAX: Final = 0xFF


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one partition. What is out of range is told as the nearest that can be."""

    wall_s: int
    """When it was told, seconds since 1970."""
    wants_per_s: int = 0
    """How many of the team's requests a second the owner would use for it."""
    sent_per_s: int = 0
    """How many the owner sent for it lately."""
    idle: bool = True
    """The owner wants none for any of its partitions: a request now and then leaves in the slot of all idle ones."""
    margin_ms: int = 0
    """What the owner's pacer adds to the second."""
    settled: bool = False
    """All members have had the time to hear of what it wants: the next owner may count on it at once."""

    def encode(self) -> bytes:
        """:data:`DEMAND_BYTES` bytes."""
        return (
            (self.wall_s & 0xFFFFFFFF).to_bytes(4, "big")
            + min(self.wants_per_s, _PER_S_MAX).to_bytes(2, "big")
            + min(self.sent_per_s, _PER_S_MAX).to_bytes(2, "big")
            + bytes((min(self.margin_ms, _MARGIN_MS_MAX), _IDLE * self.idle | _SETTLED * self.settled))
        )

    @classmethod
    def decode(cls, told: bytes) -> Demand:
        """What these :data:`DEMAND_BYTES` bytes tell; flags of a later version are ignored."""
        return cls(
            int.from_bytes(told[:4], "big"),
            int.from_bytes(told[4:6], "big"),
            int.from_bytes(told[6:8], "big"),
            bool(told[9] & _IDLE),
            told[8],
            bool(told[9] & _SETTLED),
        )
