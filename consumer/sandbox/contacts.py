"""The team's contacts: who is found by which identifiers, and what becomes of what is said about them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import islice

from consumer.sandbox.change import Change, Identity
from consumer.sandbox.ids import Ids
from consumer.sandbox.reply import Refused

__all__ = ["EXISTS", "MULTIPLE", "UNKNOWN_USER_ID", "Contact", "ContactStore"]

MULTIPLE = "Multiple contacts found for the given criteria"
UNKNOWN_USER_ID = "userId not found and cannot create a new contact without an email."
EXISTS = "Email or userId is already on list."

_RESET = {"firstName": None, "lastName": None, "source": "API", "userGroup": ""}
"""What a standard property is until it is set, and after null; the last two are never null in a contact found."""


@dataclass(slots=True, eq=False)
class Contact:
    """One contact. Times are milliseconds since 1970, UTC."""

    id: str
    email: str = field(repr=False)
    user_id: str | None = field(repr=False)
    created_ms: int
    changed_ms: int
    standard: dict[str, str | None] = field(default_factory=lambda: dict(_RESET), repr=False)
    custom: dict[str, str | float | bool | None] = field(default_factory=dict, repr=False)
    lists: set[str] = field(default_factory=set)
    subscribed: bool = True
    suppressed: bool = False

    def public(self) -> dict[str, object]:
        """As ``contacts/find`` shows it: every custom property it ever had, null where it was reset."""
        return {
            **self.custom,
            "id": self.id,
            "email": self.email,
            **self.standard,
            "subscribed": self.subscribed,
            "userId": self.user_id,
            "mailingLists": dict.fromkeys(sorted(self.lists), True),
            "optInStatus": None,
        }

    def take(self, change: Change, wall_ms: int) -> None:
        """Sets what the change says, and leaves the rest."""
        self.changed_ms = wall_ms
        for name, value in change.standard.items():
            self.standard[name] = _RESET[name] if value is None else value
        self.custom.update(change.custom)
        self.lists.update(key for key, joins in change.lists.items() if joins)
        self.lists.difference_update(key for key, joins in change.lists.items() if not joins)
        if change.subscribed is not None:
            self.subscribed = change.subscribed


class ContactStore:
    """Contacts by email (without regard to case) and by userId.

    Named by both, either finds the contact and the other identifier is overwritten; no request ever joins two contacts.
    """

    def __init__(self, ids: Ids, contacts_max: int) -> None:
        """Past ``contacts_max`` the contact changed longest ago is forgotten."""
        self._ids = ids
        self._contacts_max = contacts_max
        self._contacts: OrderedDict[str, Contact] = OrderedDict()
        self._by_email: dict[str, Contact] = {}
        self._by_user_id: dict[str, Contact] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._contacts)

    def newest(self, limit: int) -> list[Contact]:
        """The last changed ones, the very last first."""
        return list(islice(reversed(self._contacts.values()), limit))

    def found(self, who: Identity) -> list[Contact]:
        """The contacts that either identifier names: none, one, or two."""
        by_email = self._by_email.get(who.email.casefold()) if who.email is not None else None
        by_user_id = self._by_user_id.get(who.user_id) if who.user_id is not None else None
        found = [contact for contact in (by_email, by_user_id) if contact is not None]
        return found[:1] if by_email is by_user_id else found

    def find(self, who: Identity) -> Contact | None:
        """The contact; raises :class:`Refused` (400) where the identifiers name two."""
        found = self.found(who)
        if len(found) > 1:
            raise Refused(400, MULTIPLE)
        return found[0] if found else None

    def create(self, who: Identity, change: Change, wall_ms: int) -> Contact:
        """A new one; raises :class:`Refused` (409) where either identifier is taken already."""
        if self.found(who):
            raise Refused(409, EXISTS)
        return self._new(who, change, wall_ms)

    def update(self, who: Identity, change: Change, wall_ms: int) -> Contact:
        """Changes the one that is named, or makes it; raises :class:`Refused` (400) where neither can be.

        A contact without an email cannot be: an unknown userId alone is refused.
        """
        contact = self.find(who)
        if contact is None:
            return self._new(who, change, wall_ms)
        self._rename(contact, who)
        contact.take(change, wall_ms)
        self._contacts.move_to_end(contact.id)
        return contact

    def delete(self, contact: Contact) -> None:
        """Forgets it; its identifiers are free."""
        del self._contacts[contact.id]
        del self._by_email[contact.email.casefold()]
        if contact.user_id is not None:
            del self._by_user_id[contact.user_id]

    def _new(self, who: Identity, change: Change, wall_ms: int) -> Contact:
        if who.email is None:
            raise Refused(400, UNKNOWN_USER_ID)
        contact = Contact(self._ids.new(), who.email, who.user_id, wall_ms, wall_ms)
        contact.take(change, wall_ms)
        self._contacts[contact.id] = contact
        self._by_email[who.email.casefold()] = contact
        if who.user_id is not None:
            self._by_user_id[who.user_id] = contact
        if len(self._contacts) > self._contacts_max:
            self.delete(next(iter(self._contacts.values())))
        return contact

    def _rename(self, contact: Contact, who: Identity) -> None:
        if who.email is not None and who.email.casefold() != contact.email.casefold():
            del self._by_email[contact.email.casefold()]
            contact.email = who.email
            self._by_email[who.email.casefold()] = contact
        if who.user_id is not None and who.user_id != contact.user_id:
            if contact.user_id is not None:
                del self._by_user_id[contact.user_id]
            contact.user_id = who.user_id
            self._by_user_id[who.user_id] = contact
