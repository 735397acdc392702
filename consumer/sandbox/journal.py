"""What was received, in order. Tests and the demo compare it with what had to be received."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

__all__ = ["Entry", "Journal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request. ``now`` is in seconds of the sandbox's clock, ``wall_ms`` in milliseconds since 1970, UTC."""

    n: int
    """Counts from 1 and never begins again."""
    now: float
    wall_ms: int
    method: str
    path: str
    """Relative to the base address."""
    call: str | None
    """The call's operationId in Loops' OpenAPI document; ``None`` where there is no such path or method."""
    email: str | None = field(repr=False)
    user_id: str | None = field(repr=False)
    event_name: str | None
    event_properties: Mapping[str, object] | None = field(repr=False)
    idempotency_key: str | None
    body: Mapping[str, object] | None = field(repr=False)
    """The whole body, where it is a JSON object."""
    status: int | None
    """``None`` where nothing was answered."""
    message: str | None
    """With which it was refused."""
    ending: str
    """``answer``, ``reset`` or ``hang``."""
    took_effect: bool
    rate: str
    """``counted``, ``refused``, or ``not_counted`` where the request never came to the team's limit."""
    remaining: int | None
    fault: int | None
    """The injected fault that decided the answer."""


class Journal:
    """The last so many entries."""

    def __init__(self, entries_max: int) -> None:
        """Past ``entries_max`` the oldest is dropped."""
        self._entries: deque[Entry] = deque(maxlen=entries_max)
        self._last = 0

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """In the order in which they took effect."""
        return iter(self._entries)

    @property
    def last(self) -> int:
        """The number of the last entry there ever was; 0 before the first."""
        return self._last

    def next_number(self) -> int:
        """The number of the entry to be added."""
        return self._last + 1

    def add(self, entry: Entry) -> None:
        """Adds the entry that bears the next number."""
        self._last = entry.n
        self._entries.append(entry)

    def clear(self) -> None:
        """Drops all; the numbers go on."""
        self._entries.clear()

    def after(self, n: int, limit: int | None = None) -> list[Entry]:
        """Those with a higher number, in order, the first ``limit`` of them; costs what comes after ``n``."""
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.n <= n:
                break
            found.append(entry)
        found.reverse()
        return found[:limit]

    def events(self) -> list[Entry]:
        """The events that took effect, in order: what Loops would act on."""
        return [entry for entry in self._entries if entry.took_effect and entry.call == "sendEvent"]

    def document(self, n: int, limit: int) -> dict[str, object]:
        """As a program reads it: the entries after ``n``, where to go on, and how many after ``n`` are gone."""
        entries = self.after(n, limit)
        first = self._entries[0].n if self._entries else self._last + 1
        return {
            "entries": [asdict(entry) for entry in entries],
            "next": entries[-1].n if entries else max(n, self._last),
            "last": self._last,
            "dropped": max(0, first - 1 - n),
        }
