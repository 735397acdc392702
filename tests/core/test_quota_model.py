"""The parts of the rate that several replicas take for themselves, against what they may take together.

Each replica has its own clocks and knows of the others what it reads beside the group's offsets, late or never.
Partitions move as a group moves them: from their owner to nobody, and from nobody to an owner. Times are seconds, in
steps that floating point adds exactly.
"""

from __future__ import annotations

import math
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consumer.core.demand import Demand
from consumer.core.effect import Committable, Committed
from consumer.core.pacer import WINDOW_S
from consumer.core.quota import EPOCH_S, Owned, Quota
from consumer.core.record import TopicPartition

STEP: Final = 1 / 1024
SKEW_STEPS_MAX: Final = 204
"""0.2 s: by as much the replicas' wall clocks differ at most."""

skews = st.sampled_from((0, SKEW_STEPS_MAX)) | st.integers(0, SKEW_STEPS_MAX)
pauses = st.one_of(st.integers(0, 300), st.integers(0, 3 * 1024)).map(lambda steps: steps * STEP)


class Replica:
    """A quota with its clocks, and what it ever allowed."""

    def __init__(self, rate: int, *, born: float, ahead_s: float, replaces: bool, shares: bool) -> None:
        """Its wall clock is ahead by so much; its monotonic clock began at its birth."""
        self.born = born
        self.ahead_s = ahead_s
        self.quota = Quota(rate, now=self.clock(born), replaces=replaces, shares=shares)
        self.owned: dict[TopicPartition, Owned] = {}
        self.known = 0
        """How many partitions it knows of; none before its first assignment."""
        self.allowed = [(born, 0)]
        """Since when it allows how many requests a second."""
        self.idle_until = -math.inf
        """When it was idle last, beside others."""
        self.asked: list[tuple[float, Committed]] = []
        """When each reading that is under way began, and what it will bring."""
        self.telling: list[tuple[float, dict[TopicPartition, Demand]]] = []
        """When each commit that it does not know to be taken began, and what it told."""

    def clock(self, now: float) -> float:
        """Its monotonic clock."""
        return 5.0 + now - self.born

    def ask(self, now: float) -> float:
        """It asks for its slots, as before each request. Returns when it has to ask again."""
        slots = self.quota.slots(now=self.clock(now), wall=now + self.ahead_s)
        if self.quota.others and self.quota.has_idle_slot(now=self.clock(now)):
            self.idle_until = now
        if slots != self.allowed[-1][1]:
            self.allowed.append((now, slots))
        return now + self.quota.next_change_at() - self.clock(now)

    def was_idle_after(self, then: float) -> bool:
        """Whether it was idle at any moment after then."""
        return self.idle_until > then

    def most_since(self, then: float) -> int:
        """The most that it allowed at any moment after then."""
        ends = [at for at, _ in self.allowed[1:]] + [math.inf]
        return max((slots for (_, slots), end in zip(self.allowed, ends, strict=True) if end > then), default=0)


