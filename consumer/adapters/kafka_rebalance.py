"""What happens when the group moves partitions: the callbacks of the client, and what is known of each assignment.

1. ``on_assign`` brings only what is new, perhaps nothing; nothing that we had is reset by it.
2. A revoke waits, bounded, until the listener handed its partitions over, commits what it gave, and only then lets go.
3. What is lost is let go at once; nothing of it is committed.
4. Each assignment of a partition has a number, its epoch. What was asked for under another one is not done.
5. A record of a partition that was revoked, or revoked and assigned again, during the call that returned the record is
   dropped: the next owner, or we from the new beginning, read it again.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_commits import Positions, client_positions, errors_in
from consumer.adapters.kafka_start import Start, find_starts
from consumer.adapters.kafka_status import Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.commits import METADATA_TOO_LARGE
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.logs import logger

__all__ = ["Assignments", "Owned", "RebalanceListener"]

_NOT_YET = (["REBALANCE_IN_PROGRESS"], ["STALE_MEMBER_EPOCH"])
"""The group has not finished its last step; the second is its name under ``group.protocol=consumer``."""

_COMMIT_TIMES_MAX = 6
_COMMIT_AGAIN_S = 0.1

_log = logger("kafka")


@dataclass(slots=True)
class Owned:
    """One partition under one assignment."""

    epoch: int
    start: int
    """Where reading began: an offset, or one of the client's negative names for one."""
    position: int | None = None
    """The next offset to be read; None: not known yet."""
    committed: int | None = None
    paused: bool = False
    """Wanted so by the listener."""


class RebalanceListener(Protocol):
    """Whom the callbacks tell, on the client's thread."""

    def told_assigned(
        self, epochs: Mapping[TopicPartition, int], committed: Mapping[TopicPartition, Committable | None]
    ) -> None:
        """New partitions are ours, under these epochs."""

    def told_lost(self, partitions: Sequence[TopicPartition]) -> None:
        """These are gone."""

    def hand_over(self, partitions: Sequence[TopicPartition]) -> Positions:
        """These will go; returns what may be committed, after a bounded wait."""

    def holds_still(self) -> bool:
        """Whether every partition is kept from being read for now."""


