"""What becomes one while it waits."""

from __future__ import annotations

from consumer.core.merging import PARTS_MAX
from consumer.core.record import TopicPartition
from consumer.core.request import Request, UpdateContact
from consumer.core.terms import Terms
from consumer.preview.line import Line, Merging, arrival_of
from tests.core.driving import P0, P1, delete, send, update

ALL = Merging()


def _left(*requests: Request | tuple[Request, TopicPartition], merging: Merging = ALL) -> int:
    """How many leave of those that all wait."""
    line = Line(merging)
    for number, each in enumerate(requests):
        request, tp = each if isinstance(each, tuple) else (each, P0)
        line.arrive(arrival_of(request, tp, number))
    while line.waiting:
        line.leave()
    return line.left


def test_updates_of_a_contact_merge_and_an_event_takes_them_in() -> None:
    """As long as they wait one behind the other."""
    assert 1 == _left(update("a"), update("a"), update("a"))
    assert 1 == _left(update("a"), update("a"), send("a"))


def test_what_the_settings_do_not_merge_stays_apart() -> None:
    """Either way alone."""
    requests: tuple[Request, ...] = (update("a"), update("a"), send("a"))
    assert [3, 2, 2, 1] == [
        _left(*requests, merging=Merging(updates=updates, into_events=into_events))
        for updates in (False, True)
        for into_events in (False, True)
    ]


def test_an_event_never_merges_into_another() -> None:
    """And what comes behind it waits behind it."""
    assert 2 == _left(send("a"), send("a"))
    assert 2 == _left(send("a"), update("a"), update("a"))


def test_a_delete_parts_what_is_before_from_what_is_behind() -> None:
    """It stays as it is."""
    assert 3 == _left(update("a"), delete("a", None), update("a"))


def test_only_the_same_identity_and_partition_merges() -> None:
    """A userId with an address is not the userId alone, and across partitions there is no order."""
    assert 2 == _left(update("a"), update("b"))
    both = UpdateContact(rule="u", email="user@example.com", user_id="a", event_time_ms=0)
    assert 2 == _left(update("a"), both)
    assert 2 == _left((update("a"), P0), (update("a"), P1))


def test_what_goes_alone_in_the_consumer_goes_alone_here() -> None:
    """What is counted or needs its contact, addresses that differ in a letter's case, and more than a hundred."""
    for terms in (Terms(max_per_hour=10), Terms(unknown_dropped=True), Terms(unknown_wait_s=1.0)):
        assert 2 == _left(update("a", terms=terms), update("a"))
    assert 2 == _left(update("a"), send("a", terms=Terms(unknown_dropped=True)))
    assert 2 == _left(update("a", "a@x.test"), update("a", "A@x.test"))
    assert 3 == _left(*(update("a") for _ in range(2 * PARTS_MAX + 1)))


def test_a_contact_has_one_place_however_much_of_it_waits() -> None:
    """Whose first request came first goes first, and then the others have their turn."""
    line = Line(Merging())
    for number, user in enumerate("aab"):
        line.arrive(arrival_of(send(user), P0, number))

    assert [0, 2, 1] == [line.leave().at_ms for _ in range(3)]


def test_what_merged_has_waited_since_the_first_of_it_came() -> None:
    """Merging makes no wait shorter."""
    line = Line(Merging())
    requests: tuple[Request, ...] = (update("a"), update("a"), send("a"))
    for number, request in enumerate(requests):
        line.arrive(arrival_of(request, P0, 100 + number))

    assert (1, 100) == (line.waiting, line.leave().at_ms)
