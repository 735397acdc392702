"""What leaves of a request, where something was set since."""

from __future__ import annotations

from typing import Any

import orjson

from consumer.backfill.newest import NothingSetBack
from consumer.backfill.since import Since, Touched
from consumer.core.outcome import Response
from consumer.core.request import PROBE, HttpRequest, find_user
from tests.backfill.making import create, send, update
from tests.fakes.loops_api import FakeLoopsApi

OK = Response(200, {}, b'{"success":true}')


async def sent(request: HttpRequest, *touched: Touched) -> tuple[dict[str, Any], NothingSetBack]:
    """The body that leaves, after these things have happened."""
    since = Since()
    since.take(touched)
    real = FakeLoopsApi(lambda _: OK)
    api = NothingSetBack(real, since)
    assert OK == await api.call(request)
    return orjson.loads(real.requests[-1].body or b"{}"), api


PLAN_SET = Touched(("uu1",), frozenset({"plan"}))


async def test_what_was_set_since_is_left_out_of_every_call_that_tells() -> None:
    """The rest goes, and so does the call where nothing is left."""
    for request in (send(plan="a", seats=1), update(plan="a", seats=1), create(plan="a", seats=1)):
        body, api = await sent(request.http(), PLAN_SET)
        whole = orjson.loads(request.body())
        assert {name: value for name, value in whole.items() if name != "plan"} == body
        assert (1, 1) == (api.calls, api.shortened)
    assert {"userId", "mailingLists"} == (await sent(update(plan="a").http(), PLAN_SET))[0].keys()


async def test_all_else_leaves_as_it_is() -> None:
    """Of other contacts and properties, and calls that tell nothing."""
    others = Touched(("uu2",), frozenset({"plan"})), Touched(("uu1",), frozenset({"name"}))
    for request in (update(plan="a").http(), PROBE, find_user("u1")):
        body, api = await sent(request, *others)
        assert (orjson.loads(request.body or b"{}"), 0) == (body, api.shortened)


async def test_it_closes_what_it_calls_by() -> None:
    """Twice, too."""
    real = FakeLoopsApi(lambda _: OK)
    api = NothingSetBack(real, Since())
    await api.close()
    await api.close()

    assert OK != await real.call(PROBE)
