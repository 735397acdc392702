"""A partition is read twice, with another mapping the second time: what a commit tells of is finished all the same."""

from __future__ import annotations

from collections.abc import Collection

from consumer.core.effect import Attempt, Commit, Effect
from consumer.core.rules import Rules
from tests.core.driving import P0, Driven, attempts, batch, of, send
from tests.sim.oracles.ledger import Claims

BEFORE, AFTER = "0000000a", "0000000b"


class Reading:
    """One partition, whose records leave as they are read."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self.driven = Driven()
        self.on_wire: dict[int, Attempt] = {}
        self.claims = Claims()

    def read(self, wanted: Collection[int], *, first: int, last: int, mapping: str) -> None:
        """A read brings these offsets."""
        plans = {offset: [send(f"u{offset}")] for offset in wanted}
        self._go_on(self.driven.tell("selected", batch(plans, first=first, last=last, mapping=mapping)))

    def rewind(self, offset: int) -> None:
        """The mapping changes, and reading goes back."""
        self._go_on(self.driven.tell("mapping", Rules(AFTER)))
        self._go_on(self.driven.tell("rewound", P0, offset))

    def finish(self, offset: int) -> None:
        """A record's request is answered, and what is to be committed then is."""
        self._go_on(self.driven.answer(self.on_wire.pop(offset)))

    def told(self, *offsets: int) -> list[int]:
        """Which of these the group is told to be finished."""
        return [offset for offset in offsets if self.claims.holds_all_of(offset)]

    def _go_on(self, effects: list[Effect]) -> None:
        while effects:
            for attempt in attempts(effects):
                self.on_wire[attempt.records[0].offset] = attempt
            for commit in of(Commit, effects):
                self.claims = Claims.of(commit.positions.get(P0))
            effects = self.driven.commit(effects)


def test_what_is_under_way_and_not_wanted_any_more_is_not_told_as_finished() -> None:
    """A commit tells of the records before and behind it alone, until it is finished too."""
    reading = Reading()
    reading.read([0, 1, 2, 3], first=0, last=3, mapping=BEFORE)
    reading.rewind(1)
    reading.read([1, 3], first=1, last=3, mapping=AFTER)
    reading.finish(1)
    reading.finish(3)
    assert [1, 3] == reading.told(0, 1, 2, 3)
    reading.finish(2)
    assert [1, 2, 3] == reading.told(0, 1, 2, 3)


def test_what_only_the_second_read_wants_is_not_told_as_finished() -> None:
    """It came by itself, so that what lies behind it was not read again yet."""
    reading = Reading()
    reading.read([0, 1, 3], first=0, last=3, mapping=BEFORE)
    reading.finish(1)
    reading.rewind(2)
    reading.read([2], first=2, last=2, mapping=AFTER)
    reading.finish(3)
    assert [1, 3] == reading.told(0, 1, 2, 3)
    reading.finish(0)
    assert [0, 1, 3] == reading.told(0, 1, 2, 3)
    reading.finish(2)
    assert [0, 1, 2, 3] == reading.told(0, 1, 2, 3)
