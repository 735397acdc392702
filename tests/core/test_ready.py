"""The queue of what could leave at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.breaker import Breaker
from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.effect import Fate
from consumer.core.ready import ReadyQueue
from consumer.core.request import Call, Request
from consumer.core.terms import Priority, Terms
from tests.core.driving import P0, record, send, update

HIGH, NORMAL, LOW = (Terms(priority=priority) for priority in Priority)


def _delivery(plan: Request) -> Delivery:
    return Delivery(plan, OpenRecord(record(0), P0, 1, 1), plan.lanes)


def _breakers() -> dict[Call, Breaker]:
    return {call: Breaker(4.0) for call in Call}


def _leave(queue: ReadyQueue, breakers: dict[Call, Breaker], *, now: float) -> Delivery | None:
    taken = queue.take(breakers, now=now)
    queue.left()
    return taken


def test_first_come_first_served_over_all_calls() -> None:
    """An update before an event that came after it."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    coming = [_delivery(send("a")), _delivery(update("b")), _delivery(send("c"))]
    for one in coming:
        queue.put(one, now=1.0)
    assert (3, coming) == (len(queue), [queue.take(breakers, now=2.0) for _ in range(3)])


def test_an_outage_of_one_call_lets_the_others_pass() -> None:
    """Events wait, updates leave."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    event, change = _delivery(send("a")), _delivery(update("b"))
    queue.put(event, now=1.0)
    queue.put(change, now=1.0)
    breakers[Call.SEND].trip("server_error", now=0.0)
    assert change is queue.take(breakers, now=2.0)
    assert (None, False) == (queue.take(breakers, now=2.0), queue.any_may_leave(breakers))


def test_the_trial_is_of_another_contact_where_one_waits() -> None:
    """Than the one that failed last."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    failed, other = _delivery(send("a")), _delivery(send("b"))
    queue.put(failed, now=1.0)
    queue.put(other, now=1.0)
    breakers[Call.SEND].failed(failed.lanes, "unauthorized", for_all=True, now=0.0)
    breakers[Call.SEND].probed(answered=True, now=1.0)
    assert other is queue.take(breakers, now=2.0)


def test_what_was_put_back_leaves_first() -> None:
    """It kept its turn."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    first, second = _delivery(send("a")), _delivery(send("b"))
    queue.put(first, now=1.0)
    queue.put(second, now=2.0)
    assert first is queue.take(breakers, now=2.0)
    queue.put_back(first)
    assert (1.0, first) == (queue.oldest_since(Priority.NORMAL), queue.take(breakers, now=2.0))


def test_who_has_waited_longest_is_told_by_priority() -> None:
    """Over all calls; nobody where none is ready."""
    queue = ReadyQueue(300.0)
    coming: list[Request] = [update("a", terms=LOW), send("b", terms=LOW), send("c", terms=HIGH)]
    for at, plan in enumerate(coming, 1):
        queue.put(_delivery(plan), now=float(at))
    assert [3.0, None, 1.0] == [queue.oldest_since(priority) for priority in Priority]


def test_what_is_forgotten_is_passed_over() -> None:
    """It counts no more, either."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    gone = _delivery(send("a"))
    queue.put(gone, now=1.0)
    gone.forgotten = True
    assert (0, False, None) == (len(queue), queue.any_may_leave(breakers), queue.take(breakers, now=2.0))


def test_one_takes_the_turn_of_another() -> None:
    """And has waited as long; as another call, and of another priority, too."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    first, second, third = _delivery(update("a")), _delivery(update("b", terms=LOW)), _delivery(update("c"))
    for moment, one in enumerate((first, second, third)):
        queue.put(one, now=float(moment))
    other = _delivery(send("b"))
    queue.replace(second, other)
    assert (1.0, 3) == (other.ready_since, len(queue))
    assert [first, other, third] == [queue.take(breakers, now=3.0) for _ in range(3)]


def test_what_carries_others_has_the_highest_priority_of_them() -> None:
    """Low itself, it leaves before what is normal."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    carrying = _delivery(update("a", terms=LOW))
    carrying.carry(_delivery(update("a", terms=HIGH)))
    normal = _delivery(update("b"))
    for one in (normal, carrying):
        queue.put(one, now=1.0)
    assert [carrying, normal] == [queue.take(breakers, now=2.0) for _ in range(2)]


def test_high_leaves_before_normal_before_low_over_all_calls() -> None:
    """Within one in the order in which they came."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    low, second, first, next_one, third = coming = [
        _delivery(send("a", terms=LOW)),
        _delivery(update("b")),
        _delivery(send("c", terms=HIGH)),
        _delivery(update("d", terms=HIGH)),
        _delivery(send("e")),
    ]
    for one in coming:
        queue.put(one, now=1.0)
    assert [first, next_one, second, third, low] == [queue.take(breakers, now=2.0) for _ in coming]


def test_whoever_has_been_ready_for_long_counts_as_high() -> None:
    """It has its turn among those that are: behind what came before it, and before what came after."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    early, starved, late = coming = [_delivery(send(f"u{terms}", terms=terms)) for terms in (HIGH, LOW, HIGH)]
    for at, one in enumerate(coming):
        queue.put(one, now=float(at))
    assert [early, late] == [queue.take(breakers, now=300.9) for _ in range(2)]
    queue.put_back(late)
    queue.put_back(early)
    assert [early, starved, late] == [queue.take(breakers, now=301.0) for _ in range(3)]


