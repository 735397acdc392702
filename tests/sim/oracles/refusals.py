"""Events that go on after they were refused with what they carried."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from consumer.core.completions import Completions, decode
from consumer.core.effect import Attempt, Letter
from consumer.core.outcome import Answer
from consumer.core.refusals import key_fingerprint
from consumer.core.request import Call, HttpRequest, SendEvent
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Holding, Ledger
from tests.sim.oracles.meaning import is_refusal
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["ARefusalIsCommittedFirst", "OnlyTheCulpritIsGivenUp"]


class ARefusalIsCommittedFirst(Observer):
    """A refused event goes on under a key with the number of its refusals, which stands in the group's commit then.

    Whoever reads that goes on with that number. One that was put out of the group, and does not know it, does not see
    what others commit.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Nothing is refused."""
        super().__init__(world)
        self._ledger = ledger
        self._under: dict[tuple[Replica, Planned], Holding] = {}
        """Under which holding each left that tells of others."""
        self._refused: Counter[tuple[Holding, Planned]] = Counter()
        self._left: set[tuple[Holding, Planned, int]] = set()

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """Counts what its replica hears of what it still has, where the event's own fault it may not have been."""
        if request.call is not Call.SEND or len(told) < 2:
            return
        holding = self._under.pop((replica, told[-1]), None)
        if is_refusal(answer) and holding is not None and self._ledger.holdings.get((replica, holding.tp)) is holding:
            self._refused[holding, told[-1]] += 1

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Reads the key."""
        planned = told[-1] if told else None
        holding = None if planned is None else self._ledger.holdings.get((replica, planned.tp))
        if planned is None or holding is None or attempt.request.call is not Call.SEND:
            return
        if len(told) > 1:
            self._under[replica, planned] = holding
        if self._ledger.begun_anew(holding, planned.offset) or not isinstance(planned.plan, SendEvent):
            return
        key = attempt.request.idempotency_key or ""
        number = int(key.removeprefix(planned.plan.idempotency_key).removeprefix(".") or 0)
        if (holding, planned, number) not in self._left:
            self._left.add((holding, planned, number))
            committed = self._committed(planned, planned.plan.idempotency_key)
            if number != committed and replica not in self._ledger.outside:
                self.broken(f"{planned.id} left replica {replica.name} as {number}, and {committed} is committed")
        if number < self._refused[holding, planned] and not planned.letters:
            self.broken(f"{planned.id} left replica {replica.name} under a key that was refused")

    def _committed(self, planned: Planned, key: str) -> int:
        position = self.world.group.committed.get(planned.tp)
        told = None if position is None else decode(position.metadata, offset=position.offset)
        if not isinstance(told, Completions):
            return 0
        return max(
            (one.number for one in told.refusals if one[:2] == (planned.offset, key_fingerprint(key))), default=0
        )


class OnlyTheCulpritIsGivenUp(Observer):
    """Of what was refused together only what Loops refuses alone becomes a dead letter.

    But for an event of which no commit can tell that it was refused, as there is no room.
    """

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """Whether Loops would have taken it."""
        if letter.reason != "refused" or planned.refused or (planned.request and planned.request.email is None):
            return
        policy, ways = self.world.scenario.policy, self.world.scenario.kafka
        if min(policy.metadata_bytes_max, ways.metadata_bytes_max) > _ROOMY_BYTES:
            self.broken(f"{planned.id} is a dead letter of replica {replica.name}, and Loops would take it")


_ROOMY_BYTES = 1_000
