"""What the end of a request, or of an attempt, comes to: the fate of a record, a dead letter, or another attempt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from consumer.core.admission import Admission
from consumer.core.commits import Commits
from consumer.core.delivery import Apart, Delivery, Ending, OpenRecord
from consumer.core.dropping import drop, drop_waiting
from consumer.core.effect import DeadLetter, Effect, Fate, Finished, Letter, Retried, Saved
from consumer.core.holding import Holding
from consumer.core.letters import UNDECODABLE, Letters
from consumer.core.outcome import Outcome, Verdict
from consumer.core.partition import Partition
from consumer.core.pauses import FULL, balanced, paused
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from consumer.core.request import SendEvent, UpdateContact
from consumer.core.settling import settle
from consumer.core.unknown import NOT_THERE
from consumer.core.wire import Wire

__all__ = ["Endings"]

_TRIED_AGAIN = {Verdict.RETRY, Verdict.THROTTLED, Verdict.OUTAGE}
_TRIED_APART = {Verdict.RETRY, Verdict.REFUSED}
"""Verdicts after which a request is tried again, as it is and by its parts."""


class Endings:
    """Carries each end out, and counts the fates. Every method returns what to do, and what to report."""

    __slots__ = ("_admission", "_commits", "_holding", "_letters", "_partitions", "_policy", "_wire", "fates")

    def __init__(
        self,
        policy: Policy,
        partitions: Mapping[TopicPartition, Partition],
        *,
        wire: Wire,
        letters: Letters,
        commits: Commits,
        admission: Admission,
        holding: Holding,
    ) -> None:
        """Reads and changes these."""
        self._policy = policy
        self._partitions = partitions
        self._wire = wire
        self._letters = letters
        self._commits = commits
        self._admission = admission
        self._holding = holding
        self.fates: Counter[Fate] = Counter()

    def answered(
        self, partition: Partition, delivery: Delivery, outcome: Outcome, *, counts: bool, now: float, wall: float
    ) -> list[Effect]:
        """An attempt ended; ``counts``: a failure speaks against its request. This ends, or leaves again."""
        attempts_max = self._policy.attempts_max
        ending = settle(delivery, outcome, attempts_max=attempts_max, counts=counts, now=now, wall=wall)
        if ending is NOT_THERE and not self._stands_still(partition) and self._wire.waits_on(delivery, now=now):
            return []
        effects: list[Effect] = []
        if outcome.verdict in (_TRIED_APART if isinstance(ending, Apart) else () if ending else _TRIED_AGAIN):
            effects.append(Retried(outcome.reason, delivery.request.rule, counts and ending is None))
        if ending is not None:
            effects += self.end(partition, delivery, ending, now=now, wall=wall)
        elif self._stands_still(partition):
            drop(partition, delivery, self._wire, now=now)
        else:
            self._wire.again(delivery, outcome, counts=counts, now=now)
        return effects

    def end(
        self, partition: Partition, delivery: Delivery, ending: Ending | Apart, *, now: float, wall: float
    ) -> list[Effect]:
        """A request has its fate or becomes a dead letter. One that was on the wire keeps its slot until a commit."""
        if isinstance(ending, Apart):
            return self._take_apart(partition, delivery, ending, now, wall)
        del partition.deliveries[delivery]
        self._wire.leave(delivery, now=now)
        if isinstance(ending, Outcome):
            if delivery.tries:
                self._commits.letter_begun(partition)
            return self.write(partition, self._letters.of_delivery(delivery, ending, wall=wall), delivery.of, now=now)
        if delivery.tries:
            self._commits.request_finished(partition)
        effects = _saved(delivery, ending)
        for part in delivery.parts:
            effects += self.finish_plan(partition, part.of, part.plan, ending, part.request.rule)
        return effects

    def write(self, partition: Partition, letter: Letter, of: OpenRecord, *, now: float) -> list[Effect]:
        """A dead letter of a record is written, or held until it may be."""
        if self._letters.add(letter, of, now=now):
            return [DeadLetter(letter)]
        return paused(partition, UNDECODABLE)

    def finish_plan(
        self, partition: Partition, of: OpenRecord, plan: int, fate: Fate, rule: str | None
    ) -> list[Effect]:
        """A plan of a record is final, and so is the record with its last one."""
        of.finish_plan(plan, fate, rule)
        self._commits.record_finished()
        if not of.finished:
            partition.finish_plan(of)
            return []
        partition.finish(of)
        partition.refusals.finish(of)
        effects = [self.met(partition, of.fate, 1, of)]
        full = [one for one in self._partitions.values() if FULL in one.pauses]
        effects += balanced(full, self._policy, self._partitions.values())
        self._admission.ended(partition)
        return effects

    def met(self, partition: Partition, fate: Fate, count: int, of: OpenRecord | None = None) -> Effect:
        """So many records have this fate; ``of``: the one that was in flight."""
        self.fates[fate] += count
        if of is None:
            return Finished(partition.tp, fate, count)
        judged_from_ms = of.record.timestamp_ms if fate is Fate.DELIVERED and partition.judges(of) else None
        return Finished(partition.tp, fate, count, of.rule, of.record.offset, judged_from_ms)

    def _take_apart(
        self, partition: Partition, delivery: Delivery, apart: Apart, now: float, wall: float
    ) -> list[Effect]:
        """What it carried goes on, and so does it, unless it has an end by itself."""
        del partition.deliveries[delivery]
        partition.deliveries.update(dict.fromkeys(self._wire.take_apart(delivery, now=now)))
        effects: list[Effect] = []
        if apart.newest is not None and not self._goes_on(partition, delivery, apart.newest):
            effects = self.end(partition, delivery, apart.newest, now=now, wall=wall)
        if self._stands_still(partition):
            drop_waiting(partition, self._wire, now=now)
        return effects

    def _goes_on(self, partition: Partition, delivery: Delivery, ending: Ending) -> bool:
        """Whether an event that was refused with what it carried is sent by itself, once its number is committed."""
        room = self._commits.room(partition)
        if not isinstance(ending, Outcome) or not partition.refusals.add(delivery, ending, room):
            return False
        partition.changed = True
        self._commits.record_finished()
        return True

    def _stands_still(self, partition: Partition) -> bool:
        """Whether nothing of it may leave any more, or for now."""
        return partition.revoked or partition in self._holding


def _saved(delivery: Delivery, fate: Fate) -> list[Effect]:
    """What needed no request of its own, by rule; of an update that says nothing new none was needed at all."""
    by: Literal["into_events", "updates"] = "into_events" if isinstance(delivery.request, SendEvent) else "updates"
    rules = Counter(part.request.rule for part in delivery.carries)
    effects: list[Effect] = [Saved(by, count, rule) for rule, count in rules.items()]
    if fate is Fate.UNCHANGED and isinstance(delivery.request, UpdateContact):
        effects.append(Saved("unchanged", 1, delivery.request.rule))
    return effects
