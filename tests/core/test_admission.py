"""Which requests may leave, by what can be told of their end; more in ``test_pipeline_completions.py``."""

from __future__ import annotations

from consumer.core.admission import Admission
from consumer.core.commits import Commits
from consumer.core.completions import Completions
from consumer.core.delivery import Delivery
from consumer.core.effect import Attempt
from consumer.core.letters import Letters
from consumer.core.partition import Partition
from consumer.core.policy import Policy
from consumer.core.wire import Ended, Wire
from tests.core.driving import P0, WALL, batch, send, sharing_of


class Stand:
    """One partition of three wanted records, without room for any completion."""

    def __init__(self) -> None:
        """All three are ready."""
        policy = Policy(metadata_bytes_max=0)
        self.partition = Partition(P0, 1, None, Completions())
        sharing = sharing_of(policy, P0)
        self.wire = Wire(policy, sharing, random=lambda: 1.0)
        self.admission = Admission({P0: self.partition}, self.wire, Letters(60), Commits(policy, sharing))
        plans = {offset: [send(f"u{offset}")] for offset in (1, 4, 7)}
        opened, _ = self.partition.receive(batch(plans, last=9)[P0])
        for of in opened:
            (plan,) = plans[of.record.offset]
            self.wire.enter(Delivery(plan, of, plan.lanes), now=0.0)
        self.wire.depart(self.admission.judge, now=0.0, wall=WALL)

    def depart(self) -> Attempt | None:
        """What leaves at second 2."""
        leaving = self.wire.depart(self.admission.judge, now=2.0, wall=WALL + 2)
        assert not isinstance(leaving, Ended)
        return leaving


def test_the_lowest_leaves_and_the_others_are_held_back() -> None:
    """Its end moves the watermark and needs no room."""
    stand = Stand()
    first = stand.depart()
    assert first is not None
    assert ("uu1",) == first.lanes
    assert (None, [4, 7]) == (stand.depart(), sorted(offset for offset, *_ in stand.partition.held_back))


def test_when_the_lowest_is_finished_the_next_one_may() -> None:
    """And the one above it asks again when that is."""
    stand = Stand()
    stand.depart()
    stand.depart()
    stand.partition.finish(stand.partition.open[1])
    stand.admission.ended(stand.partition)
    second = stand.depart()
    assert second is not None
    assert ("uu4",) == second.lanes
    assert [7] == [offset for offset, *_ in stand.partition.held_back]


def test_nothing_is_freed_while_something_is_on_the_wire() -> None:
    """Its end may make room."""
    stand = Stand()
    stand.depart()
    stand.depart()
    assert not stand.admission.free_one()
