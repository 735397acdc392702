"""Which letters lie on the dead-letter topic, which of them are done, and which a person chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from consumer.adapters.letter_reading import Lying, Mark, NoLetter, StoredLetter
from consumer.core.effect import Fate
from consumer.core.record import Position

__all__ = ["Choice", "Survey", "age_s"]


def age_s(letter: StoredLetter, wall: float) -> float:
    """Seconds since its record failed first; ``wall`` is seconds since 1970."""
    return max(0.0, wall - letter.first_failed_ms / 1000)


@dataclass(frozen=True, slots=True)
class Choice:
    """What letters must be like to be chosen; None: any."""

    rule: str | None = None
    reason: str | None = None
    stage: str | None = None
    older_s: float | None = None
    """Since they failed first, at least."""
    newer_s: float | None = None
    """Since they failed first, at most."""

    def takes(self, letter: StoredLetter, wall: float) -> bool:
        """Whether this is one of them, at this moment (seconds since 1970)."""
        age = age_s(letter, wall)
        return (
            self.rule in {None, letter.rule}
            and self.reason in {None, letter.reason}
            and self.stage in {None, letter.stage}
            and (self.older_s is None or age >= self.older_s)
            and (self.newer_s is None or age <= self.newer_s)
        )


@dataclass(slots=True)
class Survey:
    """Takes in what lies there, in whatever order partitions come. Of letters that ``wants`` refuses it keeps nothing.

    A letter is done where a mark says so, or where one that failed again took its place: that one names it, so that
    not even a crash between the two leaves both of them open.
    """

    wants: Callable[[StoredLetter], bool]
    keep_done: bool = False
    """Whether letters that are done are kept too."""
    rules: set[str] = field(default_factory=set)
    """Of which there are letters, wanted or not, done or not."""
    chosen: dict[Position, StoredLetter] = field(default_factory=dict)
    """What is wanted, without values: open, and where they are kept those that are done."""
    done: dict[Position, Mark] = field(default_factory=dict)
    """What became of every letter that is done, whether it is wanted or not."""
    others: Counter[str] = field(default_factory=Counter)
    """What is no letter of ours, by why."""

    def take(self, lying: Iterable[Lying]) -> None:
        """Takes in some of the topic's records."""
        for found in lying:
            match found:
                case Mark():
                    self._close(found)
                case NoLetter():
                    self.others[found.reason] += 1
                case StoredLetter():
                    self._add(found)

    def open(self) -> list[StoredLetter]:
        """The chosen ones that are not done, in the order in which they failed."""
        found = (letter for at, letter in self.chosen.items() if at not in self.done)
        return sorted(found, key=lambda letter: (letter.first_failed_ms, letter.at))

    def _add(self, letter: StoredLetter) -> None:
        if letter.rule is not None:
            self.rules.add(letter.rule)
        if letter.redrive_of is not None:
            self._close(Mark(letter.redrive_of, Fate.DEAD_LETTERED.value, letter.written_ms))
        if (self.keep_done or letter.at not in self.done) and self.wants(letter):
            self.chosen[letter.at] = letter.without_value()

    def _close(self, mark: Mark) -> None:
        self.done.setdefault(mark.of, mark)
        if not self.keep_done:
            self.chosen.pop(mark.of, None)
