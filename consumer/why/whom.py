"""Whom a question is about: the identifiers that were given, and those that turn out to be the same person's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

__all__ = ["LEARNED_MAX", "Identity", "Whom", "email_of", "user_id_of"]

LEARNED_MAX: Final = 5
"""Addresses, and userIds, that are looked for beside the given ones: an address of a team may have hundreds."""


def email_of(found: object) -> str | None:
    """An address to compare by; ``None`` where it is none. White space around it is no difference here."""
    return found.strip().casefold() or None if isinstance(found, str) else None


def user_id_of(found: object) -> str | None:
    """A userId as the text that Loops is sent; ``None`` where it is none."""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found).strip() or None


@dataclass(frozen=True, slots=True)
class Identity:
    """What something says of whom it is about, to compare by."""

    email: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)


class Whom:
    """Grows by what is said beside a given identifier, and by nothing else.

    Who shares a userId with an address that shares it with another one may be somebody else.
    """

    def __init__(self, email: str | None = None, user_id: str | None = None) -> None:
        """At least one of the two."""
        self._given = Identity(email_of(email), user_id_of(user_id))
        self.emails: dict[str, str] = {} if self._given.email is None else {self._given.email: ""}
        """By what is compared; where each was learned, empty for what was given."""
        self.user_ids: dict[str, str] = {} if self._given.user_id is None else {self._given.user_id: ""}
        """The same."""
        self.left_out = 0
        """How often one more was said than are looked for."""

    @property
    def texts(self) -> frozenset[str]:
        """All that is looked for."""
        return frozenset({*self.emails, *self.user_ids})

    def is_meant(self, identity: Identity) -> bool:
        """Whether it is one of theirs."""
        return identity.email in self.emails or identity.user_id in self.user_ids

    def learn(self, identity: Identity, source: str) -> bool:
        """Takes in what ``source`` says beside a given identifier. Returns whether there is more to look for now."""
        given = self._given
        more = False
        if identity.email is not None and identity.email == given.email:
            more = self._add(self.user_ids, identity.user_id, source)
        if identity.user_id is not None and identity.user_id == given.user_id:
            more = self._add(self.emails, identity.email, source) or more
        return more

    def _add(self, known: dict[str, str], found: str | None, source: str) -> bool:
        if found is None or found in known:
            return False
        if sum(map(bool, known.values())) >= LEARNED_MAX:
            self.left_out += 1
            return False
        known[found] = source
        return True
