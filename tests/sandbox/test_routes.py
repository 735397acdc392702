"""Every call of Loops' OpenAPI document is there, and every answer is one that the document has."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from consumer.sandbox.routes import ROUTES, route_for
from tests.sandbox.asking import Asker

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
DOCUMENT: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("openapi.yaml").read_text("utf-8"))
PATHS: dict[str, dict[str, Any]] = {path.removeprefix("/v1"): item for path, item in DOCUMENT["paths"].items()}
DOCUMENTED = [
    (method.upper(), path, status)
    for path, item in PATHS.items()
    for method in METHODS
    for status in item.get(method, {}).get("responses", {})
]

A = {"email": "a@example.com"}
MAIL = {**A, "transactionalId": "cll42l54f20i1la0lfooe3z12"}
FULL_MAIL = {**MAIL, "dataVariables": {"confirmationUrl": "https://example.com"}}
SEND = {**A, "eventName": "paid", "eventProperties": {"plan": "pro"}}
WAYS: dict[tuple[str, str, str], list[tuple[str, object]]] = {
    ("GET", "/api-key", "200"): [("/api-key", None)],
    ("POST", "/contacts/create", "200"): [("/contacts/create", {"email": "new@example.com"})],
    ("POST", "/contacts/create", "400"): [("/contacts/create", {}), ("/contacts/create", [])],
    ("POST", "/contacts/create", "409"): [("/contacts/create", A)],
    ("PUT", "/contacts/update", "200"): [("/contacts/update", {**A, "firstName": "Ada", "plan": "pro"})],
    ("PUT", "/contacts/update", "400"): [("/contacts/update", {}), ("/contacts/update", {"userId": "nobody"})],
    ("GET", "/contacts/find", "200"): [
        ("/contacts/find?email=a@example.com", None),
        ("/contacts/find?userId=nobody", None),
    ],
    ("GET", "/contacts/find", "400"): [("/contacts/find", None), ("/contacts/find?email=x", None)],
    ("POST", "/contacts/delete", "200"): [("/contacts/delete", A)],
    ("POST", "/contacts/delete", "400"): [("/contacts/delete", {**A, "userId": "u1"})],
    ("POST", "/contacts/delete", "404"): [("/contacts/delete", {"userId": "nobody"})],
    ("GET", "/contacts/suppression", "200"): [("/contacts/suppression?userId=u1", None)],
    ("GET", "/contacts/suppression", "400"): [("/contacts/suppression", None)],
    ("GET", "/contacts/suppression", "404"): [("/contacts/suppression?userId=nobody", None)],
    ("DELETE", "/contacts/suppression", "200"): [("/contacts/suppression?userId=u1", None)],
    ("DELETE", "/contacts/suppression", "400"): [("/contacts/suppression?userId=u2", None)],
    ("DELETE", "/contacts/suppression", "404"): [("/contacts/suppression?userId=nobody", None)],
    ("POST", "/contacts/properties", "200"): [("/contacts/properties", {"name": "color", "type": "string"})],
    ("POST", "/contacts/properties", "400"): [("/contacts/properties", {"name": "color", "type": "x"})],
    ("GET", "/contacts/properties", "200"): [
        ("/contacts/properties", None),
        ("/contacts/properties?list=custom", None),
    ],
    ("POST", "/events/send", "200"): [("/events/send", SEND)],
    ("POST", "/events/send", "400"): [("/events/send", A), ("/events/send", {"userId": "x", "eventName": "e"})],
    ("POST", "/events/send", "409"): [("/events/send", SEND)],
    ("GET", "/event-patterns", "200"): [("/event-patterns", None), ("/event-patterns?perPage=10", None)],
    ("GET", "/event-patterns", "400"): [("/event-patterns?perPage=9", None), ("/event-patterns?cursor=!", None)],
    ("GET", "/event-patterns/by-name/{eventName}", "200"): [("/event-patterns/by-name/known", None)],
    ("GET", "/event-patterns/by-name/{eventName}", "400"): [("/event-patterns/by-name/a%3Ab", None)],
    ("GET", "/event-patterns/by-name/{eventName}", "404"): [("/event-patterns/by-name/unknown", None)],
    ("GET", "/event-patterns/{eventPatternId}", "200"): [("/event-patterns/KNOWN", None)],
    ("GET", "/event-patterns/{eventPatternId}", "400"): [("/event-patterns/not-one", None)],
    ("GET", "/event-patterns/{eventPatternId}", "404"): [("/event-patterns/cm0", None)],
    ("GET", "/lists", "200"): [("/lists", None)],
    ("POST", "/transactional", "200"): [("/transactional", FULL_MAIL)],
    ("POST", "/transactional", "400"): [
        ("/transactional", MAIL),
        ("/transactional", {**FULL_MAIL, "email": "x"}),
        ("/transactional", {**FULL_MAIL, "attachments": [{}]}),
        ("/transactional", []),
    ],
    ("POST", "/transactional", "404"): [("/transactional", {**FULL_MAIL, "transactionalId": "x"})],
    ("POST", "/transactional", "409"): [("/transactional", FULL_MAIL)],
    ("GET", "/transactional", "200"): [("/transactional", None)],
}
"""How to come to each documented answer; 401 and 405 come in the same way everywhere."""


def prepared() -> Asker:
    """A team with two contacts, of whom one is suppressed, an event name, and the key ``used`` used for both calls."""
    asker = Asker()
    asker.send("used", eventName="known", userId="u1", eventProperties={"plan": "pro", "seats": 1, "at": "2026-05-01"})
    asker.ask("PUT", "/contacts/update", {"email": "b@example.com", "userId": "u2", "paying": True})
    asker.ask("POST", "/transactional", FULL_MAIL, key="used")
    contact = asker.model.team.contacts.newest(2)[1]
    contact.suppressed = True
    return asker


def schema_of(response: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of an answer, or ``None`` where the document leaves it open.

    Two places of the document contradict what it says in words, and are read as the words have them. The answers to a
    refused transactional email are told apart by ``oneOf``, though the simplest of them fits all the others too.
    ``incomingWebhookPlatform`` "will be null", but its enum has the word 'null' in quotes.
    """
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    components = deepcopy(DOCUMENT["components"])
    for name in ("EventPattern", "EventPatternSummary"):
        platform = components["schemas"][name]["properties"]["incomingWebhookPlatform"]
        platform["enum"] = [None if each == "null" else each for each in platform["enum"]]
    told_apart = {"anyOf" if name == "oneOf" else name: value for name, value in schema.items()}
    return {**told_apart, "components": components}


