"""``loops-consumer explain --json``: one record and what each rule makes of it, for a program."""

from __future__ import annotations

from typing import Any

import orjson

from consumer.adapters.letter_headers import iso
from consumer.core.record import Rejection
from consumer.core.request import Request
from consumer.mapping.explaining import Explanation, RuleExplained, Verdict

__all__ = ["plain", "plain_request", "plain_rule"]


def plain(name: str, told: Explanation) -> dict[str, Any]:
    """All of it, fit for JSON; ``name`` is what a person calls the record."""
    record, event = told.record, told.event
    least, most = told.slots
    return {
        "record": name,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "at": iso(told.clock_ms),
        "event": None if event is None else {"name": event.name, "id": event.id, "time": iso(event.time_ms or 0)},
        "unreadable": told.unreadable,
        "fate": told.fate,
        "requests": {"least": least, "most": most},
        "rules": [plain_rule(rule, told) for rule in told.rules],
    }


def plain_rule(told: RuleExplained, of: Explanation) -> dict[str, Any]:
    """One rule; what does not apply is null."""
    rule, where, plan = told.rule, told.where, told.plan
    asked = [{"field": a.field, "wanted": a.wanted, "seen": a.seen, "holds": a.holds} for a in told.asked]
    stale = {"age_s": (of.clock_ms - of.time_ms) / 1000, "max_age_s": rule.max_age_s}
    return {
        "rule": rule.id,
        "name": rule.name,
        "verdict": told.verdict.value,
        "when": asked,
        "where": None if where is None else {"said": where.said, "lines": where.lines},
        "recipients": {"seen": told.address} if told.verdict is Verdict.RECIPIENTS else None,
        "stale": stale if told.verdict is Verdict.STALE else None,
        "dead_letter": {"reason": plan.reason, "message": plan.message} if isinstance(plan, Rejection) else None,
        "request": None if told.request is None else plain_request(told.request),
    }


def plain_request(request: Request) -> dict[str, Any]:
    """A request as it goes out first."""
    http = request.http()
    body = orjson.loads(http.body or b"null")
    return {"method": http.method, "path": http.path, "body": body, "idempotency_key": http.idempotency_key}
