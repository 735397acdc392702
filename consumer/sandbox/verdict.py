"""Whether a run of the demo went as it had to, with every reason why not. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from consumer.sandbox.arrivals import Comparison
from consumer.sandbox.product import Place

__all__ = ["DemoVerdict", "LetterCount", "count_letters"]


@dataclass(frozen=True, slots=True)
class LetterCount:
    """Dead letters that had to be written beside those that were."""

    expected: int
    found: int
    missing: int = 0
    twice: int = 0
    unexpected: int = 0


@dataclass(frozen=True, slots=True)
class DemoVerdict:
    """What a run came to. ``ends`` and ``committed`` are offsets by partition."""

    records: int
    requests: Comparison
    letters: LetterCount
    ends: Mapping[int, int]
    committed: Mapping[int, int]
    not_produced: int = 0
    exit_code: int | None = 0
    """The consumer's; ``None`` where it did not end when it was told to."""

    @property
    def ok(self) -> bool:
        """Whether everything is as it has to be."""
        return not any(self.reasons())

    def behind(self) -> int:
        """Records at the ends of partitions that no commit covers."""
        return sum(max(0, end - self.committed.get(partition, 0)) for partition, end in self.ends.items())

    def reasons(self) -> Iterator[str]:
        """Everything that is wrong, each a few words with a number."""
        requests, letters = self.requests, self.letters
        counts = (
            (len(requests.missing), "missing"),
            (len(requests.twice), "twice"),
            (len(requests.out_of_order), "out of order"),
            (len(requests.unexpected), "not expected"),
            (letters.missing, "dead letters missing"),
            (letters.twice, "dead letters twice"),
            (letters.unexpected, "dead letters not expected"),
            (self.behind(), "records not committed"),
            (self.not_produced, "records that the broker did not take"),
        )
        yield from (f"{count:,} {what}" for count, what in counts if count)
        if not self.records:
            yield "no record was produced"
        if self.exit_code is None:
            yield "the consumer did not stop"
        elif self.exit_code:
            yield f"the consumer ended with {self.exit_code}"


def count_letters(expected: AbstractSet[Place], found: Sequence[Place]) -> LetterCount:
    """Compares by where the records lie."""
    times = Counter(found)
    return LetterCount(
        expected=len(expected),
        found=len(found),
        missing=len(expected - times.keys()),
        twice=sum(count - 1 for place, count in times.items() if place in expected),
        unexpected=sum(count for place, count in times.items() if place not in expected),
    )
