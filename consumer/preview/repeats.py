"""Event ids that came before: as copies, or with something else to say, which Loops would take for a copy."""

from __future__ import annotations

from typing import Final

from consumer.core.record import Position
from consumer.core.request import Request, SendEvent
from consumer.preview.contacts import hashed

__all__ = ["REMEMBERED_MAX", "Repeats"]

REMEMBERED_MAX: Final = 50_000
"""Of two generations each, so a repeat is seen within as many events of its first, and at most within twice as many."""
_EXAMPLES_MAX: Final = 5


class Repeats:
    """Looks at the events that would be sent: copies, and ids under which something else is sent.

    Of an id and of what is sent under it only hashes are kept.
    """

    def __init__(self, remembered_max: int = REMEMBERED_MAX) -> None:
        """Nothing came yet."""
        self._remembered_max = remembered_max
        self._recent: dict[int, int] = {}
        self._before: dict[int, int] = {}
        self.copies = 0
        """Events whose id and requests came before."""
        self.differing = 0
        """Events whose id came before, for the same rule, contact and event name, and which say something else."""
        self.examples: list[Position] = []
        """Where the first few of the latter lie."""

    def take(self, request: Request, event_id: str | None, at: Position) -> None:
        """One would be sent. Only of an event with an id of its own can Loops tell that it came before."""
        if event_id is None or not isinstance(request, SendEvent):
            return
        key = hashed(request.rule, event_id, request.event_name, *request.lanes)
        content = hashed((request.http().body or b"").decode())
        known = self._recent.get(key, self._before.get(key))
        if known is None:
            self._remember(key, content)
        elif known == content:
            self.copies += 1
        else:
            self.differing += 1
            if len(self.examples) < _EXAMPLES_MAX:
                self.examples.append(at)

    def _remember(self, key: int, content: int) -> None:
        if len(self._recent) >= self._remembered_max:
            self._before, self._recent = self._recent, {}
        self._recent[key] = content
