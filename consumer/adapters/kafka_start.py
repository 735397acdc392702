"""Where reading begins in a partition that was just assigned.

1. At what the group has committed.
2. Without a commit: at the earliest record, so that a partition added later is read from its beginning.
3. Under ``latest`` and where the group has no commit for any partition of its topics: at the end. The ends of all of
   them are then committed at once, so that a member that comes later begins there too and takes rule 1.
4. Where the group's commits cannot be had: where the client itself finds them, which may take longer.

Rule 3 is for a group that is new: a process that has seen a commit of the group asks with ``earliest`` from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, OFFSET_STORED, Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_commits import client_positions, errors_in, found_positions
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.logs import logger

__all__ = ["Start", "find_starts"]

_ASK_WITHIN_S = 5.0
_ASK_TIMES_MAX = 3

_log = logger("kafka")


@dataclass(frozen=True, slots=True)
class Start:
    """An offset, perhaps one of the client's negative names for one, and what the group has committed."""

    offset: int
    committed: Committable | None = None


def find_starts(
    client: Consumer,
    new: Sequence[TopicPartition],
    total: Iterable[TopicPartition],
    policy: Literal["earliest", "latest"],
) -> Mapping[TopicPartition, Start]:
    """Decides for each of ``new``. Asks the brokers, at most three times 5 s for each question; does not raise."""
    if not new:
        return {}
    committed = _committed(client, new)
    if committed is None:
        return {tp: Start(OFFSET_STORED) for tp in new}
    starts = {tp: Start(at.offset, at) for tp, at in committed.items()}
    without = [tp for tp in new if tp not in starts]
    if without and policy == "latest":
        starts |= _latest(client, without, sorted({*total, *new}))
    else:
        starts |= {tp: Start(OFFSET_BEGINNING) for tp in without}
    return starts


def _latest(
    client: Consumer, without: Sequence[TopicPartition], everywhere: Sequence[TopicPartition]
) -> Mapping[TopicPartition, Start]:
    """Rules 2 and 3."""
    # The ends come first: whoever commits a partition meanwhile is seen by the second question.
    ends = _ends(client, everywhere)
    committed = _committed(client, everywhere)
    if committed is None or committed:
        return {tp: Start(OFFSET_BEGINNING) for tp in without}
    if ends is None:
        return {tp: Start(OFFSET_END) for tp in without}
    _log.info("kafka_starts_at_the_end", partitions=len(ends))
    done = _asked("commit", lambda: client.commit(offsets=client_positions(ends), asynchronous=False))
    return {tp: Start(ends[tp].offset, ends[tp] if done is not None else None) for tp in without}


def _committed(client: Consumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Committable] | None:
    asked = [ClientPartition(*tp) for tp in partitions]
    found = _asked("committed", lambda: client.committed(asked, timeout=_ASK_WITHIN_S))
    if found is None:
        return None
    return {tp: at for tp, at in found_positions(found).items() if at is not None}


def _ends(client: Consumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Committable] | None:
    asked = [ClientPartition(*tp, OFFSET_END) for tp in partitions]
    found = _asked("ends", lambda: client.offsets_for_times(asked, timeout=_ASK_WITHIN_S))
    if found is None or any(at.offset < 0 for at in found):
        return None
    return {TopicPartition(at.topic, at.partition): Committable(at.offset) for at in found}


def _asked(what: str, question: Callable[[], list[ClientPartition] | None]) -> list[ClientPartition] | None:
    """The answer, or None where none without errors came, bounded in times."""
    for _ in range(_ASK_TIMES_MAX):
        try:
            answer = question()
        except KafkaException as error:
            _log.warning("kafka_no_answer", asked=what, error=error.args[0].name())
            continue
        if answer is None or not (errors := errors_in(answer)):
            return answer
        _log.warning("kafka_no_answer", asked=what, error=", ".join(errors))
    return None
