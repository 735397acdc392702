"""What is to become of one letter: requests, or a reason to leave it where it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from consumer.adapters.letter_reading import StoredLetter
from consumer.core.record import Plan, Rejection
from consumer.core.request import Request, SendEvent
from consumer.mapping.again import Again
from consumer.mapping.rule_terms import SEND_MAX_AGE_S

__all__ = ["Left", "Planner"]


class Left(Enum):
    """Why a letter stays as it is, unmarked; the value is for programs."""

    STALE = "stale"
    CONTACT_UNKNOWN = "contact_unknown"
    RULE_GONE = "rule_gone"
    TOPIC_UNKNOWN = "topic_unknown"
    VALUE_OMITTED = "value_omitted"
    NOT_REACHED = "not_reached"
    """The run ended before."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans letters by the rules in use."""

    again: Again
    send_stale: bool = False
    """Whether an old one is sent all the same, at any age."""

    def plan(self, letter: StoredLetter, wall: float) -> tuple[Plan, ...] | Left:
        """The letter's plans, none where no rule wants its record any more; ``wall`` is seconds since 1970.

        Its own rule alone acts, under the key that the letter bears; where it was never read, all rules do.
        """
        if letter.rule is not None and not self.again.has_rule(letter.rule):
            return Left.RULE_GONE
        if not self.again.has_topic(letter.record.topic):
            return Left.TOPIC_UNKNOWN
        if letter.record.value is None:
            return Left.VALUE_OMITTED
        plans = tuple(self._resumed(plan, letter) for plan in self.again.plans(letter.record, letter.rule))
        if not self.send_stale and any(_is_stale(plan, letter, wall) for plan in plans):
            return Left.STALE
        return plans

    def _resumed(self, plan: Plan, letter: StoredLetter) -> Plan:
        """The plan as it goes on where the letter's life ended."""
        if isinstance(plan, Rejection):
            return plan
        found: Request = replace(plan, max_age_s=None) if self.send_stale else plan
        if isinstance(found, SendEvent) and letter.rule is not None:
            key = letter.idempotency_key or found.idempotency_key
            return replace(found, idempotency_key=key, refusals=letter.refusals)
        return found


def _is_stale(plan: Plan, letter: StoredLetter, wall: float) -> bool:
    """Past its rule's age; or so old that Loops has forgotten the key under which it may have gone out."""
    if isinstance(plan, Rejection):
        return False
    since_ms = min(plan.event_time_ms, letter.first_failed_ms or plan.event_time_ms)
    max_age_s = SEND_MAX_AGE_S if plan.max_age_s is None else min(plan.max_age_s, SEND_MAX_AGE_S)
    return wall - since_ms / 1000 > max_age_s