class Assignments:
    """The partitions that are ours. Used on the client's thread alone."""

    def __init__(self, topics: Topics, waits: Waits, start: Literal["earliest", "latest"]) -> None:
        """None yet."""
        self.owned: dict[TopicPartition, Owned] = {}
        self.joined = self.joined_ever = False
        self.topics_due = False
        """There may be new partitions. To ask within a callback ends the process: the client then takes its next
        callback in the same call for one without a caller, and aborts."""
        self.rebalances = 0
        self.commit_failures = 0
        self.moved: set[TopicPartition] = set()
        """Rule 5: those that went, since :meth:`begin_read`."""
        self._topics = topics
        self._waits = waits
        self._start = start
        self._epochs = itertools.count(1)
        self._left_paused: set[TopicPartition] = set()

    @property
    def epochs(self) -> Mapping[TopicPartition, int]:
        """The number of each current assignment."""
        return {tp: owned.epoch for tp, owned in self.owned.items()}

    def callbacks(self, listener: RebalanceListener) -> dict[str, Callable[[Consumer, list[ClientPartition]], None]]:
        """Arguments for ``subscribe``; they may raise, so each wants a guard."""
        return {
            "on_assign": lambda client, found: self._assign(client, _ours(found), listener),
            "on_revoke": lambda client, found: self._revoke(client, _ours(found), listener),
            "on_lost": lambda client, found: self._lose(client, _ours(found), listener),
        }

    def taken_in(self, listener: RebalanceListener) -> None:
        """A member, for now without a partition, which not every protocol tells by a callback."""
        self.joined = self.joined_ever = True
        self._waits.reading()
        _log.info("kafka_assigned", partitions=[], owned=len(self.owned))
        listener.told_assigned({}, {})

    def begin_read(self) -> None:
        """A call that may return records begins."""
        self.moved.clear()

    def rewind_moved(self, client: Consumer) -> None:
        """Reads again from the beginning of their assignment those that went and came back during the last call."""
        for tp in self.moved & self.owned.keys():
            self.read_from(client, tp, self.owned[tp].start)

    def read_from(self, client: Consumer, tp: TopicPartition, offset: int) -> None:
        """Reads an owned partition from elsewhere; ``seek`` is refused where its position is lost or not known yet."""
        owned = self.owned[tp]
        client.incremental_unassign([ClientPartition(*tp)])
        client.incremental_assign([ClientPartition(*tp, offset)])
        owned.start = offset
        owned.position = offset if offset >= 0 else None
        if owned.paused:
            client.pause([ClientPartition(*tp)])

    def renew(self, client: Consumer, tp: TopicPartition, *, held: bool) -> int:
        """Begins a new epoch of a partition that stays ours: nothing of it is committed, and nobody wants it paused.

        ``held``: it is kept from being read for now all the same.
        """
        owned = self.owned[tp]
        owned.epoch = next(self._epochs)
        owned.committed = None
        if owned.paused and not held:
            client.resume([ClientPartition(*tp)])
        owned.paused = False
        return owned.epoch

    def _assign(self, client: Consumer, new: Sequence[TopicPartition], listener: RebalanceListener) -> None:
        """Rule 1."""
        self.rebalances += 1
        self.joined = self.joined_ever = True
        self.topics_due = True
        starts = find_starts(client, new, self._topics.partitions, self._start)
        if any(start.committed is not None for start in starts.values()):
            # Where none can be found later, the topic was made anew: to begin at its end would leave records out.
            self._start = "earliest"
        client.incremental_assign([ClientPartition(*tp, starts[tp].offset) for tp in new])
        for tp in new:
            self.owned[tp] = _owned(next(self._epochs), starts[tp])
        # The client keeps a partition paused beyond its assignment.
        if still := self._left_paused.intersection(new):
            client.resume([ClientPartition(*tp) for tp in sorted(still)])
            self._left_paused -= still
        if new and listener.holds_still():
            client.pause([ClientPartition(*tp) for tp in new])
        self._waits.reading()
        _log.info("kafka_assigned", partitions=_names(new), owned=len(self.owned))
        listener.told_assigned({tp: self.owned[tp].epoch for tp in new}, {tp: starts[tp].committed for tp in new})

    def _revoke(self, client: Consumer, going: Sequence[TopicPartition], listener: RebalanceListener) -> None:
        """Rule 2."""
        self.rebalances += 1
        if going:
            handed = listener.hand_over(going)
            ours = {tp: at for tp, at in handed.items() if tp in self.owned and tp in going}
            if ours:
                self._commit_now(client, ours)
        self._let_go(client, going, "kafka_revoked", paused_too=listener.holds_still())

    def _lose(self, client: Consumer, gone: Sequence[TopicPartition], listener: RebalanceListener) -> None:
        """Rule 3."""
        self.rebalances += 1
        self.joined = False
        listener.told_lost(gone)
        self._let_go(client, gone, "kafka_lost", paused_too=listener.holds_still())

    def _let_go(self, client: Consumer, going: Sequence[TopicPartition], event: str, *, paused_too: bool) -> None:
        for tp in going:
            owned = self.owned.pop(tp, None)
            if owned is not None and (owned.paused or paused_too):
                self._left_paused.add(tp)
        self.moved.update(going)
        _log.info(event, partitions=_names(going), owned=len(self.owned))
        client.incremental_unassign([ClientPartition(*tp) for tp in going])

    def _commit_now(self, client: Consumer, positions: Positions) -> None:
        """Waits for the answer. A group that has not finished its last step is asked again, half a second at most."""
        errors = ["not sent"]
        for _ in range(_COMMIT_TIMES_MAX):
            errors = _commit(client, positions)
            if errors == [METADATA_TOO_LARGE]:
                positions = {tp: Committable(at.offset) for tp, at in positions.items()}
                continue
            if errors not in _NOT_YET:
                break
            threading.Event().wait(_COMMIT_AGAIN_S)
        if errors:
            self.commit_failures += 1
            _log.error("kafka_handover_not_committed", partitions=_names(positions), error=", ".join(errors))


def _commit(client: Consumer, positions: Positions) -> list[str]:
    try:
        return errors_in(client.commit(offsets=client_positions(positions), asynchronous=False) or [])
    except KafkaException as error:
        return [error.args[0].name()]


def _ours(found: Iterable[ClientPartition]) -> list[TopicPartition]:
    return [TopicPartition(partition.topic, partition.partition) for partition in found]


def _owned(epoch: int, start: Start) -> Owned:
    committed = None if start.committed is None else start.committed.offset
    return Owned(epoch, start.offset, start.offset if start.offset >= 0 else None, committed)


def _names(partitions: Iterable[TopicPartition]) -> list[str]:
    return [f"{tp.topic}/{tp.partition}" for tp in partitions]