def test_every_call_of_the_document_is_there_and_no_other() -> None:
    """By path, method and operationId."""
    documented = {
        (path, method.upper(), item[method]["operationId"])
        for path, item in PATHS.items()
        for method in METHODS
        if method in item
    }
    there = {(path, method, route.name) for path, methods in ROUTES.items() for method, route in methods.items()}
    assert documented == there


@pytest.mark.parametrize(("method", "path", "status"), DOCUMENTED)
def test_every_documented_answer_is_given_as_documented(method: str, path: str, status: str) -> None:
    """Status, content type and schema."""
    response = PATHS[path][method.lower()]["responses"][status]
    schema = schema_of(response)
    for reply in replies(method, path, status):
        assert int(status) == reply.status
        assert "application/json; charset=utf-8" == reply.headers["content-type"]
        if schema is not None:
            Draft202012Validator(schema).validate(orjson.loads(reply.body))


def replies(method: str, path: str, status: str) -> list[Any]:
    """What is answered where that status is due."""
    sample = re.sub(r"\{\w+\}", "known", path)
    if status == "401":
        return [prepared().reply(method, sample, headers={"authorization": "Bearer another"})]
    if status == "405":
        unknown = {each.upper() for each in METHODS} - set(ROUTES[path])
        return [prepared().reply(each, sample) for each in sorted(unknown)]
    found = []
    for address, body in WAYS[method, path, status]:
        asker = prepared()
        known = asker.model.team.patterns.by_name("known")
        assert known is not None
        headers = {"idempotency-key": "used"} if status == "409" else {}
        found.append(asker.reply(method, address.replace("KNOWN", known.id), body, headers=headers))
    return found


@pytest.mark.parametrize(
    "path", ("/", "", "/nope", "/contacts", "/contacts/find/", "/event-patterns/by-name/a/b", "//lists")
)
def test_other_paths_are_not_there(path: str) -> None:
    """As at Loops: 404 that is not JSON, whatever the key."""
    assert route_for(path) is None
    reply = Asker().reply("GET", path, headers={"authorization": ""})
    assert (404, "text/html; charset=utf-8") == (reply.status, reply.headers["content-type"])


def test_a_pattern_of_a_path_is_no_path() -> None:
    """Braces are characters like others."""
    found = route_for("/event-patterns/{eventPatternId}")
    assert found is not None
    assert "{eventPatternId}" == found[1]
