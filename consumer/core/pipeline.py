"""The state machine between records and requests. What happens is told to it; what to do comes back.

1. A record stays in flight until each of its plans is final: delivered, dropped, or a dead letter that the broker
   confirmed. Only then does its partition's watermark pass it.
2. A request waits in the lane of each of its identifiers and leaves when it is first in all of them, a slot is free
   on the wire, the pacer allows it, and no outage holds its call back; the highest priority goes first. It keeps its
   lanes until its outcome, and its slot until a commit that holds its end was taken: no more than the slots can go out
   again after a crash.
3. A request that could leave is first held against its rule (:mod:`consumer.core.checks`): too old, or of a contact
   deleted since, it is stale; where its rule acts once and has, it is capped; over the hour's budget it is a dead
   letter. Without an attempt it uses no slot. A send may go on as an update: its plan is final with that.
4. A failed request waits its backoff, first in its lanes. It becomes a dead letter after ``attempts_max`` failures
   that count; one during an outage does not (see :mod:`consumer.core.breaker`), nor does a 429.
5. A refused request is a dead letter at once; the number of refusals goes with it.
6. A partition is paused while it holds as much as is still free of what may be in flight, while its dead letters are
   not taken, or while too many of its records cannot be read. Each reason ends by itself.
7. One commit is under way at a time. It leaves as soon as a plan is final; for progress by filtering alone once a
   second. What is final beyond the watermark goes into its metadata. A request whose end would find no room there is
   held back; the lowest record never is, and where nothing else could ever leave neither is the next.
8. What the metadata of an assignment calls final is final: it is read again, and not sent again. A partition that is
   rewound, as a record in it was not delivered, goes on from there with all that it knows from there on.
9. A revoked partition starts nothing new; when nothing of it is on the wire any more, or after a bound, it is handed
   over with what may be committed. A lost one is forgotten at once. An outcome that comes later is reported only.
10. A request with a userId alone may wait for its contact (:mod:`consumer.core.unknown`): Loops is asked before it is
    sent. It keeps its lane, and only what may make its contact goes ahead of it (:mod:`consumer.core.lane`).
11. While draining nothing leaves; when nothing is on the wire and what is finished is committed, the end is told.
12. An update that waits as the last of its contact is told by what comes behind (:mod:`consumer.core.merging`): one
    request, in the older one's place, whose end is that of all its parts. What concerns one alone takes it apart first,
    and each goes on by itself: an event that was refused so as soon as that is committed
    (:mod:`consumer.core.refusals`).
13. Other rules change nothing of what is in flight; :mod:`consumer.core.holding` has those of a mapping that is paused.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from consumer.core.admission import Admission
from consumer.core.checks import Checks
from consumer.core.commits import Commits
from consumer.core.completions import Completions, Damaged
from consumer.core.delivery import Course, Delivery, OpenRecord
from consumer.core.dropping import drop_all, drop_waiting
from consumer.core.effect import (
    Attempt,
    Committable,
    Committed,
    DeadLetter,
    Drained,
    Effect,
    Fate,
    Handed,
    LateOutcome,
    Letter,
    MetadataIgnored,
    ReadDemand,
    Send,
)
from consumer.core.endings import Endings
from consumer.core.handovers import Handovers
from consumer.core.holding import Holding
from consumer.core.letters import UNDECODABLE, Letters
from consumer.core.outcome import Outcome
from consumer.core.partition import Partition, finished_before
from consumer.core.pauses import balanced, paused, resumed_without
from consumer.core.policy import Policy
from consumer.core.record import Batch, Received, Rejection, TopicPartition
from consumer.core.remapping import RulesInUse
from consumer.core.request import Request, SendEvent
from consumer.core.rules import NO_RULES, Rules
from consumer.core.sharing import Sharing
from consumer.core.wire import Wire

__all__ = ["Pipeline"]


class Pipeline:
    """Every method takes ``now`` (monotonic seconds) and ``wall`` (seconds since 1970), and returns what to do.

    Carry it all out in order, then call :meth:`tick` after :meth:`next_timer` seconds or tell what happens next,
    whichever is first.
    """

    def __init__(self, policy: Policy, *, now: float, random: Callable[[], float], rules: Rules = NO_RULES) -> None:
        """Nothing is assigned; ``random`` gives numbers from [0, 1)."""
        self.policy = policy
        self.partitions: dict[TopicPartition, Partition] = {}
        self.sharing = Sharing(policy, self.partitions, now=now)
        self.wire = Wire(policy, self.sharing, random=random)
        self.letters = Letters(policy.undecodable_per_min)
        self.commits = Commits(policy, self.sharing, rules.fingerprint)
        self.checks = Checks(policy.unchanged_for_s)
        self.rules = RulesInUse(rules, now=now)
        self._admission = Admission(self.partitions, self.wire, self.letters, self.commits)
        self.received = self.handed_back = 0
        self._total: tuple[TopicPartition, ...] = ()
        self._epoch = 0
        self._handovers = Handovers()
        self._holding = Holding(self.partitions, self.wire, self.letters, paused=rules.paused)
        self._endings = Endings(
            policy,
            self.partitions,
            wire=self.wire,
            letters=self.letters,
            commits=self.commits,
            admission=self._admission,
            holding=self._holding,
        )
        self._draining = False
        self._drains_since = math.inf
        self._drained = False
        self._out: list[Effect] = []

    # What happens ---------------------------------------------------------------------------------------------------

    def assigned(
        self, committed: Committed, total: Sequence[TopicPartition], *, now: float, wall: float
    ) -> list[Effect]:
        """These partitions are ours from now on, beside those that were; ``total`` is every partition there is."""
        for tp, had in committed.items():
            if tp in self.partitions:
                self._forget(self.partitions[tp], now)
            self._epoch += 1
            done = finished_before(had)
            is_ours = had is not None and had.metadata and done != Damaged("foreign")
            if isinstance(done, Damaged):
                self._out.append(MetadataIgnored(tp, done.reason))
                done = Completions()
            self.partitions[tp] = Partition(tp, self._epoch, had, done)
            if not is_ours:  # a first start, or offsets that were reset: a commit of ours says what is wanted, at least
                self.partitions[tp].judged_from_ms = round(wall * 1000)
            if done.demand is not None and done.demand.margin_ms:
                self.wire.pacer.recall(done.demand.margin_ms / 1000)
            self._out += self._holding.assigned(self.partitions[tp], now=now)
        self._total = tuple(total)
        self._share_out(now, wall)
        return self._go_on(now, wall)

    def revoked(self, partitions: Sequence[TopicPartition], *, now: float, wall: float) -> list[Effect]:
        """These go to another member; :class:`Handed` says when they may."""
        for tp in partitions:
            if partition := self.partitions.get(tp):
                partition.revoked = True
                drop_waiting(partition, self.wire, now=now)
        # Nothing left since a drain began: it has waited for part of what is on the wire already.
        self._handovers.begin(partitions, until=min(now, self._drains_since) + self.policy.handover_s)
        self._share_out(now, wall)
        return self._go_on(now, wall)

    def lost(self, partitions: Sequence[TopicPartition], *, now: float, wall: float) -> list[Effect]:
        """These are no longer ours."""
        for tp in partitions:
            if partition := self.partitions.get(tp):
                self._forget(partition, now)
        self._share_out(now, wall)
        return self._go_on(now, wall)

    def rewound(self, partition: TopicPartition, offset: int, *, now: float, wall: float) -> list[Effect]:
        """What comes next of a partition begins at ``offset`` again: a record there was not delivered."""
        if rewound := self.partitions.get(partition):
            self._holding.rewound(rewound, offset)
            rewound.rewind(offset)
            self.commits.record_finished()
        return self._go_on(now, wall)

    def selected(self, batch: Batch, *, now: float, wall: float) -> list[Effect]:
        """Records were read. Those of a partition that is not ours are dropped: its owner reads them."""
        for tp, received in batch.items():
            partition = self.partitions.get(tp)
            if partition is None or partition.revoked or self._holding.passes_over(partition, received):
                continue
            opened, finished = partition.receive(received)
            filtered = received.records - len(received.wanted)
            self.received += filtered + finished + len(opened)
            self.commits.records_filtered()
            if filtered:
                self._out.append(self._endings.met(partition, Fate.FILTERED, filtered))
            if finished:
                self._out.append(self._endings.met(partition, Fate.ALREADY_FINISHED, finished))
            self._open(partition, opened, received, now, wall)
        self._balance(list(self.partitions.values()))
        return self._go_on(now, wall)

    def mapping(self, rules: Rules, *, now: float, wall: float) -> list[Effect]:
        """Other rules are in use: what is selected from now on has plans of theirs."""
        self._out.append(self.rules.replace(rules, self.partitions.values(), self.letters, now=now))
        self.commits.mapping = rules.fingerprint
        if self._holding.paused and not rules.paused:
            for partition in self.partitions.values():
                partition.judged_from_ms = round(wall * 1000)
        self._admission.ended(*self.partitions.values())
        self._out += self._holding.mapped(paused=rules.paused, now=now)
        return self._go_on(now, wall)

    def answered(self, attempt: Attempt, outcome: Outcome, *, now: float, wall: float) -> list[Effect]:
        """An attempt ended."""
        delivery, counts, reports = self.wire.answered(attempt, outcome, now=now)
        self._out += reports
        if delivery is None:
            return self._go_on(now, wall)
        self.checks.learn(delivery, outcome, now=now)
        partition = self.partitions.get(delivery.of.partition)
        if partition is None or partition.epoch != delivery.of.epoch:
            self.wire.leave(delivery, now=now)
            self._out.append(LateOutcome(delivery.of.partition))
        else:
            self._out += self._endings.answered(partition, delivery, outcome, counts=counts, now=now, wall=wall)
        return self._go_on(now, wall)

    def letter_confirmed(self, letter: Letter, *, now: float, wall: float) -> list[Effect]:
        """The broker has a letter."""
        of = self.letters.confirmed(letter.number)
        if of is not None and (partition := self.partitions.get(of.partition)) and partition.epoch == of.epoch:
            if letter.attempts:
                self.commits.letter_confirmed(partition)
            self._out += self._endings.finish_plan(partition, of, letter.plan, Fate.DEAD_LETTERED, letter.rule)
            self._out += resumed_without(partition, "dead_letters", self.letters.failing)
        return self._go_on(now, wall)

    def letter_failed(self, letter: Letter, *, now: float, wall: float) -> list[Effect]:
        """The broker does not have a letter; its partition pauses until it has."""
        of = self.letters.failed(letter.number, now=now)
        if of is not None and (partition := self.partitions.get(of.partition)) and partition.epoch == of.epoch:
            self._out += paused(partition, "dead_letters")
        return self._go_on(now, wall)

    def committed(self, positions: Mapping[TopicPartition, Committable], *, now: float, wall: float) -> list[Effect]:
        """The group has these."""
        ours = [(self.partitions[tp], position) for tp, position in positions.items() if tp in self.partitions]
        self.commits.ended(ours, now=now)
        self._admission.ended(*(partition for partition, _ in ours))
        return self._go_on(now, wall)

    def commit_failed(
        self, positions: Mapping[TopicPartition, Committable], error: str, *, now: float, wall: float
    ) -> list[Effect]:
        """The group does not have these, for this ``error`` (the client's name of it); they are committed again."""
        ours = [self.partitions[tp] for tp in positions if tp in self.partitions]
        self.commits.failed(ours, error, now=now)
        self._admission.ended(*ours)
        return self._go_on(now, wall)

    def demand_read(self, positions: Committed | None, *, now: float, wall: float) -> list[Effect]:
        """What the group has for the partitions of :class:`ReadDemand`; None: it could not be read."""
        self.sharing.read(positions)
        if positions is not None:
            self.wire.pacer.agree(self.sharing.quota.margins_of_others_s(wall=wall), ours=len(self.partitions))
        return self._go_on(now, wall)

    def drain(self, *, now: float, wall: float) -> list[Effect]:
        """Nothing new leaves from now on; :class:`Drained` comes when nothing is on the wire."""
        self._draining = True
        self._drains_since = min(now, self._drains_since)
        self.commits.record_finished()
        for partition in self.partitions.values():
            self._out += paused(partition, "draining")
        return self._go_on(now, wall)

    def tick(self, *, now: float, wall: float) -> list[Effect]:
        """Time has passed."""
        return self._go_on(now, wall)

    def next_timer(self, *, now: float) -> float | None:
        """Seconds until :meth:`tick` is due; None where nothing waits for time."""
        at = [self.letters.next_at(), self.commits.next_at(), self._handovers.next_at()]
        if not (self._draining or self._holding.paused):
            at.append(self.wire.next_at(now=now))
        first = min(at)
        return None if first == math.inf else max(0.0, first - now)

    @property
    def fates(self) -> Counter[Fate]:
        """How many records met each."""
        return self._endings.fates

    @property
    def in_flight(self) -> int:
        """Records that a rule wants, received and not finished."""
        return sum(len(partition.open) for partition in self.partitions.values())

    # What follows from it --------------------------------------------------------------------------------------------

    def _go_on(self, now: float, wall: float) -> list[Effect]:
        if self._holding:
            effects, forgotten = self._holding.go_on()
            self._out += effects
            self.handed_back += forgotten
            self._balance(list(self.partitions.values()))
        self._write_due_letters(now)
        self._send_ready(now, wall)
        if len(self._handovers):
            self._hand_over(now, wall)
        mine = (partition for partition in self.partitions.values() if not partition.revoked)
        if commit := self.commits.begin(mine, now=now, wall=wall):
            self._out.append(commit)
        self.wire.uncommitted = self.commits.uncommitted  # no event follows a slot given back since: the timer uses it
        if others := self.sharing.to_read(now=now):
            self._out.append(ReadDemand(others))
        if self._draining and not (self._drained or len(self.wire) or self.letters.writing()) and self.commits.idle:
            self._drained = True
            self._out.append(Drained())
        out, self._out = self._out, []
        return out

    def _send_ready(self, now: float, wall: float) -> None:
        """Rules 2 and 3."""
        wire = self.wire
        judge = partial(self._judge, now=now, wall=wall)
        wire.committed_after_s = self.commits.safe_after_s
        while not (self._draining or self._holding.paused):
            wire.uncommitted = self.commits.uncommitted  # one that ends without another attempt adds to it
            leaving = wire.depart(judge, now=now, wall=wall)
            if isinstance(leaving, Attempt):
                self._out.append(Send(leaving))
            elif leaving is not None:
                partition = self.partitions[leaving.delivery.of.partition]
                self._out += self._endings.end(partition, *leaving, now=now, wall=wall)
            elif not self._admission.free_one():
                self.sharing.look(wire.ready.size, now=now)
                break

    def _judge(self, delivery: Delivery, *, now: float, wall: float) -> Course:
        """What becomes of one whose turn has come; where it has become another call it takes its turn anew."""
        call = delivery.call
        course = self._admission.judge(delivery) or self.checks.judge(delivery, now=now, wall=wall)
        if course is None and delivery.call is call:
            self._admission.leaves(delivery)
        return course

    def _write_due_letters(self, now: float) -> None:
        letters = self.letters.due(now=now)
        self._out += [DeadLetter(letter) for letter in letters]
        if letters:
            for partition in self.partitions.values():
                self._out += resumed_without(partition, UNDECODABLE, self.letters.held)

    def _open(
        self, partition: Partition, opened: Iterable[OpenRecord], received: Received, now: float, wall: float
    ) -> None:
        """Begins what is not final yet of new records in flight."""
        plans = {wanted.record.offset: wanted.plans for wanted in received.wanted}
        for of in opened:
            for number, plan in enumerate(plans[of.record.offset]):
                if of.final >> number & 1:
                    continue
                if isinstance(plan, Rejection):
                    letter = self.letters.of_rejection(plan, of, number, wall=wall)
                    self._out += self._endings.write(partition, letter, of, now=now)
                else:
                    self._enter(partition, plan, of, number, now)

    def _enter(self, partition: Partition, plan: Request, of: OpenRecord, number: int, now: float) -> None:
        """One that was refused before goes on by itself."""
        key = plan.idempotency_key if isinstance(plan, SendEvent) else None
        refusals = 0 if key is None else partition.refusals.number(of.record.offset, key)
        delivery = Delivery(plan, of, plan.lanes, number, refusals=refusals, sealed=refusals > 0)
        carried = self.wire.enter(delivery, now=now)
        if carried is not None:
            del partition.deliveries[carried]
        partition.deliveries[delivery] = None

    # Partitions ------------------------------------------------------------------------------------------------------

    def _share_out(self, now: float, wall: float) -> None:
        self.sharing.share_out(self._total, now=now, wall=wall)
        self.checks.budgets.share_out(len(self.sharing.quota.owned), len(self._total))
        self._balance(list(self.partitions.values()))

    def _balance(self, partitions: Sequence[Partition]) -> None:
        """Rule 6."""
        if partitions:
            self._out += balanced(partitions, self.policy, self.partitions.values())

    def _forget(self, partition: Partition, now: float) -> None:
        """No longer ours."""
        drop_all(partition, self.wire, now=now)
        self.letters.forget({id(of) for of in partition.open.values()})
        self.commits.forget(partition)
        self.handed_back += len(partition.open)
        del self.partitions[partition.tp]

    def _hand_over(self, now: float, wall: float) -> None:
        """Rule 9."""
        busy = {delivery.of.partition for delivery in self.wire.deliveries()}
        if not self._draining:
            busy |= {of.partition for of in self.letters.writing()}
        for tps in self._handovers.due(busy, now=now):
            gone = [self.partitions[tp] for tp in tps if tp in self.partitions and self.partitions[tp].revoked]
            last = self.commits.last_of(gone, now=now, wall=wall)
            for partition in gone:
                self._forget(partition, now)
            self._out.append(Handed(tps, last))
            self._share_out(now, wall)
