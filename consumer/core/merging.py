"""Which requests that wait for one contact become one, and what that one says.

The newest takes in the older: an update what an update before it says, an event that too. What both tell, the newer one
tells last, as it would have. Events never become one, and a create or a delete stays what it is.

An event takes in nothing of which it says otherwise: where Loops knows its key already, it is not known whether that
was before or after the update was made; the update then goes out again as it is, and must not undo what the event said.
Nor does it take in what such an update has become one with: each then goes out by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from consumer.core.request import Request, SendEvent, UpdateContact, Value

__all__ = ["PARTS_MAX", "may_be_carried", "may_carry", "may_carry_others", "merged"]

PARTS_MAX: Final = 100
"""Requests that become one at most. All end at once, and scattered offsets of so many take some 800 of the 4,095 bytes
beside a committed offset."""

_Teller = TypeVar("_Teller", bound=SendEvent | UpdateContact)


def may_be_carried(request: Request) -> bool:
    """Whether one behind it may tell what it says: an update that neither counts nor comes to an end of its own."""
    return isinstance(request, UpdateContact) and request.terms.max_per_hour is None and not _needs_contact(request)


def may_carry_others(request: Request) -> bool:
    """Whether it may tell what one before it says: such an update, or an event."""
    return may_be_carried(request) or (isinstance(request, SendEvent) and not _needs_contact(request))


def may_carry(newer: Request, older: Request, *, updates: bool, into_events: bool) -> bool:
    """Whether a request may tell what one before it says, which then needs no request of its own.

    ``updates`` and ``into_events``: whether an update may be told by an update, and by an event.
    """
    if not (may_carry_others(newer) and may_be_carried(older) and newer.identity() == older.identity()):
        return False
    if isinstance(newer, SendEvent) and isinstance(older, UpdateContact):
        return into_events and not _differs(newer, older)
    return updates


def merged(newer: Request, older: Request) -> Request:
    """What both say, as one request. Raises TypeError for two that can not be one."""
    if not isinstance(newer, SendEvent | UpdateContact) or not isinstance(older, UpdateContact):
        raise TypeError("these can not be one request")
    return _with(newer, older)


def _with(newer: _Teller, older: UpdateContact) -> _Teller:
    return replace(newer, contact={**older.contact, **newer.contact}, lists={**older.lists, **newer.lists})


def _needs_contact(request: SendEvent | UpdateContact) -> bool:
    """Its rule says what becomes of it where Loops knows no such contact; by a userId alone it makes none."""
    return request.email is None and bool(request.terms.unknown_dropped or request.terms.unknown_wait_s)


def _differs(event: SendEvent, update: UpdateContact) -> bool:
    """Whether they say different things of the same property or list."""
    return _differ(event.contact, update.contact) or _differ(event.lists, update.lists)


def _differ(newer: Mapping[str, Value], older: Mapping[str, Value]) -> bool:
    """As JSON, where 1 is not true."""
    both = newer.keys() & older.keys()
    return any(newer[name] != older[name] or type(newer[name]) is not type(older[name]) for name in both)
