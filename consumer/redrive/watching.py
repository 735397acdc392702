"""Follows what the pipeline reports of a redrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from consumer.core.effect import Attempt, Effect, Finished, OutageBegan, OutageEnded
from consumer.core.outcome import Outcome
from consumer.core.record import Position, Received, TopicPartition
from consumer.mapping.renewal import RefusalKind
from consumer.redrive.hand import Hand

__all__ = ["Watcher"]


class Watcher:
    """Implements :class:`consumer.ports.Telemetry`: notes each letter's fate, and what nothing goes on for."""

    def __init__(self, hand: Hand, changed: Callable[[], None]) -> None:
        """``changed`` is called when the hand's tally may have."""
        self._hand = hand
        self._changed = changed
        self._waits: dict[str, str] = {}

    def received(self, partition: TopicPartition, received: Received) -> None:
        """Of no interest: the source counts letters itself."""

    def happened(self, effects: Iterable[Effect]) -> None:
        """Takes note of fates, before what was asked for is carried out."""
        for effect in effects:
            match effect:
                case Finished(offset=int(offset)):
                    if held := self._hand.at(Position(*effect.partition, offset)):
                        held.fate = effect.fate
                case OutageBegan():
                    self._wait("Loops", f"Loops does not take it: {effect.reason}")
                case OutageEnded():
                    self._wait("Loops", "")
                case _:
                    pass

    def answered(self, attempt: Attempt, outcome: Outcome, seconds: float) -> None:
        """Of no interest: what counts is the letter's end."""

    def delivered(self, age_s: float) -> None:
        """Of no interest."""

    def rebalanced(self, kind: str, partitions: int) -> None:
        """Of no interest: there is no group."""

    def committed(self, partitions: int, error: str | None) -> None:  # noqa: ARG002 - the port's form
        """Letters were marked, or were not."""
        self._wait("Kafka", f"the dead-letter topic takes no mark: {error}" if error else "")

    def committed_read(self, *, known: bool) -> None:
        """Never: a redrive has no other replicas."""

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """Never: the rules of a redrive stay."""

    def _wait(self, kind: str, sentence: str) -> None:
        self._waits[kind] = sentence
        self._hand.tally.waits_for = "; ".join(filter(None, self._waits.values()))
        self._changed()
