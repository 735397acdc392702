"""Answers about a person, made of records and of what is known of each, for tests of how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from consumer.core.effect import Committable
from consumer.core.record import Position, TopicPartition
from consumer.mapping.explaining import Explainer
from consumer.mapping.message import record_of
from consumer.why.account import Accountant, Letter
from consumer.why.answer import Answer, Coverage, Group
from consumer.why.finding import Found
from consumer.why.standing import Standings
from consumer.why.whom import Whom
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message, mapping_of

__all__ = ["HOUR_MS", "PASSED", "WAITS", "answer_of", "letter_of"]

RULES = (
    "when: Trial Started, where: properties.plan != 'free', send: trialStarted, event: {plan: properties.plan}",
    "when: Paid, update: true, contact: {seats: properties.seats}",
)
HOUR_MS = 3_600_000
TP = TopicPartition("events", 0)
PASSED: Mapping[TopicPartition, Committable | None] = {TP: Committable(100)}
"""The group is behind all of the records."""
WAITS: Mapping[TopicPartition, Committable | None] = {TP: Committable(0)}
"""And before them."""


def letter_of(rule: str | None = "r0", **of: Any) -> Letter:
    """A letter of that rule."""
    found: dict[str, Any] = {"message": "400 No.", "mapping": "", "attempts": 1, **of}
    return Letter(Position("letters", 0, 7), rule, "deliver", "refused", first_failed_ms=MAY_FIRST_MS, **found)


def answer_of(
    *events: Mapping[str, Any] | bytes,
    rules: Sequence[str] = RULES,
    top: str = "format: segment",
    clock_ms: int = MAY_FIRST_MS,
    written_ms: int = MAY_FIRST_MS,
    commits: Mapping[TopicPartition, Committable | None] | None = PASSED,
    letters: Sequence[Letter] = (),
    ahead: int = 1_240,
    unwanted: Mapping[str | None, int] | None = None,
    mentions: int = 0,
    coverage: Mapping[str, Any] | None = None,
    group: Mapping[str, Any] | None = None,
    whom: Whom | None = None,
    **other: Any,
) -> Answer:
    """An answer about these events, each Segment's trial of the first of May with other members, or the bytes given."""
    mapping = mapping_of(*rules, top=top)
    explainer = Explainer(mapping)
    accountant = Accountant(Standings(commits, 0), lambda at: letters if at.offset == 0 else (), lambda _: ahead)
    values = [each if isinstance(each, bytes) else orjson.dumps({**TRIAL, **each}) for each in events]
    records = [record_of(Message(value, at=at, time=(1, written_ms))) for at, value in enumerate(values)]
    places = [Position("events", 3, at) for at in range(min(mentions, 5))]
    found: dict[str, Any] = {
        "whom": whom or Whom("user@example.com"),
        "coverage": Coverage(
            **{
                "topics": ("events",),
                "since_ms": MAY_FIRST_MS - 24 * HOUR_MS,
                "until_ms": MAY_FIRST_MS,
                "records": 48_211,
                "of": 48_211,
                "partitions": 12,
                "partitions_of": 12,
                **(coverage or {}),
            }
        ),
        "mapping": mapping,
        "found": Found(unwanted=Counter(unwanted or {}), mentions=places, mentions_count=mentions),
        "accounts": [accountant.take(explainer.explain(record, clock_ms=clock_ms)) for record in records],
        "group": Group(**{"name": "readers", "members": 2, "has_committed": True, **(group or {})}),
        "rate_per_s": 10,
        "letters_problem": None,
        "contacts": [],
        "contacts_problem": None,
        **other,
    }
    return Answer(**found)
