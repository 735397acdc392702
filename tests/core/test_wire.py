"""What leaves next."""

from __future__ import annotations

import math
from itertools import pairwise

from consumer.core.delivery import HELD, Delivery, OpenRecord
from consumer.core.effect import Attempt
from consumer.core.policy import Policy
from consumer.core.request import PROBE
from consumer.core.wire import ON_WIRE_MAX, Wire
from tests.core.driving import BUSY, DONE, P0, P1, THROTTLED, UNAUTHORIZED, WALL, none_ends, record, send, sharing_of


def _wire(policy: Policy | None = None) -> Wire:
    policy = policy or Policy()
    wire = Wire(policy, sharing_of(policy, P0, P1), random=lambda: 1.0)
    wire.depart(none_ends, now=0.0, wall=WALL)
    return wire


def _delivery(user: str) -> Delivery:
    plan = send(user)
    return Delivery(plan, OpenRecord(record(0), P0, 1, plans=1), plan.lanes)


def test_nothing_leaves_before_a_part_of_the_rate_is_settled() -> None:
    """1.2 s after birth."""
    wire = _wire()
    wire.enter(_delivery("a"), now=0.0)
    assert wire.depart(none_ends, now=1.1, wall=WALL + 1.1) is None
    assert 1.2 == wire.next_at(now=1.1)
    assert isinstance(wire.depart(none_ends, now=1.2, wall=WALL + 1.2), Attempt)


def test_the_wait_for_the_pacer_is_told_with_the_attempt() -> None:
    """From being ready to leaving, in seconds."""
    wire = _wire()
    wire.enter(_delivery("a"), now=0.5)
    attempt = wire.depart(none_ends, now=2.0, wall=WALL + 2)
    assert isinstance(attempt, Attempt)
    assert 1.5 == attempt.waited_s


def test_an_attempt_names_each_record_whose_fate_hangs_on_it() -> None:
    """Its own last, behind those that it tells too; a probe none."""
    wire = _wire()
    older, own = _delivery("a"), Delivery(send("a"), OpenRecord(record(1), P0, 1, plans=1), send("a").lanes)
    own.carries = (older,)
    wire.enter(own, now=2.0)
    attempt = wire.depart(none_ends, now=2.0, wall=WALL + 2)
    assert isinstance(attempt, Attempt)
    assert [0, 1] == [one.offset for one in attempt.records]
    assert () == Attempt(1, PROBE).records


def test_a_failed_one_is_back_after_its_backoff_and_a_throttled_one_at_once() -> None:
    """Both with the place in their lanes."""
    wire = _wire()
    for user in ("a", "b"):
        wire.enter(_delivery(user), now=2.0)
    failed, throttled = (wire.depart(none_ends, now=2.0, wall=WALL + 2) for _ in range(2))
    assert isinstance(failed, Attempt)
    assert isinstance(throttled, Attempt)
    for attempt, outcome in ((failed, BUSY), (throttled, THROTTLED)):
        delivery, counts, _ = wire.answered(attempt, outcome, now=2.1)
        assert delivery is not None
        wire.again(delivery, outcome, counts=counts, now=2.1)
    second = wire.depart(none_ends, now=2.1, wall=WALL + 2.1)
    assert isinstance(second, Attempt)
    assert throttled.request == second.request
    assert wire.depart(none_ends, now=2.5, wall=WALL + 2.5) is None
    third = wire.depart(none_ends, now=2.6, wall=WALL + 2.6)
    assert isinstance(third, Attempt)
    assert failed.request == third.request


def test_more_go_on_the_wire_where_rate_and_latency_need_it() -> None:
    """Twice the rate times the measured latency; never fewer than ten."""
    wire = _wire(Policy(rate_per_s=100))
    for number in range(400):
        wire.enter(_delivery(f"u{number}"), now=2.0)
    now = 2.0
    for _ in range(100):
        attempt = wire.depart(none_ends, now=now, wall=WALL + now)
        assert isinstance(attempt, Attempt)
        now += 0.3
        delivery, _, _ = wire.answered(attempt, DONE, now=now)
        assert delivery is not None
        wire.leave(delivery, now=now)
    assert 60 == wire.size_max


