"""How often each event came, by name, whatever number of names there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

from consumer.mapping.rule import Rule

__all__ = ["NAMES_MAX", "NAME_CHARACTERS_MAX", "Names"]

NAMES_MAX: Final = 10_000
"""Different names that are told apart: a producer may put an id into each."""
NAME_CHARACTERS_MAX: Final = 200
"""Of a name; what is longer is cut short."""


class Names:
    """Counts events by what they are called, and which rules are about each."""

    __slots__ = ("counts", "others", "rules", "wanted")

    def __init__(self) -> None:
        """Nothing came yet."""
        self.counts: Counter[str] = Counter()
        """By name."""
        self.rules: dict[str, tuple[str, ...]] = {}
        """For each of these names the ids of the rules that are about it; none where nothing stands."""
        self.others = 0
        """Events whose names came when there were :data:`NAMES_MAX` of them."""
        self.wanted: Counter[str] = Counter()
        """By a rule's id: events that it is about, whatever ``where`` says of them."""

    def add(self, name: str, rules: Collection[Rule], events: int = 1) -> None:
        """So many more of this name, which these rules are about."""
        for rule in rules:
            self.wanted[rule.id] += events
        name = name if len(name) <= NAME_CHARACTERS_MAX else f"{name[: NAME_CHARACTERS_MAX - 1]}…"
        if name not in self.counts and len(self.counts) >= NAMES_MAX:
            self.others += events
            return
        self.counts[name] += events
        if rules:
            known = self.rules.get(name, ())
            self.rules[name] = tuple(dict.fromkeys((*known, *(rule.id for rule in rules))))

    @property
    def unwanted(self) -> dict[str, int]:
        """The names that no rule is about, the most frequent first."""
        return {name: count for name, count in self.counts.most_common() if name not in self.rules}