def test_a_backlog_that_has_starved_holds_up_what_is_high_by_one() -> None:
    """They take turns: neither waits for all of the other."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    starved = [_delivery(send(f"low{number}", terms=LOW)) for number in range(5)]
    for one in starved:
        queue.put(one, now=0.0)
    high = [_delivery(send(f"high{number}", terms=HIGH)) for number in range(3)]
    for one in high:
        queue.put(one, now=400.0)
    taking_turns = [one for pair in zip(starved, high, strict=False) for one in pair]
    assert [*taking_turns, *starved[3:]] == [_leave(queue, breakers, now=401.0) for _ in range(8)]


def test_what_is_normal_gets_its_turn_beside_a_starved_backlog_of_low_ones() -> None:
    """It is not held up by all of them either."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    starved = [_delivery(send(f"low{number}", terms=LOW)) for number in range(3)]
    for one in starved:
        queue.put(one, now=0.0)
    fresh = _delivery(send("a"))
    queue.put(fresh, now=400.0)
    assert [starved[0], fresh, starved[1], starved[2]] == [_leave(queue, breakers, now=401.0) for _ in range(4)]


def test_what_ends_without_leaving_uses_up_nobodys_turn() -> None:
    """Two that have starved come to their end: it is still the turn of the starved."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    starved = [_delivery(send(f"low{number}", terms=LOW)) for number in range(4)]
    for one in starved:
        queue.put(one, now=0.0)
    high = [_delivery(send(f"high{number}", terms=HIGH)) for number in range(2)]
    for one in high:
        queue.put(one, now=400.0)
    assert starved[:2] == [queue.take(breakers, now=401.0) for _ in range(2)]
    assert [starved[2], high[0], starved[3], high[1]] == [_leave(queue, breakers, now=401.0) for _ in range(4)]


def test_one_that_is_lifted_has_the_turn_that_it_had_among_those_that_are_as_urgent() -> None:
    """Whoever is not ready is lifted for when it will be."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    first, low, last = coming = [_delivery(send(f"u{terms}", terms=terms)) for terms in (HIGH, LOW, HIGH)]
    for one in coming:
        queue.put(one, now=1.0)
    away = _delivery(send("away", terms=LOW))
    queue.lift(low, Priority.HIGH)
    queue.lift(away, Priority.HIGH)
    assert 3 == len(queue)
    queue.put(away, now=2.0)
    assert [first, low, last, away] == [queue.take(breakers, now=2.0) for _ in range(4)]


def test_what_became_another_call_keeps_its_turn_there() -> None:
    """Behind what was ready before it."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    coming = [_delivery(update("a")), _delivery(send("b")), _delivery(update("c")), _delivery(update("d"))]
    for one in coming:
        queue.put(one, now=1.0)
    breakers[Call.UPDATE].trip("server_error", now=0.0)
    turning = queue.take(breakers, now=2.0)
    assert turning is coming[1]
    turning.become(update("b"), Fate.STALE)
    queue.put_back(turning)
    assert queue.take(breakers, now=2.0) is None
    assert coming == [queue.take(_breakers(), now=2.0) for _ in coming]


def test_the_trial_is_of_another_contact_whatever_its_priority() -> None:
    """A low one that may succeed tells more than a high one that has just failed."""
    queue, breakers = ReadyQueue(300.0), _breakers()
    failed, other = _delivery(send("a", terms=HIGH)), _delivery(send("b", terms=LOW))
    queue.put(failed, now=1.0)
    queue.put(other, now=1.0)
    breakers[Call.SEND].failed(failed.lanes, "unauthorized", for_all=True, now=0.0)
    breakers[Call.SEND].probed(answered=True, now=1.0)
    assert [other, failed] == [queue.take(breakers, now=2.0) for _ in range(2)]


@given(st.lists(st.one_of(st.sampled_from(Priority), st.none(), st.floats(0.0, 20.0)), max_size=60))
def test_it_equals_the_simplest_model(steps: list[Priority | float | None]) -> None:
    """A list, of which the first by rank and turn is taken; time passes between, and one in three goes back.

    Where it makes a difference whether the starved count as high, they do for every second that leaves.
    """
    queue, breakers = ReadyQueue(30.0), _breakers()
    there: list[Delivery] = []
    now, differed = 0.0, 0
    for number, step in enumerate(steps):
        if isinstance(step, Priority):
            user, terms = f"u{number}", Terms(priority=step)
            there.append(_delivery(update(user, terms=terms) if number % 2 else send(user, terms=terms)))
            queue.put(there[-1], now=now)
        elif step is not None:
            now += step
        else:
            fair = min(there, key=lambda one: _rank(one, now), default=None)
            strict = min(there, key=lambda one: _rank(one, one.ready_since), default=None)
            expected = strict if differed % 2 else fair
            taken = queue.take(breakers, now=now)
            assert expected is taken
            if taken is not None and number % 3:
                there.remove(taken)
                differed += fair is not strict
                queue.left()
            elif taken is not None:
                queue.put_back(taken)
    assert len(there) == len(queue)


def _rank(one: Delivery, now: float) -> tuple[int, int]:
    starved = now - one.ready_since >= 30.0
    return 0 if starved else one.request.terms.priority, one.turn
