"""Telemetry with spans: what is told goes on to the metrics and the log, and begins and ends spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from consumer.adapters.telemetry import PrometheusTelemetry
from consumer.adapters.tracing_spans import Spans
from consumer.core.effect import Attempt, DeadLetter, Effect, Finished, Handed, ReadAgain, Remapped, Send
from consumer.core.outcome import Outcome
from consumer.core.record import Position, Received, TopicPartition
from consumer.mapping.renewal import RefusalKind

__all__ = ["TracedTelemetry"]

_MAY_FORGET = (Handed, ReadAgain, Remapped)
"""After these, records may be in flight no more that have no fate."""


class TracedTelemetry:
    """Implements :class:`consumer.ports.Telemetry`."""

    def __init__(self, telemetry: PrometheusTelemetry, spans: Spans, is_open: Callable[[Position], bool]) -> None:
        """``is_open``: whether a record is in flight now, as the pipeline has it."""
        self._telemetry = telemetry
        self._spans = spans
        self._is_open = is_open
        self._new: list[Position] = []
        self._looks = False

    def received(self, partition: TopicPartition, received: Received) -> None:
        """Records were read; the spans of those that the pipeline does not take in are forgotten after its turn."""
        self._telemetry.received(partition, received)
        for wanted in received.wanted:
            position = wanted.record.position
            if position in self._spans:
                if self._is_open(position):
                    continue
                self._spans.hand_back(position)
            self._spans.begin_record(wanted.record)
            self._new.append(position)

    def happened(self, effects: Iterable[Effect]) -> None:
        """The pipeline asked for, or reported, these."""
        told = tuple(effects)
        self._telemetry.happened(told)
        for effect in told:
            self._trace(effect)
        for position in self._new:
            if position in self._spans and not self._is_open(position):
                self._spans.forget(position)
        self._new.clear()
        if self._looks:
            self._looks = False
            for position in self._spans.records():
                if not self._is_open(position):
                    self._spans.hand_back(position)

    def answered(self, attempt: Attempt, outcome: Outcome, seconds: float) -> None:
        """An attempt ended; its duration is remembered with its trace."""
        self._telemetry.answered(attempt, outcome, seconds, self._spans.end_request(attempt, outcome))

    def delivered(self, age_s: float) -> None:
        """A request was taken by Loops so long after its event happened."""
        self._telemetry.delivered(age_s)

    def rebalanced(self, kind: str, partitions: int) -> None:
        """The pipeline is told next, and may forget records."""
        self._looks = True
        self._telemetry.rebalanced(kind, partitions)

    def committed(self, partitions: int, error: str | None) -> None:
        """A commit ended."""
        self._telemetry.committed(partitions, error)

    def committed_read(self, *, known: bool) -> None:
        """What the group has committed was asked for."""
        self._telemetry.committed_read(known=known)

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """What is in the mapping's files cannot be used."""
        self._telemetry.mapping_refused(kind, reasons)

    def _trace(self, effect: Effect) -> None:
        match effect:
            case Send(attempt):
                self._spans.begin_request(attempt)
            case DeadLetter(letter):
                self._spans.dead_letter(letter)
            case Finished(offset=int(offset)):
                self._spans.end_record(Position(*effect.partition, offset), effect.fate, effect.rule)
            case _:
                self._looks = self._looks or isinstance(effect, _MAY_FORGET)
