"""From an event to the requests that rules make of it, or to the reasons why they cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from consumer.core.record import Plan, Record, Rejection
from consumer.core.request import (
    Call,
    CreateContact,
    DeleteContact,
    SendEvent,
    UpdateContact,
    idempotency_key,
    once_key,
)
from consumer.mapping.event_time import EARLIEST_MS, LATEST_MS, bucket_of
from consumer.mapping.expression import EvaluationFailed
from consumer.mapping.formats.format import Event, Format
from consumer.mapping.rule import Rule
from consumer.mapping.values import Unacceptable, checked_email, checked_lists, checked_properties, checked_user_id

__all__ = ["Recipients", "at_clock", "older_ms", "plans"]

Recipients = Callable[[str], object]
"""Whether an address may be written to."""


class _Event(NamedTuple):
    """What all rules of one record share."""

    document: Mapping[str, Any]
    time_ms: int
    """The older of the event's and the record's."""
    own_time_ms: int | None
    """The event's; ``None``: it has none."""
    record_time_ms: int
    id: str


def plans(
    rules: Iterable[Rule],
    event: Event,
    record: Record,
    form: Format,
    recipients: Recipients | None = None,
) -> tuple[Plan, ...]:
    """What each of these rules makes of the event, in their order; nothing for one whose ``where`` says no.

    Where ``recipients`` is given, an event without an address that it takes makes no request of any kind. What only
    tells of what was so before makes no send.
    """
    shared = _Event(
        event.document,
        older_ms(event.time_ms, record.timestamp_ms),
        event.time_ms,
        record.timestamp_ms,
        event.id or "/".join(map(str, record.position)),
    )
    found = (_plan(rule, shared, form, recipients) for rule in rules if event.triggers or rule.call is not Call.SEND)
    return tuple(plan for plan in found if plan is not None)


def at_clock(plan: Plan, clock_ms: int) -> Plan | None:
    """What a plan comes to at that moment (milliseconds since 1970): of what is too old nothing, or an update."""
    if isinstance(plan, Rejection) or not plan.is_stale(clock_ms / 1000):
        return plan
    return plan.when_stale() if isinstance(plan, SendEvent) else None


def older_ms(event_ms: int | None, record_ms: int) -> int:
    """The older of the event's time and the record's, milliseconds since 1970; 0 where neither is known."""
    record_ms = min(max(record_ms, EARLIEST_MS), LATEST_MS)
    if event_ms is None:
        return record_ms
    return min(event_ms, record_ms) if record_ms else event_ms


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
            request.body()
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
        "terms": rule.terms,
    }
    if rule.call is Call.DELETE:
        return DeleteContact(**whom)
    if rule.call is not Call.SEND:
        kind = UpdateContact if rule.call is Call.UPDATE else CreateContact
        return kind(**whom, contact=contact, lists=lists)
    properties = checked_properties(made.get("event", {}), "event", null=False)
    key = _key(rule, event, email, user_id)
    name = rule.event_name
    return SendEvent(**whom, event_name=name, idempotency_key=key, event=properties, contact=contact, lists=lists)


def _key(rule: Rule, event: _Event, email: str | None, user_id: str | None) -> str:
    if rule.once is None:
        return idempotency_key(
            rule=rule.id, event_id=event.id, event_name=rule.event_name, email=email, user_id=user_id
        )
    return once_key(
        rule=rule.id,
        event_name=rule.event_name,
        bucket=bucket_of(event.own_time_ms or older_ms(None, event.record_time_ms), rule.once),
        email=email,
        user_id=user_id,
    )
