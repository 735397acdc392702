"""What each answer that means harm comes to: none says that the request was taken, or refused for good."""

from __future__ import annotations

from typing import Final

import pytest

from consumer.adapters.loops import BODY_BYTES_MAX, LoopsClient
from consumer.core.outcome import Response, Verdict, judge
from consumer.core.request import PROBE, Call, HttpRequest
from tests.fakes.raw_server import Received, Wire, answer_bytes, serving
from tests.kafka.hostile_loops import BAD_ANSWERS
from tests.redaction import API_KEY

SEND: Final = HttpRequest(Call.SEND, "POST", "/events/send", b'{"email":"someone@example.com"}', "key-1")
WITHIN_S: Final = 20.0
PATIENCE_S: Final = 0.4
"""With what never ends, and is told by that alone."""

REASONS: Final = {
    "a bomb": "bad_body",
    "a redirect to nowhere": "redirected",
    "headers that are no text": "throttled",
    "nesting": "bad_body",
    "nesting in the message": "bad_body",
    "no charset": "bad_body",
    "numbers that are none": "server_error",
    "one chunk of an exabyte": "bad_body",
    "ten megabytes": "bad_body",
    "without an end": "bad_body",
    "without an end or a length": "bad_body",
    **dict.fromkeys(
        (
            "a thousand cookies",
            "a status that is none",
            "another protocol",
            "headers without an end",
            "one header without an end",
            "trailers without an end",
            "two lengths",
        ),
        "connection_broken",
    ),
    **dict.fromkeys(
        (
            "a body that drips",
            "a chunk's extension without an end",
            "a chunked body that drips",
            "a head that drips",
            "continue without an end",
            "hints without an end",
            "nothing",
        ),
        "timeout",
    ),
}
"""What is told of each: in the log, as a metric's label, and in ``/status``."""


class Key:
    """The tests' key."""

    def __call__(self) -> str:
        """It."""
        return API_KEY

    def reload(self) -> None:
        """There is no other."""


def client(base_url: str, patience_s: float = WITHIN_S) -> LoopsClient:
    """One with as much patience."""
    return LoopsClient(
        base_url,
        Key(),
        connections_max=1,
        connect_timeout_s=WITHIN_S,
        timeout_s=patience_s,
        user_agent="test/1",
    )


@pytest.mark.parametrize("name", BAD_ANSWERS)
async def test_a_bad_answer_is_neither_done_nor_refused(name: str) -> None:
    """It is tried again, with the same key; it sets no limit, and no wait over five minutes."""
    async with serving(BAD_ANSWERS[name]) as server:
        loops = client(server.base_url, PATIENCE_S if REASONS[name] == "timeout" else WITHIN_S)
        answer = await loops.call(SEND)
        await loops.close()

    outcome = judge(Call.SEND, answer, wall=0.0)
    assert REASONS[name] == outcome.reason
    assert outcome.verdict in {Verdict.RETRY, Verdict.OUTAGE, Verdict.THROTTLED}
    assert (None, None) == (outcome.limit_per_s, outcome.retry_after_s)
    assert not isinstance(answer, Response) or len(answer.body) <= BODY_BYTES_MAX


async def test_an_answer_before_its_request_is_not_taken_for_that_request_s() -> None:
    """Two answers to one request: the second belongs to nobody, and its connection is used no more."""

    async def twice(_: Received, wire: Wire) -> None:
        first = answer_bytes(200, b'{"success":true,"first":true}')
        await wire.write(first + answer_bytes(200, b'{"success":true,"smuggled":true}'))

    async with serving(twice) as server:
        loops = client(server.base_url)
        answers = [await loops.call(request) for request in (SEND, PROBE)]
        await loops.close()

    assert [b"first"] * 2 == [answer.body[17:22] for answer in answers if isinstance(answer, Response)]
    assert 2 == server.connections
