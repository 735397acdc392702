"""The shell around the pipeline: tells it what happens, carries out what it asks for, and sleeps until the next timer.

The one place where attempts become tasks and effects become calls. It decides nothing but when to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consumer.core.effect import (
    Attempt,
    Commit,
    Committable,
    DeadLetter,
    Drained,
    Effect,
    Handed,
    Letter,
    Pause,
    ReadAgain,
    ReadDemand,
    Resume,
    Send,
)
from consumer.core.outcome import Outcome, Verdict, judge
from consumer.core.pipeline import Pipeline
from consumer.core.record import Batch, TopicPartition
from consumer.core.request import HttpRequest
from consumer.logs import defect
from consumer.mapping.renewal import RefusalKind, Renewal
from consumer.ports import DeadLetterSink, Gate, LoopsApi, MappingSource, RecordSource, Telemetry

__all__ = ["CLOSING_S", "TIMER_MIN_S", "Clock", "Ports", "Runner", "RunnerFailed"]

CLOSING_S = 4.0
"""Seconds of the time to stop that are kept for the last commit and for leaving the group."""

TIMER_MIN_S = 0.0005
"""Seconds. A timer is never shorter: what is due a rounding error from now is due then, and no timer can spin."""


class RunnerFailed(Exception):  # noqa: N818 - it says what happened
    """It cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Monotonic seconds, those of the event loop's own clock, and seconds since 1970."""

    now: Callable[[], float]
    wall: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Ports:
    """The edges."""

    source: RecordSource
    api: LoopsApi
    letters: DeadLetterSink
    telemetry: Telemetry
    gate: Gate | None = None
    """Asked before each call that an attempt makes; None: every call is made."""
    mapping: MappingSource | None = None
    """None: the rules stay."""


