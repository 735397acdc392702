"""Event names that no rule is about and that look like one that a rule is about: written otherwise, or misspelt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, islice
from typing import Final, NamedTuple

from consumer.mapping.rule import Rule
from consumer.mapping.when import is_glob

__all__ = ["Lookalike", "lookalikes"]

NAMES_MAX: Final = 2_000
"""Names that are looked at, the first that are given."""
_CHARACTERS_MAX: Final = 60
"""Of a name that is looked at for misspelling; longer ones must be equal."""
_LETTERS_MIN: Final = ((10, 2), (5, 1))
"""Names of so many letters and digits may differ in so many of them."""


class Lookalike(NamedTuple):
    """A name that came, and the one that it may mean."""

    name: str
    meant: str
    rule: str
    """The id of the rule that is about ``meant``."""


def lookalikes(names: Iterable[str], rules: Iterable[Rule]) -> list[Lookalike]:
    """Those of the names that look like a rule's, in their order.

    Two names look alike if they differ in case, spaces and punctuation alone, or in one letter of five (two of ten):
    one too many, one too few, another one, or one in another place.
    """
    equal: dict[str, tuple[str, str]] = {}
    near: dict[str, set[str]] = defaultdict(set)
    for rule in rules:
        for meant in rule.when.names:
            if not is_glob(meant) and (folded := _folded(meant)):
                equal.setdefault(folded, (meant, rule.id))
    for folded in equal:
        for shorter in _shortened(folded):
            near[shorter].add(folded)
    found = []
    for name in islice(names, NAMES_MAX):
        folded = _folded(name)
        other = folded if folded in equal else min(_near(folded, near), default=None)
        if other is not None:
            found.append(Lookalike(name, *equal[other]))
    return found


def _folded(name: str) -> str:
    """The letters and digits alone, whatever their case."""
    return "".join(char for char in name.casefold() if char.isalnum())


def _near(folded: str, near: dict[str, set[str]]) -> Iterator[str]:
    """The names that can be made the same as this one by leaving out as few letters of each."""
    for shorter in _shortened(folded):
        yield from near.get(shorter, ())


def _shortened(folded: str) -> Iterator[str]:
    """The text, and what is left of it without one letter, or two where it is long."""
    yield folded
    if len(folded) > _CHARACTERS_MAX:
        return
    most = next((letters for length, letters in _LETTERS_MIN if len(folded) >= length), 0)
    for letters in range(1, most + 1):
        for left_out in combinations(range(len(folded)), letters):
            yield "".join(char for index, char in enumerate(folded) if index not in left_out)
