"""Replicas that say what they want and hear what others want, against what they may use together."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from consumer.core.completions import Completions, encode
from consumer.core.demand import Demand
from consumer.core.effect import Committable
from consumer.core.quota import EPOCH_S
from tests.core.test_quota_model import SKEW_STEPS_MAX, Replica, ReplicasTogether, skews, total_of


class ReplicasThatShare(ReplicasTogether):
    """The same, where each says what it wants, hears what others want, and both may fail or come late."""

    shares = True

    @initialize(data=st.data(), rate=st.integers(1, 12), count=st.integers(2, 7), others=st.lists(skews, max_size=2))
    def begin(self, data: st.DataObject, rate: int, count: int, others: list[int]) -> None:
        """A topic is there, and some replicas have it among them and know what each wants."""
        self.rate, self.count = rate, count
        for ahead in (0, *others):
            self.start(ahead)
        for tp in total_of(count):
            self.give(data.draw(st.sampled_from(self.alive)), {tp})
        for replica in self.alive:
            self.wants(replica, data)
        for _ in range(6):
            self.tell_and_hear()
            self.wait(1.0)

    @precondition(lambda self: any(replica.owned for replica in self.alive))
    @rule(data=st.data())
    def want(self, data: st.DataObject) -> None:
        """One wants more, or less, or nothing."""
        self.wants(data.draw(st.sampled_from([replica for replica in self.alive if replica.owned])), data)

    @precondition(lambda self: any(replica.owned for replica in self.alive))
    @rule(data=st.data(), known=st.booleans())
    def commit(self, data: st.DataObject, known: bool) -> None:
        """What one wants stands beside its offsets; it may learn of that later, or never."""
        replica = data.draw(st.sampled_from([replica for replica in self.alive if replica.owned]))
        self.put(replica)
        if known:
            self.confirm(replica)

    @precondition(lambda self: any(replica.telling for replica in self.alive))
    @rule(data=st.data())
    def confirm_late(self, data: st.DataObject) -> None:
        """One learns that its commits were taken."""
        self.confirm(data.draw(st.sampled_from([replica for replica in self.alive if replica.telling])))

    @precondition(lambda self: any(replica.quota.others for replica in self.alive))
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """One asks what the group has; the answer is on its way."""
        replica = data.draw(st.sampled_from([replica for replica in self.alive if replica.quota.others]))
        answer = {tp: self.committed.get(tp) for tp in replica.quota.others}
        replica.asked = [*replica.asked, (replica.clock(self.now), answer)][-3:]

    @precondition(lambda self: any(replica.asked for replica in self.alive))
    @rule(data=st.data())
    def hear(self, data: st.DataObject) -> None:
        """One has an answer, of a while ago or of just now."""
        replica = data.draw(st.sampled_from([replica for replica in self.alive if replica.asked]))
        begun_at, answer = replica.asked.pop(0)
        replica.quota.heard(answer, begun_at=begun_at)
        replica.ask(self.now)

    @precondition(lambda self: any(replica.owned for replica in self.alive))
    @rule(data=st.data())
    def come_to_rest(self, data: st.DataObject) -> None:
        """Everything is owned, told and read for a while: then the whole rate is used."""
        if self.unowned:
            self.assign_all(data)
        for replica in self.alive:
            replica.quota.intend(dict.fromkeys(replica.owned, self.rate), idle=False)
        for number in range(8 * (self.count + 2) if self.grown else 8):
            self.tell_and_hear()
            self.wait(EPOCH_S / 8 if self.grown and number < 8 * (self.count + 1) else 1.0)
        if 8.0 < self.now % EPOCH_S < EPOCH_S - 1.0:
            assert self.rate == sum(replica.allowed[-1][1] for replica in self.alive)

    @precondition(lambda self: len([replica for replica in self.alive if replica.owned]) > 1)
    @rule(data=st.data(), seconds=st.integers(1, 6))
    def want_and_know(self, data: st.DataObject, seconds: int) -> None:
        """One wants something, all know what all want, for some seconds; then nobody reads for a moment."""
        self.want(data)
        for _ in range(seconds):
            self.tell_and_hear()
            self.wait(1.0)

    @precondition(lambda self: any(replica.owned for replica in self.alive))
    @rule(data=st.data())
    def want_everything(self, data: st.DataObject) -> None:
        """One wants all there is, and says so; nobody hears of it."""
        replica = data.draw(st.sampled_from([replica for replica in self.alive if replica.owned]))
        replica.quota.intend(dict.fromkeys(replica.owned, self.rate), idle=False)
        self.put(replica)
        self.confirm(replica)
        self.wait(2.0)

    def wants(self, replica: Replica, data: st.DataObject) -> None:
        """So many for each of its partitions, often none or all."""
        some = st.sampled_from((0, self.rate)) | st.integers(0, self.rate)
        wants = {tp: data.draw(some) for tp in sorted(replica.owned)}
        replica.quota.intend(wants, idle=not any(wants.values()))
        replica.ask(self.now)

    def tell_and_hear(self) -> None:
        """All commit, and read what all have committed."""
        for replica in [replica for replica in self.alive if replica.owned]:
            self.put(replica)
            self.confirm(replica)
        for replica in self.alive:
            answer = {tp: self.committed.get(tp) for tp in replica.quota.others}
            replica.asked.clear()
            replica.quota.heard(answer, begun_at=replica.clock(self.now))

    def put(self, replica: Replica) -> None:
        """It commits; the group has it at once."""
        demands = {}
        for tp in replica.owned:
            wish = replica.quota.wish(tp)
            assert wish is not None
            wall_s = int(self.now + replica.ahead_s)
            demand = Demand(wall_s, wish.intended, 0, wish.idle, settled=wish.settled(wish.intended))
            demands[tp] = demand
            self.committed[tp] = Committable(7, encode(Completions(demand=demand), offset=7))
        replica.telling.append((replica.clock(self.now), demands))

    def confirm(self, replica: Replica) -> None:
        """It knows of its last commit."""
        begun_at, demands = replica.telling[-1]
        for tp, demand in demands.items():
            if tp in replica.owned:
                replica.quota.told(tp, demand, begun_at=begun_at, now=replica.clock(self.now))
        replica.telling.clear()
        replica.ask(self.now)


ReplicasThatShare.TestCase.settings = settings(derandomize=True, deadline=None, max_examples=60, stateful_step_count=40)
TestQuotaThatIsShared = ReplicasThatShare.TestCase


def test_a_want_that_grows_waits_until_nobody_can_know_the_smaller_one() -> None:
    """The sequence that a raise without a lease would fail at: another uses what was not wanted, and reads late."""
    group = ReplicasThatShare()
    group.rate, group.count = 10, 2
    group.start(0)
    group.start(SKEW_STEPS_MAX)
    modest, greedy = group.alive
    first, second = total_of(2)
    group.give(modest, {first})
    group.give(greedy, {second})
    modest.quota.intend({first: 1}, idle=False)
    greedy.quota.intend({second: 10}, idle=False)
    for _ in range(7):
        group.tell_and_hear()
        group.wait(1.0)
    before = [replica.allowed[-1][1] for replica in group.alive]
    modest.quota.intend({first: 10}, idle=False)
    group.put(modest)
    group.confirm(modest)
    group.wait(3.0)
    group.wait(3.0)
    assert ([1, 9], [5, 4]) == (before, [replica.allowed[-1][1] for replica in group.alive])
