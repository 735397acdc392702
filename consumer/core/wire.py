"""What stands between a request and its attempt: its lanes, its backoff, a slot, the pacer, and outages."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import NamedTuple

from consumer.core.delivery import HELD, Apart, Course, Delivery, Ending
from consumer.core.effect import Attempt, Effect
from consumer.core.lane import Lanes
from consumer.core.merging import PARTS_MAX, may_carry
from consumer.core.outages import Outages
from consumer.core.outcome import Outcome, Verdict
from consumer.core.pacer import Pacer
from consumer.core.policy import Policy
from consumer.core.ready import ReadyQueue
from consumer.core.request import PROBE, SendEvent
from consumer.core.sharing import Sharing

__all__ = ["ON_WIRE_MAX", "ON_WIRE_MIN", "Ended", "Wire"]

ON_WIRE_MIN = 10
"""Requests on the wire at once where none is set: a second's worth at Loops' published limit."""

_COMMIT_S_MAX = 0.25
"""Of a commit's latency, what may widen the wire: while the brokers are slow less leaves, and not more is at stake."""

ON_WIRE_MAX = 1_000
"""As many as can be set: latency that grows with what is on the wire must not feed itself."""

_LATENCY_WEIGHT = 0.1
"""Of a new measurement in the running mean of latency."""


class Ended(NamedTuple):
    """One whose turn had come, and that does not leave: this is its end, or that it goes on in its parts."""

    delivery: Delivery
    ending: Ending | Apart


