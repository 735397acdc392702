"""Runs the tests that a mapping brings along, through the very code that selects from a topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from consumer.core.record import Plan, Record, Rejection
from consumer.core.request import Call, DeleteContact, SendEvent
from consumer.mapping.envelope import Unreadable
from consumer.mapping.event_time import milliseconds
from consumer.mapping.explaining import Explainer, Explanation
from consumer.mapping.grammar import ExpectedText, TestText
from consumer.mapping.head import Heads
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping

__all__ = ["CaseResult", "beginning_of", "failing", "record_of_case", "run_cases"]

_NAMES = {Call.UPDATE: "update", Call.CREATE: "create", Call.DELETE: "delete"}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a test ended. Requests are written as in ``expect``; what could not be made stands as ``dead_letter``."""

    name: str
    expected: tuple[Mapping[str, Any], ...]
    got: tuple[Mapping[str, Any], ...]
    told: Explanation
    """Why it came to that."""

    @property
    def passed(self) -> bool:
        """Exactly these requests, in this order, with exactly these members."""
        return _same(list(self.expected), list(self.got))


def beginning_of(rule: Rule) -> tuple[str, str | bool]:
    """The member of ``expect`` that names a request of such a rule: ``send`` and a name, or ``update: true``."""
    return ("send", rule.event_name) if rule.call is Call.SEND else (_NAMES[rule.call], True)


def run_cases(mapping: CompiledMapping) -> tuple[CaseResult, ...]:
    """Runs all of them; each sees the rules as if it were the only event."""
    heads, explainer = Heads(mapping, opened=True), Explainer(mapping, opened=True)
    return tuple(_run(case, heads, explainer) for case in mapping.cases)


def failing(mapping: CompiledMapping) -> list[str]:
    """The names of those that fail."""
    return [result.name for result in run_cases(mapping) if not result.passed]


def _run(case: TestText, heads: Heads, explainer: Explainer) -> CaseResult:
    event_ms = _event_ms(record_of_case(case, 0), heads)
    clock_ms = (milliseconds(case.at) if case.at is not None else None) or event_ms
    told = explainer.explain(record_of_case(case, clock_ms), clock_ms=clock_ms)
    return CaseResult(case.name, tuple(map(_plain, case.expect)), tuple(map(_written, told.plans)), told)


def record_of_case(case: TestText, time_ms: int) -> Record:
    """The record that a test's event would lie in, out of any envelope, written at ``time_ms`` since 1970."""
    value = case.given.encode() if isinstance(case.given, str) else orjson.dumps(case.given)
    headers = tuple((name, text.encode()) for name, text in case.headers.items())
    return Record(case.topic or "", 0, 0, time_ms, None if case.key is None else case.key.encode(), value, headers)


def _event_ms(record: Record, heads: Heads) -> int:
    head = heads[record.topic]
    try:
        return 0 if head is None else head.event(record).time_ms or 0
    except Unreadable:
        return 0


def _written(plan: Plan) -> dict[str, Any]:
    """A request as a test would expect it."""
    if isinstance(plan, Rejection):
        return {"dead_letter": plan.reason, "message": plan.message, **({"rule": plan.rule} if plan.rule else {})}
    written: dict[str, Any] = {"send": plan.event_name} if isinstance(plan, SendEvent) else {_NAMES[plan.call]: True}
    written |= plan.identity()
    if isinstance(plan, DeleteContact):
        return written
    event = plan.event if isinstance(plan, SendEvent) else {}
    sections = {"event": event, "contact": plan.contact, "lists": plan.lists}
    return written | {name: dict(members) for name, members in sections.items() if members}


def _plain(expected: ExpectedText) -> dict[str, Any]:
    return {name: value for name, value in expected if value is not None and value != {}}


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: ``true`` is not 1, 1 is 1.0, and the order of members does not count."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