def test_with_nothing_to_do_only_the_quota_s_epoch_is_waited_for() -> None:
    """No timer spins."""
    wire = _wire()
    wire.depart(none_ends, now=2.0, wall=WALL + 2)
    at = wire.next_at(now=2.0)
    assert (60.0, False) == (at, math.isinf(at))


def test_latency_that_grows_with_what_is_on_the_wire_does_not_feed_itself() -> None:
    """However slow, at most a thousand."""
    wire = _wire(Policy(rate_per_s=1_000))
    for number in range(60):
        wire.enter(_delivery(f"u{number}"), now=2.0)
    now = 2.0
    for _ in range(50):
        attempt = wire.depart(none_ends, now=now, wall=WALL + now)
        assert isinstance(attempt, Attempt)
        now += 30.0
        delivery, _, _ = wire.answered(attempt, DONE, now=now)
        assert delivery is not None
        wire.leave(delivery, now=now)
    assert ON_WIRE_MAX == wire.size_max


def test_what_is_final_and_not_committed_keeps_its_place_on_the_wire() -> None:
    """After a crash no more can leave again than may be on the wire."""
    wire = _wire(Policy(on_wire_max=3))
    for number in range(5):
        wire.enter(_delivery(f"u{number}"), now=2.0)
    wire.uncommitted = 2
    first, second = (wire.depart(none_ends, now=2.0, wall=WALL + 2) for _ in range(2))
    assert isinstance(first, Attempt)
    assert second is None
    wire.uncommitted = 0
    assert isinstance(wire.depart(none_ends, now=2.0, wall=WALL + 2), Attempt)


def test_slow_commits_widen_the_wire_by_a_quarter_of_a_second_at_most() -> None:
    """At 500 a second: for the commit's 20 ms, and for no outage of the brokers."""
    wire = _wire(Policy(rate_per_s=500))
    wire.depart(none_ends, now=2.0, wall=WALL + 2)
    wire.committed_after_s = 0.02
    quick = wire.size_max
    wire.committed_after_s = 60.0
    assert (20, 250) == (quick, wire.size_max)


def test_one_that_is_not_admitted_leaves_the_next_its_turn_and_asks_again_when_brought_back() -> None:
    """It keeps its place."""
    wire = _wire()
    held, other = _delivery("a"), _delivery("b")
    wire.enter(held, now=2.0)
    wire.enter(other, now=2.0)
    attempt = wire.depart(lambda delivery: None if delivery is other else HELD, now=2.0, wall=WALL + 2)
    assert isinstance(attempt, Attempt)
    assert other.lanes == attempt.lanes
    wire.bring_back(held)
    again = wire.depart(none_ends, now=2.0, wall=WALL + 2)
    assert isinstance(again, Attempt)
    assert held.lanes == again.lanes


def test_every_answer_teaches_the_pacer_its_margin() -> None:
    """Of a request that left as soon as its slot was free, and of such a probe."""
    wire = _wire(Policy(rate_per_s=1))
    margins, left_at = [], 2.0
    for user in ("a", "b", "c"):
        wire.enter(_delivery(user), now=left_at)
        attempt = wire.depart(none_ends, now=left_at, wall=WALL + left_at)
        assert isinstance(attempt, Attempt)
        wire.answered(attempt, THROTTLED if user != "c" else UNAUTHORIZED, now=left_at + 0.1)
        margins.append(wire.pacer.margin_s)
        left_at = wire.pacer.ready_at(left_at)
    probe = wire.depart(none_ends, now=left_at, wall=WALL + left_at)
    assert isinstance(probe, Attempt)
    assert PROBE == probe.request
    wire.answered(probe, THROTTLED, now=left_at + 0.1)
    margins.append(wire.pacer.margin_s)
    assert [True, False, True] == [before < after for before, after in pairwise(margins)]
