"""Requests on the wire."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.request import (
    IDEMPOTENCY_KEY_LENGTH_MAX,
    CreateContact,
    DeleteContact,
    HttpRequest,
    SendEvent,
    UpdateContact,
    find_user,
    idempotency_key,
)
from consumer.core.terms import Terms

WHO = {"rule": "r", "email": "user@example.com", "user_id": "u1", "event_time_ms": 0}


def _seen(request: HttpRequest) -> tuple[str, str, object, str | None]:
    return request.method, request.path, orjson.loads(request.body or b"null"), request.idempotency_key


def test_an_event_is_flat_with_its_own_properties_apart() -> None:
    """Contact properties stand at the top."""
    request = SendEvent(
        **WHO,  # type: ignore[arg-type]  # the four that every request has
        event_name="trialStarted",
        idempotency_key="k",
        event={"plan": "pro"},
        contact={"seats": 5},
        lists={"l1": True},
    )
    body = {
        "seats": 5,
        "email": "user@example.com",
        "userId": "u1",
        "eventName": "trialStarted",
        "eventProperties": {"plan": "pro"},
        "mailingLists": {"l1": True},
    }
    assert ("POST", "/events/send", body, "k") == _seen(request.http())


def test_after_refusals_the_key_bears_their_number() -> None:
    """It is not known whether a refusal uses a key up."""
    request = SendEvent(**WHO, event_name="e", idempotency_key="k")  # type: ignore[arg-type]  # as above
    assert "k.2" == request.http(refusals=2).idempotency_key


def test_refusals_of_its_former_lives_count_too() -> None:
    """A redrive that is refused again must not come back to a key that may be used up."""
    request = SendEvent(**WHO, event_name="e", idempotency_key="k", refusals=1)  # type: ignore[arg-type]  # as above
    assert ("k.1", "k.3") == (request.http().idempotency_key, request.http(refusals=2).idempotency_key)


def test_a_send_can_tell_of_its_contact_alone() -> None:
    """Its properties without those named and without lists, at any age; where that is nothing there is no update."""
    send = SendEvent(
        **WHO,  # type: ignore[arg-type]  # as above
        event_name="e",
        idempotency_key="k",
        event={"plan": "pro"},
        contact={"seats": 5, "subscribed": True},
        lists={"l1": True},
        max_age_s=60,
        terms=Terms(unknown_dropped=True),
    )
    expected = UpdateContact(**WHO, contact={"seats": 5}, terms=send.terms)  # type: ignore[arg-type]  # as above
    assert (expected, None) == (
        send.as_update(without=("subscribed",)),
        send.as_update(without=("subscribed", "seats")),
    )


def test_an_update_and_a_create_are_flat() -> None:
    """Without empty members."""
    update = UpdateContact(**WHO, contact={"plan": None})  # type: ignore[arg-type]  # as above
    create = CreateContact(**WHO, contact={}, lists={"l1": False})  # type: ignore[arg-type]  # as above
    who = {"email": "user@example.com", "userId": "u1"}
    assert ("PUT", "/contacts/update", {"plan": None, **who}, None) == _seen(update.http())
    assert ("POST", "/contacts/create", {**who, "mailingLists": {"l1": False}}, None) == _seen(create.http())


def test_a_delete_names_exactly_one_identifier() -> None:
    """The userId where there is one."""
    both = DeleteContact(**WHO)  # type: ignore[arg-type]  # as above
    email = DeleteContact(rule="r", email="user@example.com", user_id=None, event_time_ms=0)
    assert {"userId": "u1"} == orjson.loads(both.http().body or b"")
    assert {"email": "user@example.com"} == orjson.loads(email.http().body or b"")


def test_a_delete_by_user_that_has_an_email_can_go_by_that() -> None:
    """Once."""
    both, user = (
        DeleteContact(rule="r", email=email, user_id="u1", event_time_ms=0) for email in ("user@example.com", None)
    )
    by_email = DeleteContact(rule="r", email="user@example.com", user_id=None, event_time_ms=0)
    assert (by_email, None, None) == (both.by_email(), user.by_email(), by_email.by_email())


def test_a_look_up_names_the_user_and_bears_nothing_else() -> None:
    """It changes nothing."""
    looking = find_user("u 1")
    assert ("GET", "/contacts/find", {"userId": "u 1"}, None) == (
        looking.method,
        looking.path,
        looking.query,
        looking.body,
    )


def test_a_property_never_overwrites_who_it_is_about() -> None:
    """Not even one that the mapping's checks let through."""
    update = UpdateContact(**WHO, contact={"email": "other@example.com"})  # type: ignore[arg-type]  # as above
    assert "user@example.com" == orjson.loads(update.http().body or b"")["email"]


def test_lanes_are_the_casefolded_address_and_the_user() -> None:
    """One or both."""
    both = DeleteContact(rule="r", email="User@Example.com", user_id="U1", event_time_ms=0)
    one = DeleteContact(rule="r", email=None, user_id="U1", event_time_ms=0)
    assert (("euser@example.com", "uU1"), ("uU1",)) == (both.lanes, one.lanes)


TEXT = st.text(max_size=20)


@given(st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT))
def test_keys_differ_where_their_parts_do(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """And only there; they leave room for the number of refusals."""

    def key(parts: tuple[str, ...]) -> str:
        rule, event_id, event_name, email, user = parts
        return idempotency_key(rule=rule, event_id=event_id, event_name=event_name, email=email, user_id=user)

    same = one[:3] == other[:3] and one[3].casefold() == other[3].casefold() and one[4] == other[4]
    assert same == (key(one) == key(other))
    assert len(key(one)) + 4 <= IDEMPOTENCY_KEY_LENGTH_MAX


def test_a_key_is_the_same_in_every_version() -> None:
    """Golden: another one after an upgrade would mail again."""
    key = idempotency_key(rule="r", event_id="e1", event_name="trialStarted", email="User@Example.com", user_id="u1")
    assert "ab0451d7f7427a3181ee8cbf98c2fcb9b68ef436a2d40fa4076a304fdea4b57c" == key


def test_no_request_shows_a_contact() -> None:
    """Neither in its repr nor in that of what goes over the wire."""
    event = SendEvent(**WHO, event_name="e", idempotency_key="k", contact={"n": "secret"})  # type: ignore[arg-type]  # as above
    for text in (repr(event), str(event), repr(event.http()), f"{event.http()}"):
        assert "example.com" not in text
        assert "u1" not in text
        assert "secret" not in text
