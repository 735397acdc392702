"""What expressions may use beside the event: the mapping's own definitions, and values of the environment.

Both become JSONata variables of the one program that a rule is, and only those that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

__all__ = ["ENVIRONMENT", "NO_SCOPE", "Scope"]

ENVIRONMENT: Final = "env"
"""``$env.NAME`` is a value of the environment."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Definitions are expressions by name, each of which may read those before it."""

    definitions: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Which variables each definition reads."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables that the mapping lists, with their values."""

    def __contains__(self, name: object) -> bool:
        """Whether there is a variable of this name."""
        return name in self.definitions or (name == ENVIRONMENT and bool(self.environment))

    def prelude(self, names: Iterable[str], *, without: Iterable[str] = ()) -> tuple[str, frozenset[str]]:
        """JSONata that sets these variables and all that they need, but for those that are set; and which it sets."""
        needed = self.needed(names) - frozenset(without)
        parts = []
        if ENVIRONMENT in needed:
            parts.append(f"${ENVIRONMENT} := {orjson.dumps(dict(self.environment)).decode()}; ")
        parts += [f"${name} := ({source}); " for name, source in self.definitions.items() if name in needed]
        return "".join(parts), needed

    def needed(self, names: Iterable[str]) -> frozenset[str]:
        """These of the variables there are, and those that they need in turn."""
        found: set[str] = set()
        waiting = [name for name in names if name in self]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [each for each in self.reads.get(name, ()) if each in self]
        return frozenset(found)


NO_SCOPE: Final = Scope()
"""Expressions see the event alone."""
