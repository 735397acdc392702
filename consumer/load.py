"""How much is asked of the limit: what new records will want, read or not, against what may leave.

A replica that holds all it may hold reads no more, and then what enters it is what leaves it. So what arrives is
measured as what left plus the growth of all that waits: requests here, and records that lie unread, each worth as many
requests as those read before it came to on the mean.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from consumer.core.record import TopicPartition
from consumer.status import LoadState, LoadStatus, RuleLoad

__all__ = ["LOOK_EVERY_S", "RULES_MAX", "Load", "Reading", "Standing"]

LOOK_EVERY_S: Final = 5.0
"""Seconds between two looks: a read, which enters a thousand records at once, takes less."""
RULES_MAX: Final = 100
"""As many as the label of a metric tells apart."""

_SPANS_MAX: Final = 12
"""Between two looks each: a minute in all."""
_SURE_AFTER_S: Final = 30.0
"""So long what arrives must have been measured before it may be called too much."""
_BACKLOG_S: Final = 10.0
"""What waits is a backlog where it needs longer than that to leave; less is a burst."""
_READ_MIN: Final = 1_000
"""Records from which on what they came to is measured between two looks; before that, since the start."""
_READ_MAX: Final = 200_000
"""Records after which what was read before counts half: what records come to changes with topics and rules."""


class Reading(NamedTuple):
    """How far a partition is read, and where it ends: offsets of the next record."""

    position: int
    end: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits at one moment."""

    waiting: Counter[str]
    """Requests by rule, received, not on the wire and not final."""
    allowed_per_s: int
    """This replica's part of the limit."""
    reading: Mapping[tuple[TopicPartition, int], Reading]
    """By partition and epoch; without those of which it is not known."""
    received: int = 0
    """Records, since the start."""

    @property
    def unread(self) -> int:
        """Records, as far as offsets tell."""
        return sum(max(0, at.end - at.position) for at in self.reading.values())


class _Span(NamedTuple):
    """What happened between two looks."""

    seconds: float
    left: Counter[str]
    allowed_per_s: int
    wanted: int | None
    """Requests that left or came to wait; None where the assignment changed, and so what waits with it."""
    unread_more: int


class Load:
    """Follows one replica; moments are monotonic seconds. Tell :meth:`left` at once, and :meth:`look` now and then."""

    def __init__(self) -> None:
        """Nothing has left, and nothing is known of what arrives."""
        self._left: Counter[str] = Counter()
        self._looked: tuple[float, Standing] | None = None
        self._spans: deque[_Span] = deque(maxlen=_SPANS_MAX)
        self._left_ever = 0
        self._read = self._made = 0.0

    def left(self, rule: str | None) -> None:
        """An attempt left; a probe is no rule's."""
        self._left[rule or ""] += 1
        self._left_ever += 1

    def look(self, standing: Standing, *, now: float) -> None:
        """Takes note of what waits now."""
        before, self._looked = self._looked, (now, standing)
        left, self._left = self._left, Counter()
        if before is None:
            return
        seconds, former = now - before[0], before[1]
        if former.reading.keys() != standing.reading.keys():
            self._spans.append(_Span(seconds, left, standing.allowed_per_s, None, 0))
            return
        wanted = left.total() + standing.waiting.total() - former.waiting.total()
        read = sum(at.position for at in standing.reading.values()) - sum(at.position for at in former.reading.values())
        self._spans.append(_Span(seconds, left, standing.allowed_per_s, wanted, standing.unread - former.unread))
        self._read, self._made = self._read + read, self._made + wanted
        if self._read > _READ_MAX:
            self._read, self._made = self._read / 2, self._made / 2

    def arriving_per_s(self) -> float | None:
        """Requests a second that new records want, over the last minute; None: not measured yet."""
        told = [(span.seconds, span.wanted, span.unread_more) for span in self._spans if span.wanted is not None]
        seconds = sum(span for span, _, _ in told)
        if seconds <= 0:
            return None
        worth = self._requests_per_record() or 0.0
        return max(0.0, sum(wanted + worth * more for _, wanted, more in told) / seconds)

    def status(self, standing: Standing, *, held: bool) -> LoadStatus:
        """What that comes to; ``held``: nothing leaves for now, whatever its part of the limit."""
        worth, unread = self._requests_per_record(), standing.unread
        coming = 0.0 if unread == 0 else None if worth is None else worth * unread
        waiting, arriving, allowed = standing.waiting.total(), self.arriving_per_s(), self._allowed_per_s(standing)
        backlog, spare = waiting + (coming or 0.0), allowed - (arriving or 0.0)
        held = held or (backlog > 0 and allowed <= 0)
        never = held or coming is None or (backlog > 0 and spare <= 0)
        rules = self._rules(standing)
        return LoadStatus(
            state=LoadState.HELD if held else self._state(backlog, arriving or 0.0, allowed),
            arriving_per_s=None if arriving is None else _rounded(arriving),
            allowed_per_s=_rounded(allowed),
            leaving_per_s=_rounded(sum(rule.leaving_per_s for rule in rules)),
            waiting_requests=waiting,
            unread_requests=None if coming is None else math.ceil(coming),
            drains_in_s=None if never else _rounded(backlog / spare) if backlog else 0.0,
            rules=tuple(rules[:RULES_MAX]),
        )

    def _state(self, backlog: float, arriving: float, allowed: float) -> LoadState:
        if backlog <= _BACKLOG_S * allowed:
            return LoadState.KEEPING_UP
        sure = sum(span.seconds for span in self._spans if span.wanted is not None) >= _SURE_AFTER_S
        return LoadState.OVERLOADED if sure and arriving > allowed else LoadState.CATCHING_UP

    def _requests_per_record(self) -> float | None:
        """Between looks at the same assignment, in offsets; an assignment brings the first reads, though."""
        if self._read >= _READ_MIN:
            return max(0.0, self._made) / self._read
        standing = None if self._looked is None else self._looked[1]
        if standing is None or not standing.received:
            return None
        return (self._left_ever + standing.waiting.total()) / standing.received

    def _allowed_per_s(self, standing: Standing) -> float:
        """Now, or on the mean if that is more: some slots go round the replicas."""
        seconds = sum(span.seconds for span in self._spans)
        mean = sum(span.seconds * span.allowed_per_s for span in self._spans) / seconds if seconds > 0 else 0.0
        return max(mean, standing.allowed_per_s)

    def _rules(self, standing: Standing) -> list[RuleLoad]:
        """All of them, largest first."""
        seconds = sum(span.seconds for span in self._spans) or math.inf
        left = sum((span.left for span in self._spans), Counter[str]())
        rules = [
            RuleLoad(rule, _rounded(left[rule] / seconds), standing.waiting[rule])
            for rule in left.keys() | standing.waiting.keys()
        ]
        return sorted(rules, key=lambda one: (-one.leaving_per_s, -one.waiting, one.rule))


def _rounded(number: float) -> float:
    return round(number, 3)
