"""What an attempt came to, as one table from Loops' answer to an outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TypeAlias

import orjson

from consumer.core.request import Call

__all__ = [
    "LIMIT_MAX_PER_S",
    "RETRY_AFTER_MAX_S",
    "Answer",
    "Outcome",
    "Response",
    "TransportFailure",
    "Verdict",
    "judge",
]

RETRY_AFTER_MAX_S = 300.0
"""Seconds. A longer wait that a server asks for is taken as this long: a mistake there must not stop us for a day."""

LIMIT_MAX_PER_S = 10_000
"""Requests a second, the most that ``loops.rate_per_s`` may be. A limit that says more, or none at all, is no limit of
Loops' but something between us: it is taken as not said."""

_MESSAGE_LENGTH_MAX = 300
_ADDRESS = re.compile(r"\S*(?:@|%40)\S*", re.IGNORECASE)
"""More than an address: what stands around one without a space may be part of it, as a quote may be."""


@dataclass(frozen=True, slots=True)
class Response:
    """What Loops, or something between, answered. ``headers`` have lower-case names; ``body`` may be cut short."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class TransportFailure(Enum):
    """No answer came; the value is the metric's label."""

    CONNECT = "connect_failed"
    TIMEOUT = "timeout"
    BROKEN = "connection_broken"


Answer: TypeAlias = Response | TransportFailure


class Verdict(Enum):
    """What the pipeline does next."""

    DONE = "done"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    THROTTLED = "throttled"
    RETRY = "retry"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to.

    ``reason`` is one of a few fixed words, fit for a metric's label. ``message`` is Loops' own text, at most 300
    characters and without addresses. ``retry_after_s`` is at most 300. ``limit_per_s`` is from 1 to 10,000.
    """

    verdict: Verdict
    reason: str
    status: int | None = None
    message: str = ""
    retry_after_s: float | None = None
    limit_per_s: int | None = None
    remaining: int | None = None


def judge(call: Call, answer: Answer, *, wall: float) -> Outcome:
    """What an answer to ``call`` means; ``wall`` (seconds since 1970) is what a Retry-After date is held against."""
    if isinstance(answer, TransportFailure):
        return Outcome(Verdict.RETRY, answer.value)
    document = _document(answer.body)
    verdict, reason = _verdict(call, answer.status, document)
    return Outcome(
        verdict,
        reason,
        answer.status,
        _message(document),
        _retry_after_s(answer.headers.get("retry-after"), wall),
        _whole(answer.headers.get("x-ratelimit-limit"), least=1),
        _whole(answer.headers.get("x-ratelimit-remaining"), least=0),
    )


_EVERY_RECORD = {401: "unauthorized", 403: "forbidden", 405: "method_not_allowed"}
_LATER = {408: "request_timeout", 425: "too_early"}


def _verdict(call: Call, status: int, document: object) -> tuple[Verdict, str]:  # noqa: PLR0911 - a table
    """The table of what an answer means, from the surest row to the least sure."""
    theirs = isinstance(document, dict) and document.get("success") is False
    if 200 <= status < 300:
        return _taken(call, document)
    if status in _EVERY_RECORD:
        return Verdict.OUTAGE, _EVERY_RECORD[status]
    if 300 <= status < 400:
        return Verdict.OUTAGE, "redirected"
    if status == 429:
        return Verdict.THROTTLED, "throttled"
    if status == 409:
        by_call = {Call.SEND: (Verdict.DONE, "conflict"), Call.CREATE: (Verdict.UNCHANGED, "exists")}
        return by_call.get(call, (Verdict.RETRY, "conflict"))
    if status == 404 and not theirs:
        return Verdict.OUTAGE, "no_such_page"
    if status == 404 and call is Call.DELETE:
        return Verdict.NOT_FOUND, "not_found"
    if status in _LATER:
        return Verdict.RETRY, _LATER[status]
    if 400 <= status < 500:
        return (Verdict.REFUSED, "refused") if theirs else (Verdict.RETRY, "bad_body")
    return Verdict.RETRY, "server_error" if status >= 500 else "unexpected_status"


def _taken(call: Call, document: object) -> tuple[Verdict, str]:
    """Of an answer of 2xx: it must be the JSON that it should be. A look-up brings the contacts found, none or one."""
    if call is Call.FIND and isinstance(document, list):
        return (Verdict.DONE, "ok") if document else (Verdict.NOT_FOUND, "not_found")
    done = call is not Call.FIND and isinstance(document, dict) and document.get("success") is True
    return (Verdict.DONE, "ok") if done else (Verdict.RETRY, "bad_body")


def _document(body: bytes) -> object:
    """The JSON of a body; None where it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _message(document: object) -> str:
    """Loops' words without what looks like an address: a refusal may quote the one that it refuses."""
    text = document.get("message") if isinstance(document, dict) else None
    if not isinstance(text, str):
        return ""
    # Cut first: the pattern takes time quadratic in the length, and an answer may be long.
    text = " ".join(text[: 2 * _MESSAGE_LENGTH_MAX].split())
    return _ADDRESS.sub("(address)", text)[:_MESSAGE_LENGTH_MAX]


def _retry_after_s(text: str | None, wall: float) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text) if text.strip().isdigit() else parsedate_to_datetime(text).timestamp() - wall
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_S)


def _whole(text: str | None, *, least: int) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(LIMIT_MAX_PER_S)):
        return None
    number = int(text)
    return number if least <= number <= LIMIT_MAX_PER_S else None
