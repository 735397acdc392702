"""How many contacts there are among the requests, without keeping any of them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

__all__ = ["CONTACTS_MAX", "Contacts", "hashed"]

CONTACTS_MAX: Final = 100_000
"""Different contacts that are counted exactly; what is kept of each are 8 bytes of a hash."""


def hashed(*parts: str) -> int:
    """64 bits that stand for these texts."""
    return int.from_bytes(blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest())


class Contacts:
    """Counts different hashes: exactly up to a bound, from there by a sample of them.

    The sample is of those whose last bits are 0, one more bit each time that it is full, so each hash is in it or not
    however often it comes (Wegman's adaptive sampling). Of half the bound or more, it is within 1 % nearly always.
    """

    __slots__ = ("_bits", "_kept", "_kept_max")

    def __init__(self, kept_max: int = CONTACTS_MAX) -> None:
        """None came yet."""
        self._kept: set[int] = set()
        self._kept_max = kept_max
        self._bits = 0

    def add(self, contact: int) -> None:
        """One came; ``contact`` is what :func:`hashed` makes of its identifier."""
        if contact & self._mask:
            return
        self._kept.add(contact)
        while len(self._kept) > self._kept_max:
            self._bits += 1
            self._kept = {each for each in self._kept if not each & self._mask}

    @property
    def count(self) -> int:
        """How many different ones came, or about how many."""
        return len(self._kept) << self._bits

    @property
    def is_exact(self) -> bool:
        """Whether it is no estimate."""
        return self._bits == 0

    @property
    def _mask(self) -> int:
        return (1 << self._bits) - 1