class Runner:
    """Runs one pipeline from joining the group to leaving it. Listens to the source and to the dead letters.

    ``run`` returns after ``stop``, or raises :class:`RunnerFailed`; everything is closed by then.
    """

    def __init__(self, pipeline: Pipeline, ports: Ports, clock: Clock, *, drain_s: float) -> None:
        """``drain_s``: seconds from ``stop`` to the end of ``run``, at most."""
        self.pipeline = pipeline
        self._ports = ports
        self._clock = clock
        self._drain_s = drain_s
        self._attempts: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = asyncio.Event()
        self._failure: str | None = None
        self._stopping = False
        self.ends_by: float | None = None
        """When ``run`` ends at the latest, monotonic seconds; None before ``stop``."""
        self._defective = False

    async def run(self) -> None:
        """Joins, runs until stopped or failed, leaves."""
        self._ports.letters.start(self)
        self._ports.source.start(self)
        if self._ports.mapping is not None:
            self._ports.mapping.start(self)
        try:
            await self._closed.wait()
        finally:
            await self._end()
        if self._failure is not None:
            raise RunnerFailed(self._failure)

    def stop(self) -> None:
        """Finishes what is on the wire, commits, and leaves the group; may be called twice."""
        if self._stopping:
            return
        self._stopping = True
        self.ends_by = self._clock.now() + self._drain_s
        loop = asyncio.get_running_loop()
        loop.call_later(max(0.0, self._drain_s - CLOSING_S), self._ports.source.stop)
        loop.call_later(self._drain_s, self._give_up)
        self._tell(self.pipeline.drain)

    # What happens at the source --------------------------------------------------------------------------------------

    def assigned(self, committed: Mapping[TopicPartition, Committable | None], total: Sequence[TopicPartition]) -> None:
        """New partitions are ours."""
        self._ports.telemetry.rebalanced("assigned", len(committed))
        self._tell(self.pipeline.assigned, committed, total)

    def selected(self, batch: Batch) -> None:
        """Records were read."""
        for partition, received in batch.items():
            self._ports.telemetry.received(partition, received)
        self._tell(self.pipeline.selected, batch)
        self._ports.source.took()

    def rewound(self, partition: TopicPartition, offset: int) -> None:
        """A record was not delivered, and is read again."""
        self._tell(self.pipeline.rewound, partition, offset)

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Partitions go to another member."""
        self._ports.telemetry.rebalanced("revoked", len(partitions))
        if self._defective:
            self._ports.source.handed({})
        self._tell(self.pipeline.revoked, partitions)

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Partitions were taken away."""
        self._ports.telemetry.rebalanced("lost", len(partitions))
        self._tell(self.pipeline.lost, partitions)

    def committed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """A commit was taken."""
        self._ports.telemetry.committed(len(positions), None)
        self._tell(self.pipeline.committed, positions)

    def commit_failed(self, positions: Mapping[TopicPartition, Committable], error: str) -> None:
        """A commit was not taken."""
        self._ports.telemetry.committed(len(positions), error)
        self._tell(self.pipeline.commit_failed, positions, error)

    def committed_read(self, positions: Mapping[TopicPartition, Committable | None] | None) -> None:
        """What the group has committed, the other replicas' partitions among it."""
        self._ports.telemetry.committed_read(known=positions is not None)
        self._tell(self.pipeline.demand_read, positions)

    def source_failed(self, error: str) -> None:
        """The source cannot go on."""
        self._fail(error)

    def source_closed(self) -> None:
        """The group is left."""
        self._closed.set()

    # What happens to dead letters ------------------------------------------------------------------------------------

    def letter_confirmed(self, letter: Letter) -> None:
        """The broker has it."""
        self._tell(self.pipeline.letter_confirmed, letter)

    def letter_failed(self, letter: Letter, error: str) -> None:  # noqa: ARG002 - the sink has logged it
        """The broker does not have it."""
        self._tell(self.pipeline.letter_failed, letter)

    # What happens to the mapping -------------------------------------------------------------------------------------

    def mapping_found(self, renewal: Renewal) -> None:
        """Another one is in use: for what is read from now on."""
        if not self._stopping:
            self._tell(self.pipeline.mapping, renewal.rules)
            self._ports.source.select_with(renewal.select)

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """The one in use stays."""
        self._ports.telemetry.mapping_refused(kind, reasons)

    # Carrying out ----------------------------------------------------------------------------------------------------

    def _tell(self, what: Callable[..., list[Effect]], *arguments: object) -> None:
        """One turn: tell, carry out, arm the timer.

        After a defect the pipeline is told nothing more: what it knows may be wrong, and nothing of it is committed.
        """
        if self._defective:
            return
        try:
            effects = what(*arguments, now=self._clock.now(), wall=self._clock.wall())
            self._ports.telemetry.happened(effects)
            for effect in effects:
                self._carry_out(effect)
            self._arm()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect, and its text may quote a contact
            self._met_defect(error)

    def _carry_out(self, effect: Effect) -> None:
        source = self._ports.source
        match effect:
            case Send(attempt):
                task = asyncio.get_running_loop().create_task(self._attempt(attempt))
                self._attempts.add(task)
                task.add_done_callback(self._attempts.discard)
            case Commit(positions):
                source.commit(positions)
            case DeadLetter(letter):
                self._ports.letters.write(letter)
            case Pause(partition):
                source.pause(partition)
            case Resume(partition):
                source.resume(partition)
            case ReadAgain(partition, offset):
                source.read_again(partition, offset)
            case ReadDemand(partitions):
                source.read_committed(partitions)
            case Handed(positions=positions):
                source.handed(positions)
            case Drained():
                source.stop()
            case _:
                """A report, which telemetry has."""

    async def _attempt(self, attempt: Attempt) -> None:
        began = self._clock.now()
        try:
            outcome = await self._outcome(attempt.request)
            telemetry = self._ports.telemetry
            telemetry.answered(attempt, outcome, self._clock.now() - began)
            if outcome.verdict is Verdict.DONE and attempt.event_time_ms is not None:
                telemetry.delivered(self._clock.wall() - attempt.event_time_ms / 1000)
        except Exception as error:  # noqa: BLE001 - as above
            self._met_defect(error)
        else:
            self._tell(self.pipeline.answered, attempt, outcome)

    async def _outcome(self, request: HttpRequest) -> Outcome:
        held = None if self._ports.gate is None else await self._ports.gate.hold(request)
        if held is not None:
            return held
        return judge(request.call, await self._ports.api.call(request), wall=self._clock.wall())

    def _arm(self) -> None:
        """Arms the one timer. One that fires too early costs a tick; to arm anew after each answer costs more."""
        now = self._clock.now()
        wait_s = self.pipeline.next_timer(now=now)
        if wait_s is None or self._closed.is_set():
            return
        due = now + max(wait_s, TIMER_MIN_S)
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        self._tell(self.pipeline.tick)

    # Ending ----------------------------------------------------------------------------------------------------------

    def _fail(self, reason: str) -> None:
        self._failure = self._failure or reason
        self._ports.source.stop()
        asyncio.get_running_loop().call_later(CLOSING_S, self._closed.set)

    def _met_defect(self, error: Exception) -> None:
        self._defective = True
        self._fail(f"defect: {defect(error)}")

    def _give_up(self) -> None:
        if not self._closed.is_set():
            self._failure = self._failure or f"not stopped within {self._drain_s:g} s"
            self._closed.set()

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in self._attempts:
            task.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)
        self._ports.source.stop()
        self._ports.letters.stop()
        if self._ports.mapping is not None:
            self._ports.mapping.stop()
        await self._ports.api.close()
