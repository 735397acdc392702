"""What requests come to at a rate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.request import Request
from consumer.preview.line import Merging, arrival_of
from consumer.preview.pressure import Arrivals, Backlog, Pressure, as_they_come
from tests.core.driving import P0, send, update


def _arrivals(*given: tuple[int, Request], kept_max: int = 1_000) -> Arrivals:
    found = Arrivals(kept_max)
    for at_ms, request in given:
        found.add(arrival_of(request, P0, at_ms))
    return found


def _pressure(*given: tuple[int, Request], rate_per_s: int = 2, waiting_max: int = 1_000) -> Pressure:
    return as_they_come(_arrivals(*given), Merging(), rate_per_s=rate_per_s, waiting_max=waiting_max)


def test_what_the_limit_has_room_for_waits_for_nothing_and_merges_with_nothing() -> None:
    """Two updates of a contact that both leave at once are two requests."""
    assert Pressure(arrived=2, left=2, busiest=2, waiting_max=1, wait_max_s=0.0) == _pressure(
        (0, update("a")), (10, update("a"))
    )


def test_no_second_sees_more_than_the_rate_and_what_is_over_waits() -> None:
    """Five at once at two a second: the last leaves two seconds later."""
    found = _pressure(*((0, send(f"user-{number}")) for number in range(5)))

    assert (5, 5, 2.0) == (found.arrived, found.left, found.wait_max_s)


def test_what_has_to_wait_merges() -> None:
    """The first two leave; the other three updates of the contact become one."""
    assert 3 == _pressure(*((0, update("a")) for _ in range(5))).left


def test_the_order_of_reading_does_not_count_but_that_of_the_times() -> None:
    """A partition is read before another."""
    assert _pressure((0, update("a")), (10, send("b")), (20, send("c")), (30, send("a"))) == _pressure(
        (20, send("c")), (30, send("a")), (0, update("a")), (10, send("b"))
    )


def test_where_as_many_wait_as_may_the_next_comes_in_when_there_is_room() -> None:
    """So it cannot merge before, and no more than that wait."""
    users = [send(f"user-{number}") for number in range(6)]
    found = _pressure(*((0, each) for each in users), waiting_max=2)

    assert (6, 2, 2.0) == (found.left, found.waiting_max, found.wait_max_s)


def test_the_busiest_minute_is_that_in_which_most_came() -> None:
    """Wherever it begins."""
    times_ms = (0, 50_000, 55_000, 100_000, 300_000)
    assert 3 == _pressure(*((at_ms, send("a")) for at_ms in times_ms)).busiest


def test_past_the_bound_the_first_that_were_read_count() -> None:
    """And it can be said how many there were."""
    found = _arrivals(*((0, send("a")) for _ in range(5)), kept_max=3)

    assert (5, 3, 3) == (found.count, len(found), as_they_come(found, Merging(), rate_per_s=10, waiting_max=10).arrived)


def test_nothing_is_no_pressure() -> None:
    """Not even a busiest minute."""
    assert Pressure(0, 0, 0, 0, 0.0) == _pressure()


def test_a_backlog_merges_all_that_is_held_at_once() -> None:
    """A contact's updates that come when the first has left are a request of their own."""
    near, far = Backlog(Merging(), held_max=2), Backlog(Merging(), held_max=10)
    for user in "abcdea":
        near.add(arrival_of(update(user), P0, 0))
        far.add(arrival_of(update(user), P0, 0))

    assert (6, 5) == (near.requests, far.requests)


@given(st.lists(st.tuples(st.integers(0, 5_000), st.sampled_from("ab"), st.booleans()), max_size=40), st.integers(1, 3))
def test_events_all_leave_and_the_rate_is_kept(given: list[tuple[int, str, bool]], rate_per_s: int) -> None:
    """Only updates can vanish; and so many take at least so long."""
    requests = [(at_ms, send(user) if is_event else update(user)) for at_ms, user, is_event in given]
    found = _pressure(*requests, rate_per_s=rate_per_s)

    events = sum(is_event for _, _, is_event in given)
    assert events <= found.left <= found.arrived == len(given)
    assert found.wait_max_s <= len(given) / rate_per_s
