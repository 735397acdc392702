"""The share of the rate, over all requests."""

from __future__ import annotations

import asyncio

import async_solipsism
import pytest

from consumer.core.outcome import Response
from consumer.core.request import PROBE
from consumer.redrive.pace import PacedLoops, ShareTooSmall, requests_per_s
from tests.fakes.loops_api import FakeLoopsApi, from_script


@pytest.mark.parametrize(
    ("share", "rate_per_s", "of_letter", "expected"),
    ((0.3, 10, 2, 3), (1.0, 10, 2, 10), (0.2, 10, 2, 2), (0.1, 10, 1, 1), (0.29, 100, 2, 29), (0.99, 10, 1, 9)),
)
def test_a_share_is_whole_requests_a_second(share: float, rate_per_s: int, of_letter: int, expected: int) -> None:
    """Rounded down, whatever floating point makes of it."""
    assert expected == requests_per_s(share, rate_per_s, of_letter=of_letter)


@pytest.mark.parametrize(
    ("share", "rate_per_s", "allowed"),
    (
        (0.1, 10, "0.1 of 10 requests a second is less than one letter a second, which takes 2; allowed: 0.2 to 1"),
        (0.0, 300, "0 of 300 .* allowed: 0.01 to 1"),
        (0.5, 3, "0.5 of 3 .* allowed: 0.67 to 1"),
        (1.0, 1, "a letter takes 2 requests, and loops.rate_per_s is 1"),
    ),
)
def test_less_than_one_letter_a_second_is_refused_with_what_is_allowed(
    share: float, rate_per_s: int, allowed: str
) -> None:
    """What is named is allowed."""
    with pytest.raises(ShareTooSmall, match=f"^{allowed}$"):
        requests_per_s(share, rate_per_s, of_letter=2)


@pytest.mark.parametrize("rate_per_s", (2, 3, 7, 10, 30, 999, 10_000))
def test_the_least_share_that_is_named_is_allowed(rate_per_s: int) -> None:
    """It is rounded up."""
    with pytest.raises(ShareTooSmall) as found:
        requests_per_s(0.0, rate_per_s, of_letter=2)

    least = float(str(found.value).split("allowed: ")[1].split(" to ")[0])
    assert requests_per_s(least, rate_per_s, of_letter=2) >= 2


def test_no_second_holds_more_than_its_share() -> None:
    """However many want to leave at once, and whatever each of them takes; in the order in which they came."""
    loop = async_solipsism.EventLoop()
    left: list[tuple[float, str]] = []

    async def scenario() -> None:
        def answering(request: object) -> Response:
            left.append((loop.time(), getattr(request, "path", "")))
            return Response(200)

        api = PacedLoops(FakeLoopsApi(answering, latency_s=3.0), 3, now=loop.time, random=lambda: 0.0)
        paths = [f"/{number}" for number in range(12)]
        calls = [api.call(type(PROBE)(PROBE.call, "GET", path)) for path in paths]
        await asyncio.gather(*calls)
        await api.close()
        assert paths == [path for _, path in left]

    loop.run_until_complete(scenario())
    loop.close()
    times = [at for at, _ in left]
    assert max(sum(1 for other in times if at <= other < at + 1.0) for at in times) == 3
    assert times[-1] - times[0] < 3.2


async def test_closing_closes_what_is_behind() -> None:
    """Twice, as the runner does and whoever made it."""
    behind = FakeLoopsApi(from_script([Response(200)]))
    api = PacedLoops(behind, 1, now=asyncio.get_running_loop().time, random=lambda: 0.0)
    await api.close()
    await api.close()

    assert not isinstance(await behind.call(PROBE), Response)


def test_what_is_refused_makes_the_margin_wider() -> None:
    """Where it left as soon as it might: the third leaves later after the second than that did after the first."""
    loop = async_solipsism.EventLoop()
    left: list[float] = []

    async def scenario() -> None:
        def answering(_: object) -> Response:
            left.append(loop.time())
            return Response(429)

        api = PacedLoops(FakeLoopsApi(answering), 1, now=loop.time, random=lambda: 0.0)
        for _ in range(3):
            await api.call(PROBE)
        await api.close()

    loop.run_until_complete(scenario())
    loop.close()
    assert [1.03, 1.048] == pytest.approx([left[1] - left[0], left[2] - left[1]])
