"""Calls that leave room for others: how far apart they are, and how patient. All on virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import async_solipsism

from consumer.adapters.loops_unhurried import UnhurriedApi
from consumer.core.outcome import Answer, Response, TransportFailure
from consumer.core.request import PROBE, HttpRequest
from tests.fakes.loops_api import FakeLoopsApi

OK = Response(200, {}, b'{"success": true}')


def slow_down(**headers: str) -> Response:
    """Loops' 429."""
    return Response(429, headers, b'{"success": false}')


@contextmanager
def virtual() -> Iterator[async_solipsism.EventLoop]:
    """A loop whose clock stands still but for waits."""
    loop = async_solipsism.EventLoop()
    yield loop
    loop.close()


def called(*answers: Answer, times: int = 1) -> tuple[list[Answer], list[float]]:
    """The answers to so many calls, and when Loops was asked, in seconds from the first."""
    left, asked = list(answers), []
    with virtual() as loop:

        def answering(_: HttpRequest) -> Answer:
            asked.append(round(loop.time(), 3))
            return left.pop(0) if len(left) > 1 else left[0]

        async def calls() -> list[Answer]:
            api = UnhurriedApi(FakeLoopsApi(answering))
            return [await api.call(PROBE) for _ in range(times)]

        got = loop.run_until_complete(calls())
    return got, [at - asked[0] for at in asked]


def test_calls_are_a_fifth_of_a_second_apart() -> None:
    """The first leaves at once."""
    assert ([OK] * 3, [0, 0.2, 0.4]) == called(OK, times=3)


def test_a_throttled_call_is_made_again_in_its_time() -> None:
    """As long after as Loops says, a second where it does not; whatever it says, ten at most."""
    answers = (slow_down(), slow_down(**{"retry-after": "3"}), slow_down(**{"retry-after": "299"}), OK)

    assert ([OK], [0, 1, 4, 14]) == called(*answers)


def test_patience_ends() -> None:
    """With the answer that Loops gives."""
    got, asked = called(slow_down())

    assert ([slow_down()], 20) == (got, len(asked))


def test_what_fails_otherwise_is_not_repeated() -> None:
    """A person sees it at once."""
    assert ([TransportFailure.CONNECT], [0]) == called(TransportFailure.CONNECT)


def test_closing_closes_the_other() -> None:
    """Nothing is asked of it any more."""
    with virtual() as loop:
        api = FakeLoopsApi(lambda _: OK)
        loop.run_until_complete(UnhurriedApi(api).close())

        assert TransportFailure.CONNECT is loop.run_until_complete(api.call(PROBE))
