"""What a backfill makes of a rule's plan: the one place that decides what of the past is told, and how.

1. Nothing joins again who has left since: no list and no ``subscribed`` is sent.
2. What is told of a contact is told at any age, by any number of requests an hour; an event keeps its rule's terms, and
   where it may not go, or has gone before, what it says of its contact goes as an update.
3. No delete is sent: who came back since would lose what the past does not tell. What is older than a delete is stale.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import orjson

from consumer.core.record import Plan, Position, Rejection
from consumer.core.request import CreateContact, DeleteContact, Request, SendEvent, UpdateContact
from consumer.core.terms import Terms

__all__ = ["Course", "Outdated", "rekeyed"]

Outdated = Callable[[Request, Position], bool]
"""Whether the contact was deleted after this request's record, which lies there."""

_STALE_AT_ANY_AGE = -math.inf
"""A bound that every age exceeds."""

_JOINS = "subscribed"


@dataclass(frozen=True, slots=True)
class Course:
    """How one backfill goes about it."""

    group: str
    """Its consumer group."""
    send_events: bool = False
    """Whether events go too, and not only what they say of contacts."""
    rekey: bool = False
    """Whether events go under keys of this backfill, so that Loops takes those for new that it has had."""

    def plans(self, plans: tuple[Plan, ...], at: Position, outdated: Outdated) -> tuple[Plan, ...]:
        """What it makes of a record's plans, in their order; nothing of those of which nothing is left to tell.

        How many come out depends on the plans and on this course alone, as commits tell of plans by their place.
        """
        found = (self._plan(plan) for plan in plans)
        return tuple(_judged(plan, at, outdated) for plan in found if plan is not None)

    def digest(self, mapping: str) -> str:
        """What stands for a mapping's digest: commits tell of plans, and those of another course are others."""
        return hashlib.sha256(f"{mapping}, backfilled, {self.send_events}".encode()).hexdigest()[: len(mapping)]

    def _plan(self, plan: Plan) -> Plan | None:
        match plan:
            case SendEvent() if self.send_events:
                return self._event(plan)
            case SendEvent():
                update = plan.as_update(without=(_JOINS,))
                return None if update is None else replace(update, terms=_of_update(update.terms))
            case UpdateContact() | CreateContact():
                told = {name: value for name, value in plan.contact.items() if name != _JOINS}
                terms = _of_update(plan.terms)
                return replace(plan, contact=told, lists={}, max_age_s=None, terms=terms) if told else None
            case DeleteContact():
                return None
            case Rejection():
                return plan

    def _event(self, event: SendEvent) -> SendEvent:
        told = {name: value for name, value in event.contact.items() if name != _JOINS}
        key = rekeyed(event.idempotency_key, self.group) if self.rekey else event.idempotency_key
        return replace(event, contact=told, lists={}, terms=_of_event(event.terms), idempotency_key=key)


def rekeyed(key: str, group: str) -> str:
    """A key of this group's own for what has that key: the same in any process, 64 hexadecimal characters."""
    return hashlib.sha256(orjson.dumps(("backfill", group, key))).hexdigest()


def _judged(plan: Plan, at: Position, outdated: Outdated) -> Plan:
    """A request of a contact that was deleted behind it stays, and is stale whenever it could leave."""
    if isinstance(plan, Rejection) or not outdated(plan, at):
        return plan
    if isinstance(plan, SendEvent):
        return replace(plan, max_age_s=_STALE_AT_ANY_AGE, terms=replace(plan.terms, stale_update=False))
    return replace(plan, max_age_s=_STALE_AT_ANY_AGE)


@lru_cache(maxsize=1_000)
def _of_update(terms: Terms) -> Terms:
    """A budget for what mails people does not bound what mails nobody."""
    return replace(terms, max_per_hour=None)


@lru_cache(maxsize=1_000)
def _of_event(terms: Terms) -> Terms:
    """As if its rule acted once: where Loops knows its key, as where it is too old, its contact is told."""
    return replace(terms, once=True, stale_update=True)
