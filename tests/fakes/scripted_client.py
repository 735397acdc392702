"""A Kafka client that does what a test says, and notes what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.core.record import TopicPartition

__all__ = ["ScriptedClient", "message", "problem"]

Step = Message | Callable[[], None]
"""What a read meets: a message, or something that happens in the middle of it."""


class ScriptedClient:
    """Stands for a ``Consumer``; only what the adapters call is there."""

    def __init__(self) -> None:
        """Nothing to read, nothing committed."""
        self.calls: list[tuple[str, Any]] = []
        self.steps: list[Step] = []
        self.commits: dict[TopicPartition, int] = {}
        self.commit_errors: list[int] = []

    @property
    def as_client(self) -> Consumer:
        """For code that wants the real type."""
        return cast("Consumer", self)

    def named(self, *names: str) -> list[tuple[str, Any]]:
        """The calls of these names."""
        return [(name, what) for name, what in self.calls if name in names]

    def poll(self, timeout: float) -> Message | None:
        """The next message; what happens before it happens now."""
        self.calls.append(("poll", timeout))
        return next(iter(self._take(1)), None)

    def consume(self, count: int, timeout: float) -> list[Message]:
        """All that is left, with what happens in between."""
        self.calls.append(("consume", (count, timeout)))
        return self._take(count)

    def committed(self, partitions: Sequence[ClientPartition], timeout: float) -> list[ClientPartition]:
        """What the group has."""
        assert timeout > 0
        return [ClientPartition(*tp, self.commits.get(tp, -1001)) for tp in _ours(partitions)]

    def list_topics(self, *_: object, **__: object) -> Any:
        """Not within a callback: the real client aborts the process at its next one."""
        self.calls.append(("list_topics", None))
        raise AssertionError("asked within a callback")

    def commit(self, offsets: Sequence[ClientPartition], *, asynchronous: bool) -> list[ClientPartition]:
        """Takes it."""
        self.calls.append(("commit", [(*tp, at.offset) for tp, at in zip(_ours(offsets), offsets, strict=True)]))
        assert not asynchronous
        if self.commit_errors:
            raise KafkaException(KafkaError(self.commit_errors.pop(0)))
        return list(offsets)

    def incremental_assign(self, partitions: Sequence[ClientPartition]) -> None:
        """Notes it."""
        self.calls.append(("incremental_assign", [(at.topic, at.partition, at.offset) for at in partitions]))

    def incremental_unassign(self, partitions: Sequence[ClientPartition]) -> None:
        """Notes it."""
        self.calls.append(("incremental_unassign", _ours(partitions)))

    def pause(self, partitions: Sequence[ClientPartition]) -> None:
        """Notes it."""
        self.calls.append(("pause", _ours(partitions)))

    def resume(self, partitions: Sequence[ClientPartition]) -> None:
        """Notes it."""
        self.calls.append(("resume", _ours(partitions)))

    def _take(self, count: int) -> list[Message]:
        taken: list[Message] = []
        while self.steps and len(taken) < count:
            step = self.steps.pop(0)
            if isinstance(step, Message):
                taken.append(step)
            else:
                step()
        return taken


def message(tp: TopicPartition, offset: int, error: KafkaError | None = None) -> Message:
    """One record, or an error in its place."""
    return Message(
        topic=tp.topic,
        partition=tp.partition,
        offset=offset,
        key=None,
        value=b"x",
        headers=[],
        error=error,
        timestamp=(1, 0),
    )


def problem(code: int) -> KafkaError:
    """An error of the client."""
    return KafkaError(code)


def _ours(partitions: Sequence[ClientPartition]) -> list[TopicPartition]:
    return [TopicPartition(at.topic, at.partition) for at in partitions]
