"""The memory of idempotency keys.

401, 403, 404, 405 and 429 never use a key up: only calls that were carried out or refused are told here.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum

from consumer.sandbox.options import KeyMode

__all__ = ["KEY_LENGTH_MAX", "KeyMemory", "Use"]

KEY_LENGTH_MAX = 100
"""Characters; Loops' OpenAPI document, ``Idempotency-Key``."""


class Use(Enum):
    """What is known of a key."""

    NEW = "new"
    REPEAT = "repeat"
    """Used, by the same body, and that makes a difference here."""
    USED = "used"


class KeyMemory:
    """Keys that are used up, each for so many seconds from its first use."""

    def __init__(self, mode: KeyMode, keep_s: float, keys_max: int) -> None:
        """Past ``keys_max`` the oldest is forgotten."""
        self.mode = mode
        self._keep_s = keep_s
        self._keys_max = keys_max
        self._keys: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered, expired ones not yet dropped among them."""
        return len(self._keys)

    def look(self, key: str, digest: bytes, *, now: float) -> Use:
        """What this key, with a body of this digest, would be."""
        self._expire(now)
        found = self._keys.get(key)
        if found is None:
            return Use.NEW
        return Use.REPEAT if self.mode is KeyMode.BODY and found[1] == digest else Use.USED

    def settle(self, key: str, digest: bytes, status: int, *, now: float) -> None:
        """A request with this new key was answered so; remembers it if that uses it up."""
        uses = (200,) if self.mode is KeyMode.SUCCESS else (200, 400)
        if status not in uses:
            return
        self._keys[key] = (now, digest)
        if len(self._keys) > self._keys_max:
            self._keys.popitem(last=False)

    def _expire(self, now: float) -> None:
        while self._keys:
            key, (at, _) = next(iter(self._keys.items()))
            if now - at < self._keep_s:
                return
            del self._keys[key]
