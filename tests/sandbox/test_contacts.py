"""Contacts and who they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.sandbox.change import Change, Identity
from consumer.sandbox.contacts import EXISTS, MULTIPLE, UNKNOWN_USER_ID, Contact, ContactStore
from consumer.sandbox.ids import Ids
from consumer.sandbox.reply import Refused

NOTHING = Change({}, {}, {}, None)
A, B = "a@example.com", "b@example.com"


def store_of(*known: tuple[str, str | None], contacts_max: int = 100) -> ContactStore:
    """A store with these contacts."""
    store = ContactStore(Ids(0), contacts_max)
    for email, user_id in known:
        store.create(Identity(email, user_id), NOTHING, 0)
    return store


def everyone(store: ContactStore) -> set[tuple[str, str | None]]:
    """All contacts by their identifiers."""
    return {(contact.email, contact.user_id) for contact in store.newest(1000)}


@pytest.mark.parametrize(
    ("known", "named", "after"),
    (
        ([], (A, None), {(A, None)}),
        ([], (A, "u1"), {(A, "u1")}),
        ([(A, None)], (A, None), {(A, None)}),
        ([(A, None)], ("A@Example.com", None), {(A, None)}),
        ([(A, None)], (A, "u1"), {(A, "u1")}),
        ([(A, "u1")], (A, "u2"), {(A, "u2")}),
        ([(A, "u1")], (B, "u1"), {(B, "u1")}),
        ([(A, "u1")], (None, "u1"), {(A, "u1")}),
        ([(A, "u1")], (B, "u2"), {(A, "u1"), (B, "u2")}),
        ([(A, None)], (B, "u1"), {(A, None), (B, "u1")}),
        ([(A, "u1"), (B, None)], (B, "u2"), {(A, "u1"), (B, "u2")}),
    ),
)
def test_either_identifier_finds_and_the_other_is_overwritten(
    known: list[tuple[str, str | None]], named: tuple[str | None, str | None], after: set[tuple[str, str | None]]
) -> None:
    """The table of identities."""
    store = store_of(*known)
    store.update(Identity(*named), NOTHING, 1)
    assert after == everyone(store)


@pytest.mark.parametrize(
    ("known", "named", "message"),
    (
        ([(A, "u1"), (B, "u2")], (A, "u2"), MULTIPLE),
        ([(A, None), (B, "u2")], (A, "u2"), MULTIPLE),
        ([], (None, "u1"), UNKNOWN_USER_ID),
        ([(A, "u1")], (None, "u2"), UNKNOWN_USER_ID),
        ([(A, "u1")], (None, "U1"), UNKNOWN_USER_ID),
    ),
)
def test_two_contacts_and_an_unknown_userid_alone_are_refused(
    known: list[tuple[str, str | None]], named: tuple[str | None, str | None], message: str
) -> None:
    """And nothing has changed."""
    store = store_of(*known)
    with pytest.raises(Refused) as caught:
        store.update(Identity(*named), NOTHING, 1)
    assert (400, message) == (caught.value.status, str(caught.value))
    assert set(known) == everyone(store)


@pytest.mark.parametrize("named", ((A, None), ("A@EXAMPLE.COM", "u9"), (B, "u1")))
def test_create_refuses_whom_either_identifier_names(named: tuple[str, str | None]) -> None:
    """With 409."""
    store = store_of((A, "u1"))
    with pytest.raises(Refused, match=EXISTS) as caught:
        store.create(Identity(*named), NOTHING, 1)
    assert 409 == caught.value.status


def test_a_stale_email_reverts_the_contact() -> None:
    """Why a mapping may want to send the userId alone."""
    store = store_of((A, "u1"))
    store.update(Identity(B, "u1"), NOTHING, 1)
    store.update(Identity(A, "u1"), NOTHING, 2)
    assert {(A, "u1")} == everyone(store)


def test_deleted_identifiers_are_free() -> None:
    """Both of them."""
    store = store_of((A, "u1"))
    store.delete(store.newest(1)[0])
    store.create(Identity(B, "u1"), NOTHING, 1)
    store.create(Identity(A, None), NOTHING, 1)
    assert {(B, "u1"), (A, None)} == everyone(store)


def test_past_the_bound_the_contact_changed_longest_ago_is_forgotten() -> None:
    """A change makes a contact young."""
    store = store_of((A, "u1"), (B, "u2"), contacts_max=2)
    store.update(Identity(A), NOTHING, 1)
    store.update(Identity("c@example.com"), NOTHING, 2)
    assert {(A, "u1"), ("c@example.com", None)} == everyone(store)


def test_null_resets_and_what_is_not_named_stays() -> None:
    """Standard properties fall back to what a new contact has."""
    contact = Contact("c1", A, None, 0, 0)
    contact.take(
        Change({"firstName": "Ada", "source": "x", "userGroup": "g"}, {"plan": "pro", "seats": 2}, {}, None), 1
    )
    contact.take(Change({"firstName": None, "source": None, "userGroup": None}, {"plan": None}, {}, None), 2)
    found = contact.public()
    assert {"firstName": None, "source": "API", "userGroup": "", "plan": None, "seats": 2}.items() <= found.items()


def test_lists_are_joined_and_left_and_subscribed_changes_only_when_said() -> None:
    """Lists that are not named stay."""
    contact = Contact("c1", A, None, 0, 0)
    contact.take(Change({}, {}, {"l1": True, "l2": True}, subscribed=False), 1)
    contact.take(Change({}, {}, {"l1": False, "l3": False}, None), 2)
    found = contact.public()
    assert ({"l2": True}, False) == (found["mailingLists"], found["subscribed"])


def test_a_custom_property_cannot_take_the_place_of_what_loops_sets() -> None:
    """Nor hide it."""
    contact = Contact("c1", A, "u1", 0, 0)
    contact.take(Change({}, {"optInStatus": "accepted"}, {}, None), 1)
    assert contact.public()["optInStatus"] is None


def test_a_contact_shows_no_address_in_its_repr() -> None:
    """It may stand in a log."""
    contact = Contact("c1", A, "user-1", 0, 0)
    assert "example" not in repr(contact)
    assert "user-1" not in repr(contact)


emails = st.sampled_from((None, A, B, "c@example.com", "A@example.com"))
user_ids = st.sampled_from((None, "u1", "u2", "u3"))


@given(st.lists(st.tuples(emails, user_ids), max_size=30))
def test_whatever_is_sent_an_identifier_names_one_contact_at_most(named: list[tuple[str | None, str | None]]) -> None:
    """Against the simplest model: a list, searched from its beginning."""
    store, simplest = store_of(), list[list[str | None]]()
    for email, user_id in named:
        folded = email.casefold() if email else None
        found = [each for each in simplest if (folded and each[0] == folded) or (user_id and each[1] == user_id)]
        if len(found) > 1 or (not found and folded is None):
            with pytest.raises(Refused):
                store.update(Identity(email, user_id), NOTHING, 0)
            continue
        store.update(Identity(email, user_id), NOTHING, 0)
        if not found:
            simplest.append([folded, user_id])
        else:
            found[0][:] = [folded or found[0][0], user_id or found[0][1]]
    assert sorted(map(repr, simplest)) == sorted(
        repr([contact.email.casefold(), contact.user_id]) for contact in store.newest(1000)
    )
