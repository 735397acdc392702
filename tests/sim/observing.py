"""What can be seen of a simulated run: the moments at which an oracle looks, and how it says that it is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from consumer.core.effect import Attempt, Committable, Letter, Saved
from consumer.core.outcome import Answer
from consumer.core.record import TopicPartition
from consumer.core.request import HttpRequest

if TYPE_CHECKING:
    from tests.sim.planned import Planned, Told
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["Observer", "Observers", "Violation"]


class Violation(Exception):  # noqa: N818 - it says what happened
    """An oracle does not hold. Raised at the end of the run, since nothing may be raised into the program."""

    def __init__(self, oracle: str, text: str, at_s: float) -> None:
        """``at_s``: virtual seconds."""
        super().__init__(f"{oracle} at {at_s:.3f} s: {text}")
        self.oracle = oracle
        self.text = text
        self.at_s = at_s


class Observer:
    """Looks on. Each method is called at the moment that it names; a subclass overrides those that it looks at."""

    def __init__(self, world: World) -> None:
        """Nothing has happened yet."""
        self.world = world

    def broken(self, text: str) -> None:
        """Ends the run: this oracle does not hold."""
        self.world.broken(type(self).__name__, text)

    def started(self, replica: Replica) -> None:
        """A process begins."""

    def remapped(self, replica: Replica) -> None:
        """A replica has noticed that the mapping has changed, and is about to be told."""

    def stopping(self, replica: Replica) -> None:
        """A replica is asked to stop."""

    def assigned(self, replica: Replica, tp: TopicPartition, committed: Committable | None) -> None:
        """A replica was told that a partition is its own, and what the group had committed."""

    def revoking(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """A replica was told to hand partitions over."""

    def handing(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """A replica has handed partitions over; its last commit of them is on the way."""

    def rewound(self, replica: Replica, tp: TopicPartition, offset: int) -> None:
        """A replica was told that a partition is read again from an offset."""

    def put_out(self, replica: Replica) -> None:
        """A replica was put out of the group, and does not know it yet."""

    def lost(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """A replica was told that partitions were taken away."""

    def handed_over(self, replica: Replica, tp: TopicPartition, *, taken: bool) -> None:
        """A revoke ended for a partition; ``taken``: in time, and its commit, if it needed one, was taken."""

    def turned(self, replica: Replica) -> None:
        """A replica's pipeline was told something and has decided; its effects are about to be carried out."""

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """A request leaves; ``told`` is empty for a probe. Comes before :meth:`turned` of the same turn."""

    def took_effect(self, planned: Planned) -> None:
        """Loops did what a request asks for; ``planned.effects`` counts it already."""

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:
        """A replica is about to learn how an attempt ended."""

    def commit_asked(self, replica: Replica, positions: Mapping[TopicPartition, Committable]) -> None:
        """A replica wants these committed."""

    def told_alone(self, replica: Replica) -> None:
        """A replica asks for a commit that tells of nothing but what it wants."""

    def committed(self, replica: Replica, tp: TopicPartition, position: Committable) -> None:
        """The group takes a commit; ``broker.committed`` is what it had before."""

    def commit_refused(self, replica: Replica, error: str) -> None:
        """The broker did not take a commit of a replica, or of a part of it."""

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """A replica writes a dead letter."""

    def letter_confirmed(self, replica: Replica, planned: Planned, letter: Letter) -> None:
        """A replica is about to learn that a dead letter is written."""

    def letter_written(self, planned: Planned) -> None:
        """The broker has a dead letter."""

    def saved(self, replica: Replica, saved: Saved) -> None:
        """A replica reports requests that it needed not send."""

    def ended(self, replica: Replica, how: str) -> None:
        """A replica is gone: ``killed``, ``stopped``, or why it failed."""

    def finish(self) -> None:
        """The run is over."""


_MOMENTS = tuple(name for name in vars(Observer) if not name.startswith("_") and name != "broken")


class Observers:
    """Whoever looks on, by the moments that they look at."""

    def __init__(self) -> None:
        """Nobody."""
        self._by_moment: dict[str, list[Callable[..., None]]] = {moment: [] for moment in _MOMENTS}

    def add(self, observers: Iterable[Observer]) -> None:
        """These look on from now on."""
        for observer in observers:
            for moment, calls in self._by_moment.items():
                if getattr(type(observer), moment) is not getattr(Observer, moment):
                    calls.append(getattr(observer, moment))

    def clear(self) -> None:
        """Nobody looks on any more."""
        for calls in self._by_moment.values():
            calls.clear()

    def __getattr__(self, moment: str) -> list[Callable[..., Any]]:
        """Whom to call at a moment."""
        return self._by_moment[moment]
