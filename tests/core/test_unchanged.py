"""What contacts were told lately."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import TopicPartition
from consumer.core.request import Request, SendEvent, UpdateContact
from consumer.core.unchanged import IDENTIFIERS_MAX, ToldContacts
from tests.core.driving import BUSY, CONFLICT, DONE, NOT_FOUND, P0, P1, REFUSED, create, delete, record, send, update

EXISTS = Outcome(Verdict.UNCHANGED, "exists", 409)


def _delivery(request: Request, partition: TopicPartition = P0, epoch: int = 1) -> Delivery:
    return Delivery(request, OpenRecord(record(0), partition, epoch, 1), request.lanes)


def _told(*answered: tuple[Request, Outcome]) -> ToldContacts:
    contacts = ToldContacts(60.0)
    for request, outcome in answered:
        contacts.answered(_delivery(request), outcome, now=0.0)
    return contacts


def _is_told(contacts: ToldContacts, request: Request, now: float = 1.0) -> bool:
    return contacts.says_nothing_new(_delivery(request), now=now)


def test_what_was_told_within_the_time_is_nothing_new() -> None:
    """Each property and each list by its own time; another value, and one more, is."""
    contacts = _told((update("a", contact={"p": 1, "q": 1}, lists={"x": True}), DONE))
    contacts.answered(_delivery(update("a", contact={"q": 2})), DONE, now=30.0)
    for told, lists, moments in (
        ({"p": 1}, {"x": True}, [True, False]),
        ({"q": 2}, {}, [True, True]),
        ({"q": 1}, {}, [False, False]),
        ({"p": True}, {}, [False, False]),
        ({}, {"x": False}, [False, False]),
        ({"r": 1}, {}, [False, False]),
    ):
        request = update("a", contact=told, lists=lists)
        assert moments == [_is_told(contacts, request, now) for now in (59.9, 60.0)]


def test_only_updates_are_spared() -> None:
    """An event has to happen, and what a send became belongs to that."""
    contacts = _told((update("a"), DONE))
    assert [True, False, False] == [_is_told(contacts, one) for one in (update("a"), send("a"), delete("a", None))]
    was_send = _delivery(update("a"))
    was_send.former = send("a")
    assert not contacts.says_nothing_new(was_send, now=1.0)


@pytest.mark.parametrize("request_", (send("a", contact={"plan": "pro"}), update("a")))
def test_an_event_tells_its_contact_too(request_: SendEvent | UpdateContact) -> None:
    """So does a create; what is carried is told as well."""
    assert _is_told(_told((request_, DONE)), update("a"))
    assert _is_told(_told((create("a", "a@x.test"), DONE)), update("a", "a@x.test"))
    carrying = _delivery(replace(request_, contact={"role": "owner"}))
    carrying.carry(_delivery(update("a")))
    contacts = ToldContacts(60.0)
    contacts.answered(carrying, DONE, now=0.0)
    assert _is_told(contacts, update("a", contact={"plan": "pro", "role": "owner"}))


@pytest.mark.parametrize(
    "after",
    (
        (delete("a", None), DONE),
        (delete("a", None), NOT_FOUND),
        (update("a"), BUSY),
        (update("a"), REFUSED),
        (send("a"), CONFLICT),
        (create("a", "a@x.test"), EXISTS),
        (update("a", "a@x.test"), DONE),
    ),
)
def test_it_is_forgotten_by_any_answer_but_a_200_and_by_whoever_shares_an_identifier(
    after: tuple[Request, Outcome],
) -> None:
    """A delete is no telling either."""
    assert not _is_told(_told((update("a"), DONE), after), update("a"))


def test_one_of_two_identifiers_is_enough_to_forget() -> None:
    """The other still stands there, and says nothing."""
    contacts = _told((update("a", "a@x.test"), DONE), (update("b", "a@x.test"), DONE))
    assert [False, True, False] == [
        _is_told(contacts, update(*who)) for who in (("a", "a@x.test"), ("b", "a@x.test"), ("a", None))
    ]


def test_a_look_up_forgets_nothing() -> None:
    """It changes nothing."""
    contacts, looking = _told((update("a"), DONE)), _delivery(update("a"))
    looking.looks = True
    contacts.answered(looking, NOT_FOUND, now=0.0)
    assert _is_told(contacts, update("a"))


def test_it_is_of_one_assignment_of_one_partition() -> None:
    """Another owner may have told it otherwise since."""
    contacts = _told((update("a"), DONE))
    assert not contacts.says_nothing_new(_delivery(update("a"), epoch=2), now=1.0)
    assert not contacts.says_nothing_new(_delivery(update("a"), P1), now=1.0)


def test_switched_off_it_knows_nothing() -> None:
    """And keeps nothing."""
    contacts = ToldContacts(0.0)
    contacts.answered(_delivery(update("a")), DONE, now=0.0)
    assert not _is_told(contacts, update("a"), now=0.0)


def test_it_forgets_who_was_told_longest_ago() -> None:
    """Past its bound."""
    contacts = _told((update("first"), DONE), *((update(f"u{n}"), DONE) for n in range(IDENTIFIERS_MAX)))
    assert [False, True] == [_is_told(contacts, update(user)) for user in ("first", "u0")]
