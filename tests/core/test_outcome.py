"""The table of what an answer means."""

from __future__ import annotations

import pytest

from consumer.core.outcome import LIMIT_MAX_PER_S, Outcome, Response, TransportFailure, Verdict, judge
from consumer.core.request import Call

OK = b'{"success":true}'
NO = b'{"success":false,"message":"Something is wrong."}'
HTML = b"<html>Bad gateway</html>"


@pytest.mark.parametrize(
    ("call", "status", "body", "verdict", "reason"),
    (
        (Call.SEND, 200, OK, Verdict.DONE, "ok"),
        (Call.SEND, 200, HTML, Verdict.RETRY, "bad_body"),
        (Call.SEND, 200, b"", Verdict.RETRY, "bad_body"),
        (Call.SEND, 200, b"[]", Verdict.RETRY, "bad_body"),
        (Call.SEND, 200, NO, Verdict.RETRY, "bad_body"),
        (Call.SEND, 409, NO, Verdict.DONE, "conflict"),
        (Call.CREATE, 409, NO, Verdict.UNCHANGED, "exists"),
        (Call.UPDATE, 409, NO, Verdict.RETRY, "conflict"),
        (Call.DELETE, 404, NO, Verdict.NOT_FOUND, "not_found"),
        (Call.SEND, 404, NO, Verdict.REFUSED, "refused"),
        (Call.DELETE, 404, HTML, Verdict.OUTAGE, "no_such_page"),
        (Call.SEND, 400, NO, Verdict.REFUSED, "refused"),
        (Call.SEND, 422, NO, Verdict.REFUSED, "refused"),
        (Call.SEND, 400, HTML, Verdict.RETRY, "bad_body"),
        (Call.SEND, 401, NO, Verdict.OUTAGE, "unauthorized"),
        (Call.SEND, 403, HTML, Verdict.OUTAGE, "forbidden"),
        (Call.SEND, 405, NO, Verdict.OUTAGE, "method_not_allowed"),
        (Call.SEND, 302, b"", Verdict.OUTAGE, "redirected"),
        (Call.SEND, 408, NO, Verdict.RETRY, "request_timeout"),
        (Call.SEND, 425, NO, Verdict.RETRY, "too_early"),
        (Call.SEND, 429, NO, Verdict.THROTTLED, "throttled"),
        (Call.SEND, 500, NO, Verdict.RETRY, "server_error"),
        (Call.SEND, 503, HTML, Verdict.RETRY, "server_error"),
        (Call.SEND, 101, b"", Verdict.RETRY, "unexpected_status"),
        (Call.FIND, 200, b'[{"id":"c1"}]', Verdict.DONE, "ok"),
        (Call.FIND, 200, b"[]", Verdict.NOT_FOUND, "not_found"),
        (Call.FIND, 200, OK, Verdict.RETRY, "bad_body"),
        (Call.FIND, 200, HTML, Verdict.RETRY, "bad_body"),
        (Call.FIND, 400, NO, Verdict.REFUSED, "refused"),
        (Call.FIND, 404, HTML, Verdict.OUTAGE, "no_such_page"),
        (Call.FIND, 404, NO, Verdict.REFUSED, "refused"),
        (Call.FIND, 409, NO, Verdict.RETRY, "conflict"),
        (Call.FIND, 503, HTML, Verdict.RETRY, "server_error"),
    ),
)
def test_every_answer_has_its_row(call: Call, status: int, body: bytes, verdict: Verdict, reason: str) -> None:
    """By status, call, and whether the body is Loops' JSON; never by its text."""
    outcome = judge(call, Response(status, {}, body), wall=0.0)
    assert (verdict, reason, status) == (outcome.verdict, outcome.reason, outcome.status)


@pytest.mark.parametrize("failure", tuple(TransportFailure))
def test_no_answer_is_tried_again(failure: TransportFailure) -> None:
    """Under its own reason."""
    assert Outcome(Verdict.RETRY, failure.value) == judge(Call.SEND, failure, wall=0.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    (
        ("2", 2.0),
        ("100000", 300.0),
        ("Thu, 01 Jan 1970 00:00:30 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("soon", None),
        ("-5", None),
    ),
)
def test_retry_after_is_read_as_seconds_or_date_and_bounded(text: str, seconds: float | None) -> None:
    """At most five minutes; what is neither is left out."""
    outcome = judge(Call.SEND, Response(429, {"retry-after": text}, NO), wall=10.0)
    assert seconds == outcome.retry_after_s


def test_the_limit_s_headers_are_read() -> None:
    """As whole numbers; anything else is left out."""
    headers = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "many"}
    outcome = judge(Call.SEND, Response(200, headers, OK), wall=0.0)
    assert (10, None) == (outcome.limit_per_s, outcome.remaining)


@pytest.mark.parametrize(
    ("said", "heard"),
    (("1", 1), ("10000", LIMIT_MAX_PER_S), ("0", None), ("10001", None), ("9" * 9, None), ("-1", None), ("ten", None)),
)
def test_a_limit_that_cannot_be_loops_is_as_if_nothing_was_said(said: str, heard: int | None) -> None:
    """None left is said as 0; a limit is never none, and as much as could be set at most."""
    outcome = judge(Call.SEND, Response(429, {"x-ratelimit-limit": said, "x-ratelimit-remaining": "0"}), wall=0.0)
    assert (heard, 0) == (outcome.limit_per_s, outcome.remaining)


def test_an_address_in_loops_words_is_left_out() -> None:
    """A refusal quotes what it refuses."""
    body = b'{"success":false,"message":"Invalid email: \\"user@example.com\\"\\n  (user@example.org)."}'
    outcome = judge(Call.SEND, Response(400, {}, body), wall=0.0)
    assert outcome.message == "Invalid email: (address) (address)"


def test_loops_words_are_bounded() -> None:
    """A megabyte of them is no message."""
    body = b'{"success":false,"message":"' + b"a" * 1_000_000 + b'"}'
    assert len(judge(Call.SEND, Response(400, {}, body), wall=0.0).message) == 300
