"""Identifiers of the form that Loops gives out, the same ones in every run."""

from __future__ import annotations

import hashlib

__all__ = ["Ids"]

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 25
"""Characters of the identifiers in Loops' OpenAPI document, such as ``cll42l54f20i1la0lfooe3z12``."""


class Ids:
    """Gives out identifiers; the n-th one of a seed is always the same."""

    def __init__(self, seed: int) -> None:
        """``seed`` tells one sandbox's identifiers from another's."""
        self._seed = seed
        self._given = 0

    def new(self) -> str:
        """The next one: 25 lower-case letters and digits, beginning with ``cm``."""
        self._given += 1
        number = int.from_bytes(hashlib.sha256(f"{self._seed}/{self._given}".encode()).digest()[:18], "big")
        found = ""
        while len(found) < _LENGTH - 2:
            number, digit = divmod(number, len(_DIGITS))
            found += _DIGITS[digit]
        return "cm" + found
