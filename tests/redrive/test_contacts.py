"""Whether a contact is in Loops, before something is sent that would make it."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import pytest

from consumer.core.outcome import Answer, Outcome, Response, TransportFailure, Verdict
from consumer.core.request import CreateContact, DeleteContact, HttpRequest, SendEvent, UpdateContact
from consumer.redrive.contacts import CONTACT_UNKNOWN, KnownContacts
from consumer.sandbox.model import LoopsModel
from consumer.sandbox.options import SandboxOptions
from tests.fakes.loops_api import FakeLoopsApi, from_model

WHO = {"rule": "r", "event_time_ms": 0}
ERROR = b'{"success":false,"message":"no"}'


def event(email: str | None, user_id: str | None) -> HttpRequest:
    """An event for this contact."""
    return SendEvent(**WHO, email=email, user_id=user_id, event_name="e", idempotency_key="k").http()  # type: ignore[arg-type]  # the two that each has


class Loops:
    """Answers each question as it is told, and keeps the questions."""

    def __init__(self, *answers: Answer) -> None:
        """In this order."""
        self._answers = list(answers)
        self.asked: list[Mapping[str, str]] = []

    async def hold(self, request: HttpRequest) -> Outcome | None:
        """What becomes of the request."""

        def answering(asked: HttpRequest) -> Answer:
            assert ("GET", "/contacts/find", None) == (asked.method, asked.path, asked.body)
            self.asked.append(asked.query)
            return self._answers.pop(0)

        return await KnownContacts(FakeLoopsApi(answering), wall=lambda: 0.0).hold(request)


NOBODY, SOMEBODY = Response(200, {}, b"[]"), Response(200, {}, b'[{"id":"c1"}]')


async def test_a_known_contact_lets_the_request_leave() -> None:
    """Asked by userId first: it does not change."""
    loops = Loops(SOMEBODY)

    assert await loops.hold(event("a@example.com", "u1")) is None
    assert [{"userId": "u1"}] == loops.asked


async def test_either_identifier_finds_it() -> None:
    """As it does in the request; Loops takes one at a time."""
    loops = Loops(NOBODY, SOMEBODY)

    assert await loops.hold(event("a@example.com", "u1")) is None
    assert [{"userId": "u1"}, {"email": "a@example.com"}] == loops.asked


@pytest.mark.parametrize(
    ("email", "user_id", "questions"), (("a@example.com", "u1", 2), (None, "u1", 1), ("a@b.c", None, 1))
)
async def test_an_unknown_contact_is_not_made(email: str | None, user_id: str | None, questions: int) -> None:
    """The attempt ends as refused, for a reason of its own."""
    loops = Loops(*[NOBODY] * questions)

    held = await loops.hold(event(email, user_id))

    assert held is not None
    assert (Verdict.REFUSED, CONTACT_UNKNOWN) == (held.verdict, held.reason)
    assert questions == len(loops.asked)


async def test_an_identifier_that_loops_does_not_look_for_is_nobody_s() -> None:
    """As an address that is none."""
    held = await Loops(Response(400, {}, ERROR)).hold(event("none", None))

    assert held is not None
    assert CONTACT_UNKNOWN == held.reason


@pytest.mark.parametrize(
    ("answer", "verdict", "reason"),
    (
        (TransportFailure.TIMEOUT, Verdict.RETRY, "timeout"),
        (Response(503), Verdict.RETRY, "server_error"),
        (Response(409, {}, ERROR), Verdict.RETRY, "conflict"),
        (Response(200, {}, b"<html>"), Verdict.RETRY, "bad_body"),
        (Response(200, {}, b'{"success":true}'), Verdict.RETRY, "bad_body"),
        (Response(201, {}, b'{"success":true}'), Verdict.RETRY, "bad_body"),
        (Response(401, {}, ERROR), Verdict.OUTAGE, "unauthorized"),
        (Response(404), Verdict.OUTAGE, "no_such_page"),
    ),
)
async def test_a_question_that_fails_is_a_failed_attempt(answer: Answer, verdict: Verdict, reason: str) -> None:
    """Never taken for a contact that is not there, nor for one that is."""
    held = await Loops(answer).hold(event(None, "u1"))

    assert held is not None
    assert (verdict, reason) == (held.verdict, held.reason)


async def test_a_limit_that_is_used_up_is_waited_for() -> None:
    """So long as Loops says."""
    held = await Loops(Response(429, {"retry-after": "7"})).hold(event(None, "u1"))

    assert held is not None
    assert (Verdict.THROTTLED, 7.0) == (held.verdict, held.retry_after_s)


async def test_only_what_makes_a_contact_in_passing_is_asked_for() -> None:
    """A create means to, and a delete makes none; nor does a probe."""
    both = {**WHO, "email": "a@example.com", "user_id": "u1"}
    update, create, delete = (kind(**both).http() for kind in (UpdateContact, CreateContact, DeleteContact))  # type: ignore[arg-type]  # as above

    loops = Loops(SOMEBODY)
    assert [None, None] == [await loops.hold(request) for request in (create, delete)]
    assert [] == loops.asked
    assert await loops.hold(update) is None
    assert 1 == len(loops.asked)


async def test_the_sandbox_understands_the_questions() -> None:
    """With characters that an address of a page must not have."""
    model = LoopsModel(SandboxOptions(api_key="key"))
    api = FakeLoopsApi(from_model(model, lambda: "key", now=lambda: 0.0, wall=lambda: 0.0))
    contacts = KnownContacts(api, wall=lambda: 0.0)
    request = event("a+b&c@example.com", None)

    before = await contacts.hold(request)
    model.handle(
        "POST",
        "/contacts/create",
        {},
        {"authorization": "Bearer key", "content-type": "application/json"},
        orjson.dumps({"email": "A+b&c@example.com"}),
        now=1.0,
        wall=0.0,
    )

    assert before is not None
    assert await contacts.hold(request) is None
