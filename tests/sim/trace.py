"""A run in words: one line a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from consumer.core.effect import Attempt, Committable, Letter
from consumer.core.outcome import Answer, Response
from consumer.core.record import TopicPartition
from consumer.core.request import HttpRequest
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Claims
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["Trace"]


class Trace(Observer):
    """Keeps the lines of a run."""

    def __init__(self, world: World) -> None:
        """None yet."""
        super().__init__(world)
        self.lines: list[str] = []

    def started(self, replica: Replica) -> None:
        """Begins."""
        self._add(replica, "started")

    def assigned(self, replica: Replica, tp: TopicPartition, committed: Committable | None) -> None:
        """A partition came."""
        self._add(replica, f"assigned {_of(tp)}, committed {_at(committed)}")

    def revoking(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """Partitions are asked back."""
        self._add(replica, f"revoking {_all(tps)}")

    def rewound(self, replica: Replica, tp: TopicPartition, offset: int) -> None:
        """Reading goes back."""
        self._add(replica, f"rewound {_of(tp)} to {offset}")

    def put_out(self, replica: Replica) -> None:
        """The group takes it for dead."""
        self._add(replica, "put out of the group")

    def lost(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """It learns so."""
        self._add(replica, f"lost {_all(tps)}")

    def handed_over(self, replica: Replica, tp: TopicPartition, *, taken: bool) -> None:
        """A partition goes."""
        self._add(replica, f"handed over {_of(tp)}{'' if taken else ', too late or not committed'}")

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """A request leaves."""
        named = f"{_named(attempt.request, told)}, try {attempt.try_number}"
        self._add(replica, f"sent {named} {' '.join(attempt.lanes)}")

    def took_effect(self, planned: Planned) -> None:
        """Loops does it."""
        self._add(None, f"took effect {planned.id}")

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """Its sender learns."""
        self._add(
            replica,
            f"answered {_named(request, told)}: {answer.status if isinstance(answer, Response) else answer.value}",
        )

    def commit_asked(self, replica: Replica, positions: Mapping[TopicPartition, Committable]) -> None:
        """A commit leaves."""
        told = ", ".join(f"{_of(tp)} {_at(position)}" for tp, position in positions.items())
        self._add(replica, f"commits {told or 'nothing'}")

    def committed(self, replica: Replica, tp: TopicPartition, position: Committable) -> None:
        """A commit is taken."""
        self._add(replica, f"committed {_of(tp)} {_at(position)}")

    def commit_refused(self, replica: Replica, error: str) -> None:
        """A commit is not."""
        self._add(replica, f"commit refused: {error}")

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """A dead letter leaves."""
        self._add(replica, f"dead letter {planned.id}: {letter.reason}")

    def letter_confirmed(self, replica: Replica, planned: Planned, letter: Letter) -> None:  # noqa: ARG002 - as declared
        """Its sender learns."""
        self._add(replica, f"dead letter confirmed {planned.id}")

    def letter_written(self, planned: Planned) -> None:
        """The broker has it."""
        self._add(None, f"dead letter written {planned.id}")

    def remapped(self, replica: Replica) -> None:
        """It notices another mapping."""
        self._add(replica, f"notices {self.world.mapping}")

    def stopping(self, replica: Replica) -> None:
        """SIGTERM."""
        self._add(replica, "asked to stop")

    def ended(self, replica: Replica, how: str) -> None:
        """It is gone."""
        self._add(replica, how)

    def _add(self, replica: Replica | None, text: str) -> None:
        who = "     " if replica is None else f"r{replica.name:<4}"
        self.lines.append(f"{self.world.loop.now:10.4f}  {who} {text}")


def _named(request: HttpRequest, told: Told) -> str:
    return " ".join((request.call.value, *(planned.id for planned in told)))


def _of(tp: TopicPartition) -> str:
    return f"{tp.topic}/{tp.partition}"


def _all(tps: Sequence[TopicPartition]) -> str:
    return " ".join(map(_of, tps)) or "nothing"


def _at(position: Committable | None) -> str:
    if position is None:
        return "nothing"
    claims = Claims.of(position)
    runs = " ".join(f"{first}-{last}" if first < last else f"{first}" for first, last in claims.runs)
    partly = " ".join(f"{offset}:{mask:b}/{claims.mapping}" for offset, mask in claims.partly.items())
    said = f" finished {runs} {partly}".rstrip() if runs or partly else ""
    return f"{position.offset}{said}"
