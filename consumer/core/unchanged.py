"""What contacts were told lately: an update that says the same again needs no request.

It is of this process and of one assignment of a partition, and it may be forgotten at any time: that costs a request.
What others change at Loops is not seen here, so nothing of it is older than its rule's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from consumer.core.delivery import Delivery
from consumer.core.outcome import Outcome
from consumer.core.recent import Recent
from consumer.core.record import TopicPartition
from consumer.core.request import Call, DeleteContact, Request, UpdateContact, Value

__all__ = ["IDENTIFIERS_MAX", "ToldContacts"]

IDENTIFIERS_MAX: Final = 50_000
"""Identifiers that are remembered; a contact has one or two. With ten properties each they take some 40 MB."""

_Said: TypeAlias = Mapping[tuple[str, str], Value]
"""Each property, each list, and that the contact is there, by kind and name."""


class _Told(NamedTuple):
    value: Value
    at: float


@dataclass(slots=True, eq=False)
class _Contact:
    """What one identity was told by the requests of one assignment."""

    identity: Mapping[str, object]
    partition: TopicPartition
    epoch: int
    told: dict[tuple[str, str], _Told] = field(default_factory=dict, repr=False)


class ToldContacts:
    """Of each identifier (a lane), what the request that named it last told, and those of its identity before."""

    __slots__ = ("_contacts", "_for_s")

    def __init__(self, for_s: float) -> None:
        """Nothing was told; what is told counts for so many seconds, none where that is 0."""
        self._for_s = for_s
        self._contacts: Recent[str, _Contact] = Recent(IDENTIFIERS_MAX)

    def answered(self, delivery: Delivery, outcome: Outcome, *, now: float) -> None:
        """An attempt ended. But for a 200 it is not known what its contact is told now, nor who that is."""
        if not self._for_s or delivery.call is Call.FIND:
            return
        said = _said(delivery.whole) if outcome.reason == "ok" else None
        if said is None:
            for lane in delivery.lanes:
                self._contacts.drop(lane)
            return
        of = delivery.of
        contact = self._known(delivery) or _Contact(delivery.request.identity(), of.partition, of.epoch)
        contact.told.update({name: _Told(value, now) for name, value in said.items()})
        for lane in delivery.lanes:
            self._contacts.put(lane, contact)

    def says_nothing_new(self, delivery: Delivery, *, now: float) -> bool:
        """Whether it is an update of which all was told within the time, and nothing else since."""
        if not self._for_s or delivery.former is not None or not isinstance(delivery.request, UpdateContact):
            return False
        contact, said = self._known(delivery), _said(delivery.whole)
        return (
            contact is not None and said is not None and all(self._counts(contact, *one, now) for one in said.items())
        )

    def _known(self, delivery: Delivery) -> _Contact | None:
        """The contact of its identity and assignment, where no other was named by an identifier of it since."""
        contact = self._contacts.get(delivery.lanes[0])
        same = contact is not None and all(self._contacts.get(lane) is contact for lane in delivery.lanes)
        if contact is None or not same or contact.identity != delivery.request.identity():
            return None
        return contact if (contact.partition, contact.epoch) == (delivery.of.partition, delivery.of.epoch) else None

    def _counts(self, contact: _Contact, name: tuple[str, str], value: Value, now: float) -> bool:
        told = contact.told.get(name)
        same = told is not None and told.value == value and type(told.value) is type(value)
        return told is not None and same and now < told.at + self._for_s


def _said(request: Request) -> _Said | None:
    """What a request that was taken has told of its contact; None of a delete."""
    if isinstance(request, DeleteContact):
        return None
    properties = {("property", name): value for name, value in request.contact.items()}
    return {("contact", ""): True, **properties, **{("list", name): joined for name, joined in request.lists.items()}}
