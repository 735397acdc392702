"""What became of contacts since the backfill began, by records behind its range: the past must not set that back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from consumer.backfill.deletes import IDENTIFIERS_MAX, TooManyContacts
from consumer.core.record import Batch, Plan
from consumer.core.request import DeleteContact, SendEvent, UpdateContact, lanes_of
from consumer.mapping.plan import at_clock
from consumer.preview.contacts import hashed

__all__ = ["Since", "Touched", "touched_by"]


class Touched(NamedTuple):
    """What one request of the consumer that runs beside does to its contact. It holds personal data."""

    lanes: Sequence[str]
    names: frozenset[str] | None
    """Of the properties that it sets; ``None``: it deletes the contact."""


_GONE: Final = None
_NOTHING: Final[frozenset[str]] = frozenset()


def touched_by(batch: Batch, *, clock_ms: int) -> Iterator[Touched]:
    """What the plans of this batch do, handled at that moment (milliseconds since 1970).

    A create says nothing: where the contact is there it changes nothing.
    """
    for received in batch.values():
        for wanted in received.wanted:
            for plan in wanted.plans:
                yield from _touched(plan, clock_ms)


def _touched(plan: Plan, clock_ms: int) -> Iterator[Touched]:
    done = at_clock(plan, clock_ms)
    if isinstance(done, DeleteContact):
        yield Touched(done.lanes, None)
    elif isinstance(done, SendEvent | UpdateContact) and done.contact:
        yield Touched(done.lanes, frozenset(done.contact))


class Since:
    """Knows of each identifier (a lane) whether it was deleted since, and else which of its properties were set."""

    def __init__(self, identifiers_max: int = IDENTIFIERS_MAX) -> None:
        """Nothing happened yet."""
        self._known: dict[int, frozenset[str] | None] = {}
        self._same: dict[frozenset[str], frozenset[str]] = {}
        """Each set of names once: contacts by the million have few different ones."""
        self._identifiers_max = identifiers_max

    def __len__(self) -> int:
        """How many identifiers are known."""
        return len(self._known)

    def take(self, touched: Iterable[Touched]) -> None:
        """Takes in what happened. Raises :class:`TooManyContacts`."""
        for lanes, names in touched:
            for lane in lanes:
                self._take(hashed(lane), names)
        if len(self._known) > self._identifiers_max:
            raise TooManyContacts(
                f"since it began contacts of more than {self._identifiers_max:,} identifiers have changed, and what it"
                " would set back cannot be told any more"
            )

    def gone(self, lanes: Iterable[str]) -> bool:
        """Whether any of these was deleted since."""
        return bool(self._known) and any(self._known.get(hashed(lane), _NOTHING) is _GONE for lane in lanes)

    def names(self, document: dict[str, Any]) -> frozenset[str]:
        """The properties that were set since of whom this body is about; who is gone has none."""
        if not self._known:
            return _NOTHING
        found = [self._known.get(hashed(lane)) for lane in _lanes_in(document)]
        return frozenset().union(*(names for names in found if names is not None))

    def _take(self, key: int, names: frozenset[str] | None) -> None:
        before = self._known.get(key, _NOTHING)
        if before is _GONE or names is None:
            self._known[key] = _GONE
        elif before is not None:
            both = before | names
            self._known[key] = self._same.setdefault(both, both)


def _lanes_in(document: dict[str, Any]) -> tuple[str, ...]:
    email, user_id = document.get("email"), document.get("userId")
    return lanes_of(email if isinstance(email, str) else None, user_id if isinstance(user_id, str) else None)
