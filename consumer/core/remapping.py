"""The mapping in use, and what one that takes its place leaves behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from consumer.core.effect import Remapped
from consumer.core.letters import Letters
from consumer.core.partition import Partition
from consumer.core.rules import Rules

__all__ = ["RulesInUse"]


class RulesInUse:
    """Which rules are in use, since when, and which were until then."""

    __slots__ = ("gone", "now", "since")

    def __init__(self, rules: Rules, *, now: float) -> None:
        """The first ones; ``now`` is in monotonic seconds."""
        self.now = rules
        self.since = now
        self.gone: Mapping[str, int] = {}
        """As in :class:`Remapped`, of the last time."""

    def replace(self, rules: Rules, partitions: Iterable[Partition], letters: Letters, *, now: float) -> Remapped:
        """Others are in use. What is under way ends as it began, in this process."""
        gone = self.now.ids - rules.ids
        under_way: Counter[str | None] = Counter()
        if gone:
            under_way.update(delivery.request.rule for partition in partitions for delivery in partition.under_way())
            under_way.update(letters.rules())
        self.now, self.since = rules, now
        self.gone = {rule: under_way[rule] for rule in sorted(gone)}
        return Remapped(rules, self.gone)
