"""A defect on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

__all__ = ["Mutant", "Patch"]

Patch = Callable[[pytest.MonkeyPatch], None]
"""Puts the defect into the program, by replacing a class's or a module's part."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A small defect of the program, as somebody may make it."""

    name: str
    patch: Patch
    caught_by: frozenset[str]
    """Oracles that may be the first to see it."""

    @staticmethod
    def of(patch: Patch, *caught_by: str) -> Mutant:
        """Named after the function that makes it."""
        return Mutant(patch.__name__, patch, frozenset(caught_by))
