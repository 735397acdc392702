"""Which format the records of a topic have: for each format the marks that speak for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from consumer.core.record import Headers, Record
from consumer.infer.wrapping import Wrapping, unwrapped
from consumer.mapping.formats.known import FORMATS

__all__ = ["MARKS", "Recognized", "recognized"]

_CALLS: Final = frozenset({"track", "identify", "page", "screen", "group", "alias"})
_COLUMNS_MIN: Final = 100
"""Snowplow's enriched events have 131 columns."""
_OPERATIONS: Final = frozenset({"c", "u", "d", "r", "t", "m"})
_ANY_JSON: Final = 1
"""What speaks for an object of one's own making: less than any mark of a known format."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """One record as the marks look at it."""

    document: Mapping[str, Any]
    """Empty where the value is no object."""
    value: bytes
    headers: Headers

    def has(self, *names: str) -> int:
        """How many of these members it has."""
        return sum(self.document.get(name) is not None for name in names)

    def object(self, *path: str) -> Mapping[str, Any]:
        """The object that stands there, else an empty one."""
        found: Any = self.document
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def has_header(self, *names: str) -> int:
        """How many of these headers it has."""
        return len({name.lower() for name, _ in self.headers} & set(names))


def _call(seen: _Seen) -> int:
    """What Segment and RudderStack share."""
    if seen.document.get("type") not in _CALLS:
        return 0
    return 6 + seen.has("messageId", "anonymousId", "userId", "context")


def _library(seen: _Seen) -> str:
    return str(seen.object("context", "library").get("name", "")).lower()


def _segment(seen: _Seen) -> int:
    if not (call := _call(seen)):
        return 0
    is_own = _library(seen).startswith("analytics") or str(seen.document.get("messageId")).startswith("ajs-")
    return call + 2 * is_own + seen.has("projectId", "writeKey", "_metadata")


def _rudderstack(seen: _Seen) -> int:
    """Segment's call, with members that only RudderStack adds; an ``originalTimestamp`` Segment may have too."""
    if not (call := _call(seen)):
        return 0
    own = 3 * seen.has("rudderId", "request_ip") + 3 * ("rudder" in _library(seen))
    return call - 1 + own + 2 * seen.has("originalTimestamp")


def _posthog(seen: _Seen) -> int:
    if isinstance(seen.document.get("data"), str):
        return 6 * (seen.has("distinct_id", "uuid") == 2) + 2 * seen.has("token", "now")
    if not seen.has("event") or not seen.has("distinct_id"):
        return 0
    in_strings = sum(isinstance(seen.document.get(name), str) for name in ("properties", "person_properties"))
    return 6 + 2 * in_strings + seen.has("uuid", "team_id", "person_id", "person_mode", "elements_chain")


def _amplitude(seen: _Seen) -> int:
    if not isinstance(seen.document.get("event_type"), str):
        return 0
    return (
        3 * bool(seen.has("event_properties", "user_properties"))
        + seen.has(
            "user_id", "device_id", "insert_id", "$insert_id", "time", "event_time", "amplitude_id", "session_id"
        )
        + 2
    )


def _mixpanel(seen: _Seen) -> int:
    properties = seen.object("properties")
    if not isinstance(seen.document.get("event"), str) or not properties:
        return 0
    own = sum(name in properties for name in ("$insert_id", "mp_lib", "token", "$mp_api_endpoint", "$device_id"))
    return 3 * ("distinct_id" in properties) + 2 * own + ("time" in properties)


def _snowplow(seen: _Seen) -> int:
    if not seen.document:
        return 10 * (seen.value.count(b"\t") >= _COLUMNS_MIN)
    own = seen.has("event_name", "event_vendor", "event_id", "app_id", "derived_tstamp", "collector_tstamp", "v_etl")
    shredded = sum(name.startswith(("contexts_", "unstruct_event_")) for name in seen.document)
    return 0 if own < 3 else 2 * own + min(shredded, 2)


def _cloudevents(seen: _Seen) -> int:
    headers = seen.has_header("ce_type", "ce_source", "ce_id", "ce_specversion")
    inside = seen.has("specversion", "type", "source", "id")
    return 5 * (headers if headers >= 3 else inside if inside == 4 else 0)


def _debezium(seen: _Seen) -> int:
    payload = seen.object("payload") or seen.document
    source = payload.get("source")
    if payload.get("op") not in _OPERATIONS or not isinstance(source, dict):
        return 0
    return 10 + sum(name in payload for name in ("before", "after", "ts_ms")) + ("connector" in source)


def _outbox(seen: _Seen) -> int:
    """What Debezium's router makes of an outbox; a CloudEvent's headers have other names."""
    return 10 * bool(seen.has_header("id") and seen.has_header("eventtype", "type"))


def _json(seen: _Seen) -> int:
    return _ANY_JSON * bool(seen.document)


MARKS: Final[Mapping[str, Callable[[_Seen], int]]] = {
    "segment": _segment,
    "rudderstack": _rudderstack,
    "posthog": _posthog,
    "amplitude": _amplitude,
    "mixpanel": _mixpanel,
    "snowplow": _snowplow,
    "cloudevents": _cloudevents,
    "debezium": _debezium,
    "outbox": _outbox,
    "json": _json,
}
"""By a format's name: how much speaks for it in one record; 0: it is not of that format."""


@dataclass(frozen=True, slots=True)
class Recognized:
    """The format that most of the records seem to have."""

    name: str | None
    """``None``: they are neither JSON nor of any format that is known."""
    wrapping: Wrapping
    """What is around their values."""
    looked_at: int
    """Records with a value that were looked at."""
    fitting: int
    """So many of them are of this format sooner than of another."""
    others: Mapping[str, int]
    """Formats that fit some of them better, and how many."""


def recognized(records: Iterable[Record]) -> Recognized:
    """Looks at all of these. Formats that this program does not know yet are left out."""
    best: Counter[str] = Counter()
    wrappings: Counter[Wrapping] = Counter()
    looked_at = 0
    for record in records:
        if record.value is None:
            continue
        looked_at += 1
        inner = unwrapped(record.value, record.headers)
        wrappings[inner.wrapping] += 1
        seen = _Seen(inner.document, inner.value, record.headers)
        marks = {name: found for name in FORMATS if (found := MARKS[name](seen))}
        if marks:
            best[max(marks, key=marks.__getitem__)] += 1
    wrapping = wrappings.most_common(1)[0][0] if wrappings else Wrapping()
    name = max(best, key=best.__getitem__, default=None)
    others = {other: count for other, count in best.most_common() if other != name}
    fitting = 0 if name is None else best[name]
    return Recognized(name, wrapping, looked_at, fitting, others)
