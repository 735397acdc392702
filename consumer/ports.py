"""The protocols at the edges: what the runner needs of the world, and nothing more.

Each has two makers, the real adapter and a fake, and one conformance suite that both pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from consumer.core.effect import Attempt, Committable, Effect, Letter
from consumer.core.outcome import Answer, Outcome
from consumer.core.record import Batch, Received, TopicPartition
from consumer.core.request import HttpRequest
from consumer.mapping.message import Message
from consumer.mapping.renewal import RefusalKind, Renewal

__all__ = [
    "DeadLetterSink",
    "Gate",
    "LettersListener",
    "LoopsApi",
    "MappingListener",
    "MappingSource",
    "RecordSource",
    "Select",
    "SourceListener",
    "Telemetry",
]

Select: TypeAlias = Callable[[Sequence[Message]], Batch]
"""Makes a batch of what one read brought, on the source's own thread; raises ``NotYet``."""


class SourceListener(Protocol):
    """Whom the source tells. Every call comes on the event loop's thread, in the order in which things happened."""

    def assigned(self, committed: Mapping[TopicPartition, Committable | None], total: Sequence[TopicPartition]) -> None:
        """These partitions are ours now (only the new ones; perhaps none), each with what the group had committed.

        ``total`` is every partition of every subscribed topic, sorted: what the team's rate is divided by.
        """

    def selected(self, batch: Batch) -> None:
        """One read's records; answer with :meth:`RecordSource.took` when they are taken in."""

    def rewound(self, partition: TopicPartition, offset: int) -> None:
        """What comes next of it begins at ``offset`` again: a record was not delivered, or this was asked for."""

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """These go to another member; the source waits (bounded) for :meth:`RecordSource.handed` of the same ones."""

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """These were taken away without asking; nothing of them may be committed any more."""

    def committed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """The group has these."""

    def commit_failed(self, positions: Mapping[TopicPartition, Committable], error: str) -> None:
        """The group does not have these. ``error`` is the client's name of the error."""

    def committed_read(self, positions: Mapping[TopicPartition, Committable | None] | None) -> None:
        """What the group has, as was asked by :meth:`RecordSource.read_committed`; None: it could not be read.

        ``None`` beside a partition: there is no commit. It may hold a commit of ours that ``committed`` is still to
        tell of.
        """

    def source_failed(self, error: str) -> None:
        """The client cannot go on, or closing it failed: ``error`` is a sentence with its name of the error."""

    def source_closed(self) -> None:
        """The group is left and the thread has ended; the last call there is."""


class RecordSource(Protocol):
    """Kafka's consumer, on a thread of its own. No method blocks or raises; each may be called at any time."""

    def start(self, listener: SourceListener) -> None:
        """Joins the group and begins to read."""

    def took(self) -> None:
        """The oldest batch that was told is taken in: the next may come. At most two are under way."""

    def commit(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Commits, without waiting; the listener is told how it ended."""

    def read_committed(self, partitions: Sequence[TopicPartition]) -> None:
        """Asks what the group has committed of these, whoever owns them.

        The listener is told once, about a second later at the latest, unless the source is stopped before.
        """

    def pause(self, partition: TopicPartition) -> None:
        """Reads no more of it until :meth:`resume`; membership is kept. Forgotten at revoke."""

    def resume(self, partition: TopicPartition) -> None:
        """Reads it again."""

    def read_again(self, partition: TopicPartition, offset: int) -> None:
        """Reads it from there again, or from lower where it is about to be; the listener is told by ``rewound``."""

    def select_with(self, select: Select) -> None:
        """Makes batches with this from the next read on."""

    def handed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Answers ``revoked``: commits these, waits for that, and lets the revoke return."""

    def stop(self) -> None:
        """Leaves the group and ends the thread; may be called twice, and before :meth:`start`."""


class MappingListener(Protocol):
    """Whom the mapping's source tells, on the event loop's thread."""

    def mapping_found(self, renewal: Renewal) -> None:
        """Another mapping is there, and takes the place of the one in use."""

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """What is there now cannot be used, and why; the one in use stays."""


class MappingSource(Protocol):
    """The user's mapping, which may change at any time. No method blocks or raises."""

    def start(self, listener: MappingListener) -> None:
        """Begins to watch it."""

    def stop(self) -> None:
        """Tells nothing more; may be called twice."""


class LoopsApi(Protocol):
    """Loops' HTTP interface."""

    async def call(self, request: HttpRequest) -> Answer:
        """Makes one call. Whatever goes wrong is an :data:`Answer`; nothing is raised but cancellation."""

    async def close(self) -> None:
        """Closes the connections; may be called twice."""


class Gate(Protocol):
    """Has the last word on an attempt, right before its call would be made."""

    async def hold(self, request: HttpRequest) -> Outcome | None:
        """None: the call is made. An outcome: it is not, and the attempt came to that. Raises only cancellation."""


class LettersListener(Protocol):
    """Whom the sink tells, on the event loop's thread."""

    def letter_confirmed(self, letter: Letter) -> None:
        """The broker has it, on as many replicas as the topic asks for."""

    def letter_failed(self, letter: Letter, error: str) -> None:
        """The broker does not have it, for now."""


class DeadLetterSink(Protocol):
    """Where letters go. No method blocks or raises."""

    def start(self, listener: LettersListener) -> None:
        """Connects."""

    def write(self, letter: Letter) -> None:
        """Writes one; the listener is told how it ended."""

    def stop(self) -> None:
        """Gives up on what is not confirmed, and ends; may be called twice."""


class Telemetry(Protocol):
    """What is counted, observed and logged. No method blocks or raises."""

    def received(self, partition: TopicPartition, received: Received) -> None:
        """Records were read from a partition; the pipeline is told next."""

    def happened(self, effects: Iterable[Effect]) -> None:
        """The pipeline asked for, or reported, these."""

    def answered(self, attempt: Attempt, outcome: Outcome, seconds: float) -> None:
        """An attempt ended; ``seconds`` from sending to the end of the answer."""

    def delivered(self, age_s: float) -> None:
        """A request was taken by Loops so long after its event happened."""

    def rebalanced(self, kind: str, partitions: int) -> None:
        """``kind`` is ``assigned``, ``revoked`` or ``lost``."""

    def committed(self, partitions: int, error: str | None) -> None:
        """A commit ended."""

    def committed_read(self, *, known: bool) -> None:
        """What the group has committed was asked for; ``known``: and could be read."""

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """What is in the mapping's files cannot be used; ``reasons`` are fit to be shown."""
