"""The letters in hand: given to the pipeline, and not yet marked or left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from consumer.adapters.letter_reading import StoredLetter
from consumer.core.completions import Completions, decode
from consumer.core.effect import Committable, Fate
from consumer.core.record import Position, TopicPartition
from consumer.redrive.planning import Left

__all__ = ["Hand", "Held", "Tally"]

_NO_RULE = ""


@dataclass(slots=True)
class Tally:
    """How far a redrive has come: letters, each counted once."""

    done: Counter[tuple[str, Fate]] = field(default_factory=Counter)
    """By rule (empty: none) and fate; each is marked."""
    left: Counter[tuple[str, Left]] = field(default_factory=Counter)
    """By rule and why; none is marked."""
    waits_for: str = ""
    """Why nothing goes on for now; empty where it does."""

    @property
    def count(self) -> int:
        """Letters of which it is known what becomes of them."""
        return self.done.total() + self.left.total()

    def leave(self, letter: StoredLetter, why: Left) -> None:
        """It stays as it is."""
        self.left[letter.rule or _NO_RULE, why] += 1

    def leave_rest(self, letters: Iterable[StoredLetter]) -> None:
        """What of all these is not counted yet was not reached."""
        rest = Counter(letter.rule or _NO_RULE for letter in letters)
        for (rule, _), count in [*self.done.items(), *self.left.items()]:
            rest[rule] -= count
        self.left.update({(rule, Left.NOT_REACHED): count for rule, count in rest.items() if count > 0})


@dataclass(slots=True)
class Held:
    """One letter in hand."""

    letter: StoredLetter
    fate: Fate = Fate.FILTERED
    """Until the pipeline says otherwise: what no rule wants goes through it without a word."""
    left: Left | None = None
    """It stays as it is, whatever the pipeline made of it."""


class Hand:
    """Knows which letter lies at a position of the dead-letter topic, and what became of it."""

    def __init__(self, tally: Tally) -> None:
        """Empty. What leaves the hand is counted in ``tally``."""
        self.tally = tally
        self._held: dict[TopicPartition, dict[int, Held]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return sum(map(len, self._held.values()))

    def take(self, letter: StoredLetter) -> None:
        """One more."""
        self._held.setdefault(_partition_of(letter.at), {})[letter.at.offset] = Held(letter)

    def at(self, position: Position) -> Held | None:
        """What lies there, where it is in hand."""
        return self._held.get(_partition_of(position), {}).get(position.offset)

    def finished(self, positions: Mapping[TopicPartition, Committable]) -> list[Held]:
        """Those that a commit of these would cover, by offset or by what is told beside it."""
        return [held for tp, position in positions.items() for held in self._covered(tp, position)]

    def settle(self, letters: Iterable[Held]) -> None:
        """They are marked, or left: no longer in hand."""
        for held in letters:
            del self._held[_partition_of(held.letter.at)][held.letter.at.offset]
            if held.left is None:
                self.tally.done[held.letter.rule or _NO_RULE, held.fate] += 1
            else:
                self.tally.leave(held.letter, held.left)

    def _covered(self, tp: TopicPartition, position: Committable) -> list[Held]:
        told = decode(position.metadata, offset=position.offset)
        runs = told.runs if isinstance(told, Completions) else ()
        return [
            held
            for offset, held in self._held.get(tp, {}).items()
            if offset < position.offset or any(first <= offset <= last for first, last in runs)
        ]


def _partition_of(position: Position) -> TopicPartition:
    return TopicPartition(position.topic, position.partition)
