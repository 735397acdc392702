"""Which call stands behind which path and method; names are the operationIds of Loops' OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

from consumer.sandbox.calls import account, contacts, events, patterns, properties, suppression, transactional
from consumer.sandbox.reply import Answered
from consumer.sandbox.team import Received, Team

__all__ = ["ROUTES", "Route", "route_for"]

Act: TypeAlias = Callable[[Team, Received], Answered]


@dataclass(frozen=True, slots=True)
class Route:
    """One call."""

    name: str
    act: Act
    has_body: bool = False


ROUTES: Mapping[str, Mapping[str, Route]] = {
    "/api-key": {"GET": Route("testApiKey", account.api_key)},
    "/contacts/create": {"POST": Route("createContact", contacts.create, has_body=True)},
    "/contacts/update": {"PUT": Route("updateContact", contacts.update, has_body=True)},
    "/contacts/find": {"GET": Route("findContact", contacts.find)},
    "/contacts/delete": {"POST": Route("deleteContact", contacts.delete, has_body=True)},
    "/contacts/suppression": {
        "GET": Route("getContactSuppression", suppression.status),
        "DELETE": Route("removeContactSuppression", suppression.remove),
    },
    "/contacts/properties": {
        "POST": Route("createContactProperty", properties.create, has_body=True),
        "GET": Route("listContactProperties", properties.listed),
    },
    "/events/send": {"POST": Route("sendEvent", events.send, has_body=True)},
    "/event-patterns": {"GET": Route("listEventPatterns", patterns.listed)},
    "/event-patterns/by-name/{eventName}": {"GET": Route("getEventPatternByName", patterns.by_name)},
    "/event-patterns/{eventPatternId}": {"GET": Route("getEventPattern", patterns.by_id)},
    "/lists": {"GET": Route("listMailingLists", account.lists)},
    "/transactional": {
        "POST": Route("sendTransactionalEmail", transactional.send, has_body=True),
        "GET": Route("listPublishedTransactionalEmails", transactional.listed),
    },
}
"""Path, relative to the base address, to method to call."""

_WITH_ARGUMENT = sorted(
    ((path.partition("{")[0], methods) for path, methods in ROUTES.items() if "{" in path),
    key=lambda each: -len(each[0]),
)


def route_for(path: str) -> tuple[Mapping[str, Route], str] | None:
    """The calls of an encoded path and its decoded argument; ``None`` where Loops has no such path."""
    exact = ROUTES.get(path)
    if exact is not None and "{" not in path:
        return exact, ""
    for prefix, methods in _WITH_ARGUMENT:
        argument = path.removeprefix(prefix)
        if argument != path and argument and "/" not in argument:
            return methods, unquote(argument)
    return None
