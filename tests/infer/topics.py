"""Records of every format, as producers write them, and what is inferred from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from consumer.infer.inference import Inference
from consumer.infer.writing import written
from tests.mapping.making import TRIAL, Message

Headers = list[tuple[str, bytes]]

RUDDER: dict[str, Any] = {
    "type": "track",
    "channel": "server",
    "messageId": "r-1",
    "event": "Order Completed",
    "userId": "u1",
    "context": {"traits": {"email": "user@example.com"}},
    "properties": {"order_id": "o1", "total": 99},
    "originalTimestamp": "2026-05-01T10:00:00.000Z",
    "timestamp": "2026-05-01T10:00:00.120Z",
}
POSTHOG: dict[str, Any] = {
    "uuid": "018f3c00-0000-7000-8000-000000000001",
    "event": "trial started",
    "properties": '{"plan":"pro","$browser":"Firefox"}',
    "timestamp": "2026-05-01 10:00:00.000000",
    "team_id": 1,
    "distinct_id": "u1",
    "person_properties": '{"email":"user@example.com"}',
}
INGESTED: dict[str, Any] = {
    "uuid": "018f3c00-0000-7000-8000-000000000003",
    "distinct_id": "u1",
    "data": '{"event":"trial started","properties":{"plan":"pro","$set":{"email":"user@example.com"}}}',
    "now": "2026-05-01T10:00:01Z",
    "token": "phc_x",
}
AMPLITUDE: dict[str, Any] = {
    "event_type": "Trial Started",
    "user_id": "u1",
    "device_id": "d1",
    "insert_id": "i-1",
    "time": 1_777_629_600_000,
    "event_properties": {"plan": "pro"},
    "user_properties": {"email": "user@example.com"},
}
MIXPANEL: dict[str, Any] = {
    "event": "Trial Started",
    "properties": {
        "time": 1_777_629_600_000,
        "distinct_id": "u1",
        "$insert_id": "935d87b1",
        "$email": "user@example.com",
        "plan": "pro",
    },
}
SNOWPLOW: dict[str, Any] = {
    "app_id": "web",
    "event": "unstruct",
    "event_name": "trial_started",
    "event_vendor": "com.acme",
    "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb",
    "user_id": "u1",
    "derived_tstamp": "2026-05-01T10:00:00.000Z",
    "unstruct_event_com_acme_trial_started_1": {"plan": "pro"},
    "contexts_com_acme_user_1": [{"email": "user@example.com"}],
}
CLOUD: dict[str, Any] = {
    "specversion": "1.0",
    "type": "com.acme.trial.started",
    "source": "/billing",
    "id": "evt-1",
    "time": "2026-05-01T10:00:00Z",
    "subject": "u1",
    "datacontenttype": "application/json",
    "data": {"email": "user@example.com", "plan": "pro"},
}
CHANGE: dict[str, Any] = {
    "before": None,
    "after": {"id": 42, "email": "user@example.com", "first_name": "Test"},
    "source": {"connector": "postgresql", "table": "users"},
    "op": "c",
    "ts_ms": 1_777_629_600_123,
}
BINARY_CLOUD: Headers = [
    ("ce_specversion", b"1.0"),
    ("ce_type", b"com.acme.trial.started"),
    ("ce_source", b"/billing"),
    ("ce_id", b"evt-1"),
]
OUTBOX: Headers = [("id", b"e-1"), ("eventType", b"TrialStarted")]
OWN: dict[str, Any] = {"meta": {"type": "invoice.paid", "at": 1_777_629_600}, "customer": {"id": 7, "plan": "pro"}}

EXAMPLES: Mapping[str, Sequence[tuple[dict[str, Any], Headers | None]]] = {
    "segment": [(TRIAL, None), ({"type": "identify", "userId": "u1", "traits": {"plan": "pro"}}, None)],
    "rudderstack": [(RUDDER, None), (TRIAL | {"rudderId": "r", "messageId": "m"}, None)],
    "posthog": [(POSTHOG, None), (INGESTED, None)],
    "amplitude": [(AMPLITUDE, None)],
    "mixpanel": [(MIXPANEL, None)],
    "snowplow": [(SNOWPLOW, None)],
    "cloudevents": [(CLOUD, None), ({"plan": "pro"}, BINARY_CLOUD)],
    "debezium": [(CHANGE, None), ({"schema": {}, "payload": CHANGE}, None)],
    "outbox": [({"plan": "pro"}, OUTBOX)],
    "json": [(OWN, None), ({"event": "x"}, None)],
}
"""By format: events of it, each with the headers of its record."""


def messages(event: dict[str, Any], count: int, headers: Headers | None = None, **of: Any) -> list[Message]:
    """So many records of the same event."""
    return [Message(orjson.dumps(event), at=at, with_headers=headers, **of) for at in range(count)]


def inferred(*given: Message, rules_max: int = 15) -> str:
    """The mapping that is written of these."""
    inference = Inference()
    inference.take(given)
    inference.end()
    return written(inference.topics, inference.names, read=f"{inference.records} records", rules_max=rules_max)


def uncommented(text: str) -> str:
    """The same with every proposed rule taken in."""
    return re.sub(r"(?m)^  # ", "  ", text)