class ReplicasTogether(RuleBasedStateMachine):
    """Within any second they allow no more than the rate; when nothing changes any more, all of it."""

    shares = False

    def __init__(self) -> None:
        """Some time before an epoch ends, without a replica."""
        super().__init__()
        self.now = 10 * EPOCH_S - 20.0
        self.rate = 0
        self.count = 0
        self.grown = False
        self.alive: list[Replica] = []
        self.gone: list[Replica] = []
        self.committed: dict[TopicPartition, Committable] = {}
        """What the group has."""
        self.assignments = 0

    @property
    def unowned(self) -> list[TopicPartition]:
        """What no replica has."""
        owned = {tp for replica in self.alive for tp in replica.owned}
        return [tp for tp in total_of(self.count) if tp not in owned]

    @initialize(rate=st.integers(1, 12), count=st.integers(1, 7), ahead=skews)
    def begin(self, rate: int, count: int, ahead: int) -> None:
        """A topic is there, and one replica."""
        self.rate, self.count = rate, count
        self.start(ahead)

    @precondition(lambda self: len(self.alive) < 4)
    @rule(ahead=skews)
    def start(self, ahead: int) -> None:
        """One more replica. It waits for its first assignment, and takes a dead one's place where all are dead."""
        replaces = not self.alive
        self.alive.append(
            Replica(self.rate, born=self.now, ahead_s=ahead * STEP, replaces=replaces, shares=self.shares)
        )

    @precondition(lambda self: self.alive and self.unowned)
    @rule(data=st.data())
    def assign(self, data: st.DataObject) -> None:
        """One gets partitions that nobody has, or learns that it gets none."""
        replica = data.draw(st.sampled_from(self.alive))
        self.give(replica, set(data.draw(st.lists(st.sampled_from(self.unowned), unique=True))))

    @precondition(lambda self: self.alive and self.unowned)
    @rule(data=st.data())
    def assign_all(self, data: st.DataObject) -> None:
        """One gets all that nobody has."""
        self.give(data.draw(st.sampled_from(self.alive)), set(self.unowned))

    @precondition(lambda self: len(self.alive) > 1 and any(replica.owned for replica in self.alive))
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """What one loses another has at once."""
        self.revoke(data)
        self.assign_all(data)

    @precondition(lambda self: any(replica.owned for replica in self.alive))
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        """One loses some of what it has."""
        replica = data.draw(st.sampled_from([replica for replica in self.alive if replica.owned]))
        for tp in data.draw(st.lists(st.sampled_from(sorted(replica.owned)), unique=True, min_size=1)):
            del replica.owned[tp]
        self.tell(replica)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def kill(self, data: st.DataObject) -> None:
        """One is gone; what it sent last was sent just now."""
        self.end(data.draw(st.sampled_from(self.alive)))

    @precondition(lambda self: self.count < 12 and sum(1 for replica in self.alive if replica.owned) > 1)
    @rule(more=st.integers(1, 3), data=st.data())
    def add_partitions(self, more: int, data: st.DataObject) -> None:
        """The topic grows. One hears of it, the others before the epoch ends."""
        self.learn()
        self.count += more
        self.grown = True
        self.tell(data.draw(st.sampled_from([replica for replica in self.alive if replica.owned])))
        self.wait(2.0)

    @precondition(lambda self: self.alive)
    @rule(ahead=skews, pause=pauses)
    def replace_all(self, ahead: int, pause: float) -> None:
        """A new replica joins, and before the group heard of it the others leave: it has everything at first."""
        leaving = [*self.alive]
        self.start(ahead)
        self.wait(pause)
        for replica in leaving:
            self.end(replica)
        self.give(self.alive[-1], set(self.unowned))

    @precondition(lambda self: any(not replica.owned for replica in self.alive))
    @rule(data=st.data())
    def leave_all_to_one_that_had_nothing(self, data: st.DataObject) -> None:
        """All others are gone at once."""
        heir = data.draw(st.sampled_from([replica for replica in self.alive if not replica.owned]))
        for replica in [replica for replica in self.alive if replica is not heir]:
            self.end(replica)
        self.give(heir, set(self.unowned))

    @precondition(lambda self: any(0 < replica.known < self.count for replica in self.alive))
    @rule(data=st.data())
    def learn_of_partitions(self, data: st.DataObject) -> None:
        """One hears of it."""
        replica = data.draw(st.sampled_from([one for one in self.alive if 0 < one.known < self.count]))
        self.tell(replica)

    @rule(pause=pauses)
    def wait(self, pause: float) -> None:
        """Time passes; whoever has to ask for its slots does."""
        until = self.now + pause
        if self.now % EPOCH_S + pause > EPOCH_S - 1.0:
            self.learn()
        while (due := min((replica.ask(self.now) for replica in self.alive), default=math.inf)) < until:
            self.now = min(until, max(math.ceil(due / STEP) * STEP, self.now + STEP))
            self.together_they_stay_below_the_rate()
        self.now = until

    @rule(before=st.integers(0, 2048))
    def wait_for_the_end_of_the_epoch(self, before: int) -> None:
        """To a moment shortly before all is dealt anew."""
        self.wait(max(0.0, EPOCH_S - self.now % EPOCH_S - before * STEP))

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def come_to_rest(self, data: st.DataObject) -> None:
        """Everything is owned, and nothing changes for the settling time: then the whole rate is used.

        After partitions were added that takes until each had its turn.
        """
        self.assign_all(data)
        self.wait((self.count + 2) * EPOCH_S if self.grown else 2.0)
        self.wait(0.0 if 2.0 < self.now % EPOCH_S < EPOCH_S - 2.0 else 4.0)
        for replica in self.alive:
            replica.ask(self.now)
        assert self.rate == sum(replica.allowed[-1][1] for replica in self.alive)

    @invariant()
    def together_they_stay_below_the_rate(self) -> None:
        """Each may have sent the most that it allowed within the last second; an idle one has one beside that."""
        for replica in self.alive:
            replica.ask(self.now)
        window_began = self.now - WINDOW_S
        used = [
            max(0, replica.most_since(window_began) - replica.was_idle_after(window_began))
            for replica in self.alive + self.gone
        ]
        assert self.rate >= sum(used)

    def give(self, replica: Replica, partitions: set[TopicPartition]) -> None:
        """Every member of a group hears of it, what it has and of how many."""
        for tp in partitions:
            self.assignments += 1
            replica.owned[tp] = Owned(tp, self.assignments, self.committed.get(tp))
        for member in self.alive:
            if member is replica or member.known < self.count:
                self.tell(member)

    def end(self, replica: Replica) -> None:
        """What it sent within the last second still counts."""
        self.alive.remove(replica)
        replica.allowed.append((self.now, 0))
        self.gone.append(replica)

    def tell(self, replica: Replica) -> None:
        """What it owns, of all there is; it asks for its slots at once."""
        replica.known = self.count
        times = {"now": replica.clock(self.now), "wall": self.now + replica.ahead_s}
        replica.quota.assign(replica.owned.values(), total_of(self.count), **times)
        replica.ask(self.now)

    def learn(self) -> None:
        """Whoever takes part has heard of all partitions."""
        for replica in self.alive:
            if 0 < replica.known < self.count:
                self.tell(replica)


def total_of(count: int) -> list[TopicPartition]:
    """All partitions of the topic, sorted."""
    return [TopicPartition("t", number) for number in range(count)]


ReplicasTogether.TestCase.settings = settings(derandomize=True, deadline=None, max_examples=300, stateful_step_count=40)
TestQuota = ReplicasTogether.TestCase
