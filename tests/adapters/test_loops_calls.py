"""The calls made by hand: what goes out, what comes back, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from consumer.adapters.loops_calls import (
    EVENT_NAMES_MAX,
    CallFailed,
    ContactProperty,
    LoopsCalls,
    MailingList,
)
from consumer.core.outcome import Answer, Response, TransportFailure
from tests.fakes.loops_api import FakeLoopsApi, from_script

EMAIL = "someone@example.com"
ASK: dict[str, Callable[[LoopsCalls], Awaitable[Any]]] = {
    "api_key": lambda calls: calls.api_key(),
    "find": lambda calls: calls.find(email=EMAIL),
    "create": lambda calls: calls.create(email=EMAIL, user_id=None, properties={}, lists={}),
    "update": lambda calls: calls.update(email=EMAIL, user_id=None, properties={}, lists={}),
    "delete": lambda calls: calls.delete(email=EMAIL),
    "contact_properties": lambda calls: calls.contact_properties(),
    "lists": lambda calls: calls.lists(),
    "event_names": lambda calls: calls.event_names(),
    "event_properties": lambda calls: calls.event_properties("trialStarted"),
}


def answering(*answers: Answer) -> tuple[FakeLoopsApi, LoopsCalls]:
    """The fake that gives these answers, and the calls made of it."""
    api = FakeLoopsApi(from_script(answers))
    return api, LoopsCalls(api)


def json(document: object, status: int = 200, **headers: str) -> Response:
    """An answer of Loops."""
    return Response(status, headers, orjson.dumps(document))


async def test_the_team_of_a_key() -> None:
    """The name that Loops shows."""
    api, calls = answering(json({"success": True, "teamName": "Acme"}))

    assert "Acme" == await calls.api_key()
    assert [("GET", "/api-key")] == [(seen.method, seen.path) for seen in api.requests]


async def test_find_asks_by_the_one_identifier_that_is_given() -> None:
    """By either; with both or none the question makes no sense to Loops."""
    api, calls = answering(json([{"email": EMAIL}]), json([]))

    assert {"email": EMAIL} == await calls.find(email=EMAIL)
    assert await calls.find(user_id="u1") is None
    assert [{"email": EMAIL}, {"userId": "u1"}] == [seen.query for seen in api.requests]
    with pytest.raises(ValueError, match="exactly one"):
        await calls.find(email=EMAIL, user_id="u1")


async def test_a_change_is_one_flat_body() -> None:
    """Properties stand beside the identity; lists are an object of their own."""
    api, calls = answering(json({"success": True, "id": "c1"}))
    ids = (
        await calls.create(email=EMAIL, user_id="u1", properties={"plan": "pro"}, lists={"l1": True}),
        await calls.update(email=None, user_id="u1", properties={"plan": None}, lists={}),
    )

    bodies = [orjson.loads(seen.body or b"") for seen in api.requests]
    assert ("c1", "c1") == ids
    assert [{"plan": "pro", "email": EMAIL, "userId": "u1", "mailingLists": {"l1": True}}] == bodies[:1]
    assert [{"plan": None, "userId": "u1"}] == bodies[1:]
    assert [("POST", "/contacts/create"), ("PUT", "/contacts/update")] == [(s.method, s.path) for s in api.requests]


async def test_delete_names_one_identifier() -> None:
    """Loops takes exactly one."""
    api, calls = answering(json({"success": True, "message": "Contact deleted."}))
    await calls.delete(user_id="u1")

    assert [b'{"userId":"u1"}'] == [seen.body for seen in api.requests]


async def test_what_the_team_has() -> None:
    """Properties and lists as values, a missing member as an empty one."""
    _, properties = answering(json([{"key": "plan", "label": "Plan", "type": "string"}, {"key": "x"}]))
    _, lists = answering(json([{"id": "l1", "name": "News", "description": None, "isPublic": True}]))

    assert (ContactProperty("plan", "Plan", "string"), ContactProperty("x", "", "")) == (
        await properties.contact_properties()
    )
    assert (MailingList("l1", "News", is_public=True),) == await lists.lists()


def page_of(cursor: str | None, *names: str) -> Response:
    """A page of events, and where the next one begins."""
    return json({"pagination": {"nextCursor": cursor}, "data": [{"eventName": name} for name in names]})


async def test_event_names_come_page_by_page() -> None:
    """Until Loops names no further page; a page without any ends it too."""
    api, calls = answering(page_of("c2", "a", "b"), page_of(None, "c"), page_of("c2", "a"), page_of("c3"))

    assert ("a", "b", "c") == await calls.event_names()
    assert ("a",) == await calls.event_names()
    assert [{"perPage": "50"}, {"perPage": "50", "cursor": "c2"}] == [seen.query for seen in api.requests[:2]]


async def test_a_team_of_endless_events_ends() -> None:
    """At a bound."""
    api, calls = answering(page_of("again", *(f"event{number}" for number in range(50))))

    assert EVENT_NAMES_MAX == len(await calls.event_names())
    assert EVENT_NAMES_MAX / 50 == len(api.requests)


async def test_the_properties_of_an_event() -> None:
    """By its exact name, whatever stands in it; none where Loops does not know it."""
    known = json({"eventName": "a/b c", "eventProperties": [{"name": "total", "type": "number"}]})
    api, calls = answering(known, json({"success": False, "message": "Event pattern not found."}, 404))

    assert {"total": "number"} == await calls.event_properties("a/b c")
    assert await calls.event_properties("other") is None
    assert "/event-patterns/by-name/a%2Fb%20c" == api.requests[0].path


@pytest.mark.parametrize(
    ("answer", "reason", "says"),
    (
        (TransportFailure.CONNECT, "connect_failed", "could not be reached"),
        (TransportFailure.TIMEOUT, "timeout", "in time"),
        (TransportFailure.BROKEN, "connection_broken", "not known"),
        (json({"success": False, "message": "Invalid API key"}, 401), "unauthorized", "refuses the key"),
        (json({"success": False}, 403), "forbidden", "forbids"),
        (json({"success": False, "message": "slow"}, 429, **{"retry-after": "7"}), "throttled", "in 7 s"),
        (json({"success": False, "message": "slow"}, 429), "throttled", "in a second"),
        (json({"success": False, "message": "Bad plan"}, 400), "refused", "Bad plan"),
        (Response(404, {}, b"<html>"), "no_such_page", "not Loops' API"),
        (Response(302, {"location": "/x"}), "redirected", "not Loops' API"),
        (Response(503, {}, b"oh"), "server_error", "status 503"),
        (Response(200, {}, b"<html>"), "bad_body", "not the JSON"),
        (json({"success": False}), "bad_body", "not the JSON"),
        (json([1]), "bad_body", "not the JSON"),
        (json("no"), "bad_body", "not the JSON"),
    ),
)
@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
async def test_a_call_that_fails_says_why_in_a_sentence(
    ask: Callable[[LoopsCalls], Awaitable[Any]], answer: Answer, reason: str, says: str
) -> None:
    """Whatever was asked."""
    _, calls = answering(answer)

    with pytest.raises(CallFailed, match=says) as failed:
        await ask(calls)

    assert reason == failed.value.reason


@pytest.mark.parametrize(
    ("ask", "status", "says"), (("create", 409, "update changes it"), ("delete", 404, "no such contact"))
)
async def test_what_is_a_success_for_a_record_is_none_for_a_person(ask: str, status: int, says: str) -> None:
    """Who creates or deletes by hand wants to know that nothing happened."""
    _, calls = answering(json({"success": False, "message": "no"}, status))

    with pytest.raises(CallFailed, match=says):
        await ASK[ask](calls)


async def test_a_refusal_quotes_no_address_and_steers_no_terminal() -> None:
    """Loops' words come from outside."""
    _, calls = answering(json({"success": False, "message": f"{EMAIL} \x1b[31mis bad"}, 400))

    with pytest.raises(CallFailed) as failed:
        await calls.find(email=EMAIL)

    assert "Loops refuses GET /contacts/find (status 400): (address) ?[31mis bad" == str(failed.value)
