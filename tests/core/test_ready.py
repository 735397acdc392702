"""The queue of what could leave at once."""

from __future__ import annotations

from consumer.core.breaker import Breaker
from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.ready import ReadyQueue
from consumer.core.request import Call, Request
from tests.core.driving import P0, record, send, update


def _delivery(plan: Request) -> Delivery:
    return Delivery(plan, OpenRecord(record(0), P0, 1, 1), plan.lanes)


def _breakers() -> dict[Call, Breaker]:
    return {call: Breaker(4.0) for call in Call}


def test_first_come_first_served_over_all_calls() -> None:
    """An update before an event that came after it."""
    queue, breakers = ReadyQueue(), _breakers()
    coming = [_delivery(send("a")), _delivery(update("b")), _delivery(send("c"))]
    for one in coming:
        queue.put(one, now=1.0)
    assert (3, coming) == (len(queue), [queue.take(breakers) for _ in range(3)])


def test_an_outage_of_one_call_lets_the_others_pass() -> None:
    """Events wait, updates leave."""
    queue, breakers = ReadyQueue(), _breakers()
    event, change = _delivery(send("a")), _delivery(update("b"))
    queue.put(event, now=1.0)
    queue.put(change, now=1.0)
    breakers[Call.SEND].trip("server_error", now=0.0)
    assert change is queue.take(breakers)
    assert (None, False) == (queue.take(breakers), queue.any_may_leave(breakers))


def test_the_trial_is_of_another_contact_where_one_waits() -> None:
    """Than the one that failed last."""
    queue, breakers = ReadyQueue(), _breakers()
    failed, other = _delivery(send("a")), _delivery(send("b"))
    queue.put(failed, now=1.0)
    queue.put(other, now=1.0)
    breakers[Call.SEND].failed(failed.lanes, "unauthorized", for_all=True, now=0.0)
    breakers[Call.SEND].probed(answered=True, now=1.0)
    assert other is queue.take(breakers)


def test_what_was_put_back_leaves_first() -> None:
    """It kept its turn."""
    queue, breakers = ReadyQueue(), _breakers()
    first, second = _delivery(send("a")), _delivery(send("b"))
    queue.put(first, now=1.0)
    queue.put(second, now=2.0)
    assert first is queue.take(breakers)
    queue.put_back(first)
    assert (1.0, first) == (queue.oldest_since(), queue.take(breakers))


def test_what_is_forgotten_is_passed_over() -> None:
    """It counts no more, either."""
    queue, breakers = ReadyQueue(), _breakers()
    gone = _delivery(send("a"))
    queue.put(gone, now=1.0)
    gone.forgotten = True
    assert (0, False, None) == (len(queue), queue.any_may_leave(breakers), queue.take(breakers))
