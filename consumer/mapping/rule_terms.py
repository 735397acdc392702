"""What a rule says of its delivery, from the mapping's words to the core's values."""

from __future__ import annotations

from typing import Final

from consumer.core.request import Call
from consumer.core.terms import Priority, Terms
from consumer.mapping.grammar import RuleText, WaitText

__all__ = ["MAX_AGE_OF_ONCE_S", "SEND_MAX_AGE_S", "max_age_of", "max_age_s", "terms_of"]

SEND_MAX_AGE_S: Final = 86_400.0
"""Loops remembers an idempotency key for 24 h: an older event could trigger a workflow twice."""

MAX_AGE_OF_ONCE_S: Final = SEND_MAX_AGE_S
"""The same memory is what caps a second event."""

_UNITS_S: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def max_age_s(text: str | None) -> float | None:
    """Seconds of ``90s``, ``30m``, ``24h``, ``7d``; ``None`` is any age."""
    return None if text is None else float(text[:-1]) * _UNITS_S[text[-1]]


def max_age_of(rule: RuleText, call: Call) -> float | None:
    """Seconds after which an event is stale for this rule; ``None``: never."""
    if "max_age" in rule.model_fields_set:
        return max_age_s(rule.max_age)
    return SEND_MAX_AGE_S if call is Call.SEND else None


def terms_of(rule: RuleText) -> Terms:
    """What the rule says of delivery."""
    unknown = rule.on_unknown_contact
    return Terms(
        priority=Priority[rule.priority.upper()],
        stale_update=rule.stale == "update",
        once=rule.once is not None,
        unknown_dropped=unknown == "drop",
        unknown_wait_s=float(unknown.wait_s) if isinstance(unknown, WaitText) else 0.0,
        max_per_hour=rule.max_per_hour,
    )
