"""What a replica tells the group, and when it reads what others tell; through the pipeline."""

from __future__ import annotations

from consumer.core.completions import Completions, demand_of, encode
from consumer.core.demand import Demand
from consumer.core.effect import Commit, Committable, Effect, ReadDemand
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from tests.core.driving import P0, P1, WALL, attempts, batch, send


def _committed(wants: int, *, offset: int = 5, wall_s: int = int(WALL), margin_ms: int = 0) -> Committable:
    demand = Demand(wall_s, wants, 0, idle=not wants, margin_ms=margin_ms, settled=True)
    return Committable(offset, encode(Completions(demand=demand), offset=offset))


class Stand:
    """The owner of one of two partitions."""

    def __init__(self, policy: Policy | None = None, *, wants: int = 0, margin_ms: int = 0) -> None:
        """It was given the first, of which the former owner had told what it wanted."""
        policy = policy or Policy(demand_every_s=2.0)
        self.pipeline = Pipeline(policy, now=0.0, random=lambda: 0.5)
        mine = _committed(wants, margin_ms=margin_ms)
        self.at = 0.0
        self.effects = self._carry_out(self.pipeline.assigned({P0: mine}, [P0, P1], now=0.0, wall=WALL))

    def until(self, at: float) -> list[Effect]:
        """Ticks whenever it asks for it; commits are taken at once, and nobody else wants anything."""
        found = []
        while True:
            wait_s = self.pipeline.next_timer(now=self.at)
            if wait_s is None or self.at + wait_s > at:
                break
            self.at += max(wait_s, 0.001)
            found += self._carry_out(self.pipeline.tick(now=self.at, wall=WALL + self.at))
        self.at = at
        return found

    def _carry_out(self, effects: list[Effect]) -> list[Effect]:
        found = []
        times = {"now": self.at, "wall": WALL + self.at}
        for effect in effects:
            found.append(effect)
            if isinstance(effect, Commit):
                found += self._carry_out(self.pipeline.committed(effect.positions, **times))
            if isinstance(effect, ReadDemand):
                found += self._carry_out(self.pipeline.demand_read({P1: _committed(0)}, **times))
        return found

    def backlog(self) -> list[Effect]:
        """Fifty requests of as many contacts come."""
        plans = {5 + number: [send(f"u{number}")] for number in range(50)}
        times = {"now": self.at, "wall": WALL + self.at}
        return self._carry_out(self.pipeline.selected(batch(plans, first=5, last=60), **times))


def _wants(effects: list[Effect]) -> list[int]:
    commits = [effect for effect in effects if isinstance(effect, Commit)]
    told = [demand_of(one.positions[P0].metadata, offset=one.positions[P0].offset) for one in commits]
    return [demand.wants_per_s for demand in told if demand is not None]


def test_what_the_others_want_is_read_every_two_seconds() -> None:
    """Of their partitions alone, from the assignment on."""
    stand = Stand()
    reads = [effect for effect in [*stand.effects, *stand.until(7.0)] if isinstance(effect, ReadDemand)]
    assert [ReadDemand((P1,))] * len(reads) == reads
    assert 4 == len(reads)


def test_who_is_alone_reads_and_tells_nothing() -> None:
    """As a redrive is, which no group shares."""
    stand = Stand(Policy())
    stand.backlog()
    effects = [*stand.effects, *stand.until(5.0)]
    assert [] == [effect for effect in effects if isinstance(effect, Commit | ReadDemand)]


def test_a_backlog_is_told_within_a_second() -> None:
    """It is looked at twice a second, and two commits that tell of it are half a second apart at least."""
    stand = Stand()
    stand.until(4.0)
    assert [10] == _wants([*stand.backlog(), *stand.until(5.0)])


def test_a_want_is_repeated_every_five_seconds_though_nothing_moves() -> None:
    """Else it would be taken for a dead one's; the commit's reason says that nothing is new but this."""
    stand = Stand()
    stand.until(4.0)
    stand.backlog()
    effects = stand.until(15.2)
    reasons = [effect.reason for effect in effects if isinstance(effect, Commit)]
    assert ([10, 10], ["demand", "demand"]) == (_wants(effects)[-2:], reasons[-2:])


def test_what_nobody_wants_is_used_by_who_does() -> None:
    """Nine of ten, 4.2 s after the want was told: the lease of others, then the window."""
    stand = Stand()
    stand.until(4.0)
    stand.backlog()
    stand.until(9.3)
    assert 9 == stand.pipeline.wire.pacer.slots


def test_an_idle_replica_sends_a_lone_event_at_once() -> None:
    """Whatever others use."""
    stand = Stand()
    stand.until(4.0)
    effects = stand.pipeline.selected(batch({5: [send("u")]}, first=5, last=5), now=4.0, wall=WALL + 4)
    assert 1 == len(attempts(effects))


def test_what_leaves_at_once_is_no_want() -> None:
    """What waits is looked at when no more may leave: else each lone event would take a slot from others."""
    stand = Stand()
    stand.until(4.6)
    stand.pipeline.selected(batch({5: [send("u")]}, first=5, last=5), now=4.6, wall=WALL + 4.6)
    assert 0 == stand.pipeline.sharing.quota.wanted_per_s


def test_a_reading_that_failed_is_made_again() -> None:
    """After the same two seconds; meanwhile what was known lapses."""
    stand = Stand()
    asked = stand.pipeline.tick(now=2.0, wall=WALL + 2)
    stand.pipeline.demand_read(None, now=2.9, wall=WALL + 2.9)
    again = stand.pipeline.tick(now=4.0, wall=WALL + 4)
    assert [ReadDemand((P1,))] * 2 == [one for one in [*asked, *again] if isinstance(one, ReadDemand)]


def test_the_margin_that_a_former_owner_learned_is_taken_over() -> None:
    """It stands beside its offset; so no restart has to learn it by refusals."""
    assert 0.044 == Stand(margin_ms=44).pipeline.wire.pacer.margin_s


def test_what_the_others_tell_of_the_margin_is_taken_into_account() -> None:
    """Half of the way to the mean of both, by each reading."""
    stand = Stand(margin_ms=20)
    stand.pipeline.demand_read({P1: _committed(5, margin_ms=40)}, now=0.1, wall=WALL + 0.1)
    assert 0.025 == round(stand.pipeline.wire.pacer.margin_s, 6)
