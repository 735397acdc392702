"""The calls under /contacts."""

from __future__ import annotations

import pytest

from consumer.sandbox.contacts import EXISTS, MULTIPLE, UNKNOWN_USER_ID
from tests.sandbox.asking import Asker

A, B = "a@example.com", "b@example.com"


def test_create_makes_a_contact_and_the_second_time_is_a_conflict() -> None:
    """By either identifier."""
    asker = Asker()
    status, made = asker.ask("POST", "/contacts/create", {"email": A, "userId": "u1", "plan": "pro"})
    assert (200, {"success": True, "id": asker.contact(A)["id"]}) == (status, made)
    refused = (409, {"success": False, "message": EXISTS})
    assert refused == asker.ask("POST", "/contacts/create", {"email": A})
    assert refused == asker.ask("POST", "/contacts/create", {"email": B, "userId": "u1"})


@pytest.mark.parametrize("body", ({}, {"userId": "u1"}, {"email": "x"}, {"email": A, "id": "1"}, {"email": A, "x": []}))
def test_create_refuses_a_body_without_an_address_or_with_bad_values(body: dict[str, object]) -> None:
    """And makes nothing."""
    asker = Asker()
    assert 400 == asker.ask("POST", "/contacts/create", body)[0]
    assert 0 == len(asker.model.team.contacts)


def test_update_makes_changes_and_renames() -> None:
    """One call for all; a change of address is an update with userId and the new one."""
    asker = Asker()
    first = asker.ask("PUT", "/contacts/update", {"email": A, "userId": "u1", "plan": "free", "seats": 1})
    second = asker.ask("PUT", "/contacts/update", {"email": B, "userId": "u1", "plan": None})
    assert first == second
    found = asker.contact(B)
    assert ("u1", None, 1) == (found["userId"], found["plan"], found["seats"])
    assert (200, []) == asker.ask("GET", f"/contacts/find?email={A}")


def test_update_refuses_an_unknown_userid_alone_and_two_contacts() -> None:
    """A contact cannot be without an address, and two are never joined."""
    asker = Asker()
    assert (400, {"success": False, "message": UNKNOWN_USER_ID}) == asker.ask(
        "PUT", "/contacts/update", {"userId": "u1"}
    )
    asker.ask("PUT", "/contacts/update", {"email": A, "userId": "u1"})
    asker.ask("PUT", "/contacts/update", {"email": B, "userId": "u2"})
    assert (400, {"success": False, "message": MULTIPLE}) == asker.ask(
        "PUT", "/contacts/update", {"email": A, "userId": "u2"}
    )


def test_a_refused_update_changes_nothing_at_all() -> None:
    """Not even what stood before the bad value."""
    asker = Asker()
    asker.ask("PUT", "/contacts/update", {"email": A, "plan": "free"})
    assert 400 == asker.ask("PUT", "/contacts/update", {"email": A, "userId": "u1", "plan": "pro", "tags": ["x"]})[0]
    found = asker.contact(A)
    assert ("free", None) == (found["plan"], found["userId"])


def test_a_person_who_left_comes_back_only_by_subscribed_true() -> None:
    """An update without it leaves that alone."""
    asker = Asker()
    states = []
    for more in ({"subscribed": False}, {"plan": "pro"}, {"subscribed": True}):
        asker.ask("PUT", "/contacts/update", {"email": A, **more})
        states.append(asker.contact(A)["subscribed"])
    assert [False, False, True] == states


def test_properties_and_lists_that_are_new_are_the_teams() -> None:
    """Made on the fly; a refused request makes none."""
    asker = Asker()
    asker.ask("PUT", "/contacts/update", {"email": A, "plan": "pro", "mailingLists": {"mine": True}})
    asker.ask("PUT", "/contacts/update", {"userId": "nobody", "unseen": 1})
    assert ["plan"] == [each["key"] for each in asker.ask("GET", "/contacts/properties?list=custom")[1]]
    assert "mine" in [each["id"] for each in asker.ask("GET", "/lists")[1]]
    assert {"mine": True} == asker.contact(A)["mailingLists"]


@pytest.mark.parametrize("query", ("", "?email=x", f"?email={A}&userId=u1"))
def test_find_takes_exactly_one_good_identifier(query: str) -> None:
    """Else 400."""
    assert 400 == Asker().ask("GET", f"/contacts/find{query}")[0]


def test_find_by_userid() -> None:
    """The same contact."""
    asker = Asker()
    asker.ask("PUT", "/contacts/update", {"email": A, "userId": "u1"})
    assert (200, [asker.contact(A)]) == asker.ask("GET", "/contacts/find?userId=u1")


def test_delete_by_either_identifier_and_404_where_there_is_none() -> None:
    """Both at once are refused."""
    asker = Asker()
    asker.ask("PUT", "/contacts/update", {"email": A, "userId": "u1"})
    assert 400 == asker.ask("POST", "/contacts/delete", {"email": A, "userId": "u1"})[0]
    assert (200, {"success": True, "message": "Contact deleted."}) == asker.ask(
        "POST", "/contacts/delete", {"userId": "u1"}
    )
    assert (404, {"success": False, "message": "Contact not found."}) == asker.ask(
        "POST", "/contacts/delete", {"email": A}
    )
