"""Which events of rules that act once have been sent by this process, so that a second one need not ask Loops.

Loops itself refuses the second: the key of such a rule stands for a contact and a span of time. What is remembered here
saves that request, and may be forgotten at any time.
"""

from __future__ import annotations

from consumer.core.outcome import Outcome
from consumer.core.recent import Recent
from consumer.core.request import Request, SendEvent

__all__ = ["KEYS_MAX", "OnceKeys"]

KEYS_MAX = 100_000
"""Keys that are remembered: what leaves within three hours at ten requests a second, in some 25 MB."""


class OnceKeys:
    """Keys without the number of refusals that they may have gone out with: those are still of one contact and span."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        """None."""
        self._taken: Recent[str, bool] = Recent(KEYS_MAX)

    def answered(self, request: Request, outcome: Outcome) -> None:
        """A request was sent. Only a 200 tells that its event took effect: after a 409 it may have been another's."""
        if isinstance(request, SendEvent) and request.terms.once and outcome.reason == "ok":
            self._taken.put(request.idempotency_key, value=True)

    def has(self, request: SendEvent) -> bool:
        """Whether its contact has had the event within this span of time."""
        return request.terms.once and self._taken.get(request.idempotency_key) is not None