class Wire:
    """Decides which request leaves next. It knows nothing of partitions."""

    __slots__ = (
        "_backoffs",
        "_latency_s",
        "_number",
        "_on_wire",
        "_policy",
        "_random",
        "_sharing",
        "committed_after_s",
        "lanes",
        "outages",
        "pacer",
        "ready",
        "uncommitted",
    )

    def __init__(self, policy: Policy, sharing: Sharing, *, random: Callable[[], float]) -> None:
        """Empty, and without a slot until partitions are owned."""
        self.lanes = Lanes()
        self.ready = ReadyQueue(policy.starvation_s)
        self.outages = Outages(policy.outage_probe_max_s)
        self.pacer = Pacer(random=random)
        self.uncommitted = 0
        """Requests that are final and in no commit yet: each keeps its place on the wire until it is."""
        self.committed_after_s = 0.0
        """How long that takes, on the mean."""
        self._policy = policy
        self._sharing = sharing
        self._random = random
        self._number = 0
        self._latency_s = 0.0
        self._on_wire: dict[int, tuple[Delivery | None, float]] = {}
        self._backoffs: list[tuple[float, int, Delivery]] = []

    def __len__(self) -> int:
        """Requests on the wire, a probe among them."""
        return len(self._on_wire)

    @property
    def size_max(self) -> int:
        """How many may be on the wire or finished and uncommitted: as set, else twice what rate and latency need."""
        if self._policy.on_wire_max is not None:
            return self._policy.on_wire_max
        needed = math.ceil(2 * self.pacer.slots * (self._latency_s + min(self.committed_after_s, _COMMIT_S_MAX)))
        return min(max(ON_WIRE_MIN, needed), ON_WIRE_MAX)

    def deliveries(self) -> list[Delivery]:
        """What is on the wire and still wanted."""
        return [delivery for delivery, _ in self._on_wire.values() if delivery is not None and not delivery.forgotten]

    def clear_forgotten(self) -> None:
        """Lets go of what was dropped while it waited for its turn or its backoff."""
        self.ready.clear_forgotten()
        self._backoffs = [waiting for waiting in self._backoffs if not waiting[2].forgotten]
        heapq.heapify(self._backoffs)

    def enter(self, delivery: Delivery, *, now: float) -> Delivery | None:
        """A new one. Returns the one before it that it carries from now on, in whose place it stands, if there is."""
        before = self.lanes.last(delivery)
        if before is not None and self._merges(delivery, before):
            delivery.carry(before)
            self.lanes.replace(before, [delivery])
            if self.lanes.is_first(delivery):
                self.ready.replace(before, delivery)
            self._lift_before(delivery)
            return before
        if self.lanes.enter(delivery):
            self.ready.put(delivery, now=now)
            return None
        self._lift_before(delivery)
        if len(delivery.lanes) > 1:
            for first in self.lanes.firsts(delivery):
                if first.pauses:
                    self._let_pass(first, now)
        return None

    def take_apart(self, delivery: Delivery, *, now: float) -> tuple[Delivery, ...]:
        """Its parts stand where it stood, and go on one by one. Returns them, in their order.

        Whom it went ahead of lets the first of them pass: that may make the contact as well.
        """
        waiting = delivery.ahead_of if delivery.goes_ahead else None
        self._fall_back(delivery)
        parts = delivery.take_apart()
        self.lanes.replace(delivery, parts)
        parts[0].turn, parts[0].ready_since = delivery.turn, delivery.ready_since
        if waiting is not None:
            self._let_pass(waiting, now)
        elif self.lanes.is_first(parts[0]):
            self.ready.put_back(parts[0])
        return parts

    def leave(self, delivery: Delivery, *, now: float) -> None:
        """It is final, or nobody's: the next in its lanes may go."""
        for behind in self.lanes.leave(delivery):
            self.ready.put(behind, now=now)

    def again(self, delivery: Delivery, outcome: Outcome, *, counts: bool, now: float) -> None:
        """It has to leave once more: after its backoff where the attempt failed, else as soon as it may.

        One that found nobody lets pass what may make its contact, or else pauses until it looks again.
        """
        if outcome.verdict is Verdict.RETRY:
            wait_s = self._policy.backoff.wait_s(delivery.failures if counts else 1, self._random)
            self._wait(delivery, now + max(wait_s, outcome.retry_after_s or 0.0))
        elif not (delivery.looks and outcome.verdict is Verdict.NOT_FOUND):
            self.ready.put_back(delivery)
        elif not self._let_pass(delivery, now):
            self._pause(delivery)

    def waits_on(self, delivery: Delivery, *, now: float) -> bool:
        """Whether one whose wait for its contact is over lets pass what may make it, and came since it last could."""
        return not delivery.waits_alone and self._let_pass(delivery, now)

    @property
    def idle(self) -> bool:
        """Whether nothing is on the wire, waits out a backoff, or is ready."""
        return not (self._on_wire or self._backoffs or any(True for _ in self.ready))

    def depart(self, judge: Callable[[Delivery], Course], *, now: float, wall: float) -> Attempt | Ended | None:
        """The next attempt, which leaves now; or a delivery that does not leave; or None where nothing may leave.

        ``judge`` says what becomes of one whose turn has come. One that it holds is the caller's to bring back with
        :meth:`bring_back`, unless it had gone ahead of another: that one is first again then, and it waits behind. Its
        call may be another afterwards, which an outage may hold back: it then takes its turn anew.
        """
        self.pacer.slots = self._sharing.quota.slots(now=now, wall=wall)
        self.pacer.group_per_s = self._sharing.quota.rate_per_s
        self.pacer.others_sent_per_s = self._sharing.quota.sent_by_others_per_s
        while self._backoffs and self._backoffs[0][0] <= now:
            delivery = heapq.heappop(self._backoffs)[2]
            delivery.pauses = False
            if not delivery.forgotten:
                self.ready.put(delivery, now=now)
        if not self._has_room() or self.pacer.ready_at(now) > now:
            return None
        if self.outages.probe_due(now=now):
            self.outages.probe_left()
            return self._put(None, Attempt(self._next_number(), PROBE), now)
        while (next_one := self.ready.take(self.outages.breakers, now=now)) is not None:
            next_one.sealed = True
            call, course = next_one.call, judge(next_one)
            if course is HELD:
                self._fall_back(next_one)
            elif course is not None:
                return Ended(next_one, course)
            elif next_one.call is call:
                self.ready.left()
                return self._put(next_one, self._attempt(next_one, now), now)
            else:
                self.ready.put_back(next_one)
        return None

    def bring_back(self, delivery: Delivery) -> None:
        """One that was not admitted may ask again, where it was."""
        self.ready.put_back(delivery)

    def answered(self, attempt: Attempt, outcome: Outcome, *, now: float) -> tuple[Delivery | None, bool, list[Effect]]:
        """An attempt ended: of which delivery (None: the probe), whether a failure counts, and what to report."""
        delivery, left_at = self._on_wire.pop(attempt.number)
        if outcome.status is not None:
            self._latency_s += _LATENCY_WEIGHT * (now - left_at - self._latency_s)
        if outcome.limit_per_s is not None:
            self._sharing.quota.limited(outcome.limit_per_s)
        self.pacer.answered(left_at, outcome, now=now)
        self._sharing.margin_s = self.pacer.learned_margin_s
        if outcome.verdict is Verdict.THROTTLED and outcome.retry_after_s is not None:
            self.pacer.hold(now + outcome.retry_after_s)
        if delivery is None:
            self.outages.probed(outcome, now=now)
            return None, False, []
        breaker = self.outages.breakers[delivery.call]
        counts = breaker.counts_against(delivery.lanes, delivery.successes_seen)
        reports = self.outages.judged(delivery.call, delivery.lanes, outcome, now=now)
        delivery.successes_seen = breaker.successes
        return delivery, counts, reports

    def next_at(self, *, now: float) -> float:
        """When :meth:`depart` has something by time alone, monotonic seconds; infinite if never."""
        at = self._sharing.next_at(now=now)
        if self._backoffs:
            at = min(at, self._backoffs[0][0])
        if self._has_room():
            leave_at = self.pacer.ready_at(now)
            if self.ready.any_may_leave(self.outages.breakers):
                at = min(at, leave_at)
            at = min(at, max(self.outages.next_probe_at(), leave_at))
        return at

    def _merges(self, newer: Delivery, older: Delivery) -> bool:
        """Whether a new one and the one before it become one: nothing was decided of that yet, and both end alike.

        A record that is read again may come behind a later one: it is no news then.
        """
        of, behind, policy, asked = older.of, newer.of, self._policy, newer.request
        parts = older.parts if isinstance(asked, SendEvent) else (older,)
        return (
            not (older.sealed or newer.sealed)
            and older.ahead_of is None
            and (of.partition, of.epoch) == (behind.partition, behind.epoch)
            and of.record.offset <= behind.record.offset
            and len(older.parts) < PARTS_MAX
            and all(
                may_carry(asked, part.request, updates=policy.merge_updates, into_events=policy.merge_into_events)
                for part in parts
            )
        )

    def _lift_before(self, behind: Delivery) -> None:
        """Whom one has to wait for in its lanes, and these in theirs, is as urgent as it is."""
        lifted = [behind]
        while lifted:
            one = lifted.pop()
            for other in self.lanes.outranked(one):
                self.ready.lift(other, one.priority)
                lifted += [other] if len(other.lanes) > 1 else []

    def _wait(self, delivery: Delivery, until: float) -> None:
        heapq.heappush(self._backoffs, (until, self._next_number(), delivery))

    def _pause(self, delivery: Delivery) -> None:
        delivery.pauses = True
        self._wait(delivery, delivery.look_at)

    def _let_pass(self, waiting: Delivery, now: float) -> bool:
        """What may make the contact of one that waits for it goes first. It is ready again when that has left."""
        ahead = self.lanes.let_pass(waiting)
        if ahead is None:
            return False
        ahead.ahead_of = waiting
        self._lift_before(waiting)
        if waiting.pauses:
            waiting.pauses = False
            self._backoffs = [entry for entry in self._backoffs if entry[2] is not waiting]
            heapq.heapify(self._backoffs)
        if self.lanes.is_first(ahead):
            self.ready.put(ahead, now=now)
        return True

    def _fall_back(self, ahead: Delivery) -> None:
        """Whom it went ahead of goes on waiting as if there were nobody: the other has its own end to come to."""
        if ahead.ahead_of is not None and ahead.goes_ahead:
            self.lanes.put_first(ahead.ahead_of)
            self._pause(ahead.ahead_of)
            ahead.ahead_of.waits_alone = True
            ahead.ahead_of = None

    def _has_room(self) -> bool:
        return len(self._on_wire) + self.uncommitted < self.size_max

    def _attempt(self, delivery: Delivery, now: float) -> Attempt:
        self.outages.breakers[delivery.call].left()
        delivery.tries += 1
        request = delivery.request
        return Attempt(
            self._next_number(),
            delivery.http(),
            delivery.tries,
            request.rule,
            delivery.lanes,
            now - delivery.ready_since,
            request.event_time_ms if delivery.call is request.call and delivery.former is None else None,
            tuple([of.record for of in delivery.records]),
        )

    def _put(self, delivery: Delivery | None, attempt: Attempt, now: float) -> Attempt:
        self.pacer.leave(now)
        self._sharing.leave(now)
        self._on_wire[attempt.number] = (delivery, now)
        return attempt

    def _next_number(self) -> int:
        self._number += 1
        return self._number
