"""From an event to the requests that rules make of it, or to the reasons why they cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from consumer.core.record import Plan, Record, Rejection
from consumer.core.request import Call, CreateContact, DeleteContact, SendEvent, UpdateContact, idempotency_key
from consumer.mapping.event_time import EARLIEST_MS, LATEST_MS, milliseconds
from consumer.mapping.expression import EvaluationFailed
from consumer.mapping.formats.format import Format, value_at
from consumer.mapping.rule import Rule
from consumer.mapping.values import Unacceptable, checked_email, checked_lists, checked_properties, checked_user_id

__all__ = ["Recipients", "event_time_ms", "plans"]

Recipients = Callable[[str], object]
"""Whether an address may be written to."""


@dataclass(frozen=True, slots=True)
class _Event:
    """What all rules of one record share."""

    document: Mapping[str, Any]
    time_ms: int
    id: str


def plans(
    rules: Iterable[Rule],
    document: Mapping[str, Any],
    record: Record,
    form: Format,
    recipients: Recipients | None = None,
) -> tuple[Plan, ...]:
    """What each of these rules makes of the event, in their order; nothing for one whose ``where`` says no.

    Where ``recipients`` is given, an event without an address that it takes makes no request of any kind.
    """
    time_ms = event_time_ms(document, form, record.timestamp_ms)
    event = _Event(document, time_ms, _id_of(document, form) or "/".join(map(str, record.position)))
    found = (_plan(rule, event, form, recipients) for rule in rules)
    return tuple(plan for plan in found if plan is not None)


def event_time_ms(document: Mapping[str, Any], form: Format, record_ms: int) -> int:
    """The older of the event's time and the record's, milliseconds since 1970; 0 where neither is known."""
    record_ms = min(max(record_ms, EARLIEST_MS), LATEST_MS)
    for path in form.time_paths:
        found = milliseconds(value_at(document, path))
        if found is not None:
            return min(found, record_ms) if record_ms else found
    return record_ms


def _id_of(document: Mapping[str, Any], form: Format) -> str | None:
    found = None if form.id_path is None else value_at(document, form.id_path)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) and found != "" else None


def _plan(rule: Rule, event: _Event, form: Format, recipients: Recipients | None) -> Plan | None:
    try:
        made = rule.programs[form].evaluate(event.document, now_ms=event.time_ms)
    except EvaluationFailed as failed:
        return Rejection("expression", str(failed), rule.id)
    if made is None:
        return None
    address = made.get("email")
    if recipients is not None and not (isinstance(address, str) and recipients(address)):
        return None
    try:
        request = _request(rule, event, made)
        if not isinstance(request, Rejection):
            request.http()
    except Unacceptable as reason:
        return Rejection("value", str(reason), rule.id)
    except TypeError:
        # What JSON cannot hold must end here: behind this, a request that cannot be written would stop everything.
        return Rejection("value", "a value cannot be written as JSON", rule.id)
    return request


def _request(rule: Rule, event: _Event, made: Mapping[str, Any]) -> Plan:
    email = None if rule.identity == "userId" else checked_email(made.get("email"))
    user_id = None if rule.identity == "email" else checked_user_id(made.get("userId"))
    if email is None and (user_id is None or rule.call is Call.CREATE):
        wanted = {"both": "neither email nor userId", "userId": "no userId", "email": "no email"}[rule.identity]
        return Rejection("no_contact", "no email" if rule.call is Call.CREATE else wanted, rule.id)
    contact = checked_properties(made.get("contact", {}), "contact", null=True)
    lists = checked_lists(made.get("lists", {}))
    whom: dict[str, Any] = {
        "rule": rule.id,
        "email": email,
        "user_id": user_id,
        "event_time_ms": event.time_ms,
        "max_age_s": rule.max_age_s,
    }
    if rule.call is Call.DELETE:
        return DeleteContact(**whom)
    if rule.call is not Call.SEND:
        kind = UpdateContact if rule.call is Call.UPDATE else CreateContact
        return kind(**whom, contact=contact, lists=lists)
    name = rule.event_name
    key = idempotency_key(rule=rule.id, event_id=event.id, event_name=name, email=email, user_id=user_id)
    properties = checked_properties(made.get("event", {}), "event", null=False)
    return SendEvent(**whom, event_name=name, idempotency_key=key, event=properties, contact=contact, lists=lists)
