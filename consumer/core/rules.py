"""What the pipeline knows of a mapping."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NO_RULES", "Rules", "fingerprint"]

_FINGERPRINT_CHARACTERS = 8
"""32 bits in hexadecimal: what there is room for beside a committed offset."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The mapping in use."""

    digest: str = ""
    """Hexadecimal; it tells one mapping from another."""
    ids: frozenset[str] = frozenset()
    """Of the rules in use."""
    paused: bool = False
    """Nothing is read and nothing leaves, for now."""

    @property
    def fingerprint(self) -> int:
        """As :func:`fingerprint` has it."""
        return fingerprint(self.digest)


NO_RULES = Rules()


def fingerprint(digest: str) -> int:
    """The first 32 bits of a mapping's digest; 0 where it is empty."""
    return int(digest[:_FINGERPRINT_CHARACTERS] or "0", 16)
