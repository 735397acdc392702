"""As what a mapping's own tests show that its rules send each name, at whatever time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import orjson

from consumer.core.record import Plan, Record, Rejection
from consumer.core.request import DeleteContact, SendEvent, Value
from consumer.mapping.envelope import Unreadable
from consumer.mapping.grammar import TestText
from consumer.mapping.head import Heads
from consumer.mapping.plan import plans
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.sent_as import SentAs, sent_as

__all__ = ["Shown", "tried"]

Shown: TypeAlias = Mapping[str, Mapping[SentAs, str]]
"""By name, all that it was sent as, each with the name of the first test that shows it."""


def tried(mapping: CompiledMapping) -> Mapping[tuple[str, str], Shown]:
    """By a rule's id and ``event``, ``contact`` or ``lists``. What the tests expect does not count."""
    found: dict[tuple[str, str], dict[str, dict[SentAs, str]]] = {}
    heads = Heads(mapping, opened=True)
    for case in mapping.cases:
        for plan in _plans(case, heads):
            for section, members in _sections(plan).items():
                names = found.setdefault((plan.rule or "", section), {})
                for name, value in members.items():
                    names.setdefault(name, {}).setdefault(sent_as(value), case.name)
    return found


def _plans(case: TestText, heads: Heads) -> tuple[Plan, ...]:
    """What the rules make of a test's event; nothing where it cannot be read."""
    topic = case.topic or ""
    if (head := heads[topic]) is None:
        return ()
    record = Record(topic, 0, 0, 0, None, orjson.dumps(case.given))
    try:
        event = head.event(record)
        return plans(head.wanting_event(event), event, record, head.form)
    except Unreadable:
        return ()


def _sections(plan: Plan) -> Mapping[str, Mapping[str, Value]]:
    if isinstance(plan, Rejection | DeleteContact):
        return {}
    event = plan.event if isinstance(plan, SendEvent) else {}
    return {"event": event, "contact": plan.contact, "lists": plan.lists}
