"""Events that go on after they were refused with what they carried."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from consumer.core.completions import Completions, decode
from consumer.core.effect import Attempt, Letter
from consumer.core.outcome import Answer
from consumer.core.request import Call, HttpRequest, SendEvent
from tests.sim.mapping import place_under
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

    Whoever reads that goes on with that number.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Nothing is refused."""
        super().__init__(world)
        self._ledger = ledger
        self._refused: Counter[tuple[Holding, Planned, int]] = Counter()
        """Under which mapping, too: those of another are told no more, and its plans may be begun anew."""
        self._left: set[tuple[Holding, Planned, int]] = set()

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """Counts what its replica hears, where the event's own fault it may not have been."""
        if request.call is Call.SEND and len(told) > 1 and is_refusal(answer):
            holding = self._ledger.holdings.get((replica, told[-1].tp))
            if holding is not None:
                self._refused[holding, told[-1], self._ledger.mapping_of(replica, told[-1])] += 1

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Reads the key."""
        planned = told[-1] if told else None
        holding = None if planned is None else self._ledger.holdings.get((replica, planned.tp))
        if planned is None or holding is None or attempt.request.call is not Call.SEND:
            return
        if self._ledger.begun_anew(holding, planned.offset) or not isinstance(planned.plan, SendEvent):
            return
        key = attempt.request.idempotency_key or ""
        number = int(key.removeprefix(planned.plan.idempotency_key).removeprefix(".") or 0)
        mapping = self._ledger.mapping_of(replica, planned)
        if (holding, planned, number) not in self._left:
            self._left.add((holding, planned, number))
            committed = self._committed(planned, mapping)
            if number != committed:
                self.broken(f"{planned.id} left replica {replica.name} as {number}, and {committed} is committed")
        if number < self._refused[holding, planned, mapping] and not planned.letters:
            self.broken(f"{planned.id} left replica {replica.name} under a key that was refused")

    def _committed(self, planned: Planned, mapping: int) -> int:
        position = self.world.group.committed.get(planned.tp)
        told = None if position is None else decode(position.metadata, offset=position.offset)
        if not isinstance(told, Completions) or told.mapping != mapping:
            return 0
        place = place_under(mapping, planned.number, planned.plans)
        return max((one.number for one in told.refusals if one[:2] == (planned.offset, place)), default=0)


class OnlyTheCulpritIsGivenUp(Observer):
    """Of what was refused together only what Loops refuses alone becomes a dead letter.

    But for an event of which no commit can tell that it was refused: there is no room, or the mapping is another.
    """

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """Whether Loops would have taken it."""
        if letter.reason != "refused" or planned.refused or (planned.request and planned.request.email is None):
            return
        policy, ways, mapping = self.world.scenario.policy, self.world.scenario.kafka, self.world.scenario.mapping
        roomy = min(policy.metadata_bytes_max, ways.metadata_bytes_max) > _ROOMY_BYTES
        if roomy and mapping.every_s is None:
            self.broken(f"{planned.id} is a dead letter of replica {replica.name}, and Loops would take it")


_ROOMY_BYTES = 1_000
