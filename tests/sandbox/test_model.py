"""Loops in one object."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.sandbox.faults import InjectedFault
from consumer.sandbox.options import KeyMode, LimitWay
from consumer.sandbox.reply import Ending
from tests.sandbox.asking import Asker

EVENT = {"email": "a@example.com", "userId": "u1", "eventName": "paid", "eventProperties": {"plan": "pro"}}


@pytest.mark.parametrize("way", tuple(LimitWay))
def test_the_eleventh_request_of_a_second_is_429(way: LimitWay) -> None:
    """With Loops' headers, whatever it asks for; the next second all is well again."""
    asker = Asker(rate_per_s=10, limit_way=way, phase_s=0.5)
    calls = [("GET", "/lists"), ("GET", "/api-key"), ("PATCH", "/lists")] * 4
    replies = [asker.reply(*each) for each in calls[:11]]
    assert [200, 200, 405] * 3 + [200, 429] == [each.status for each in replies]
    assert [str(left) for left in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)] == [
        each.headers["x-ratelimit-remaining"] for each in replies
    ]
    assert {"10"} == {each.headers["x-ratelimit-limit"] for each in replies}
    assert {"success": False, "message": "Rate limit exceeded."} == orjson.loads(replies[-1].body)
    asker.at = 1.5
    assert 200 == asker.reply("GET", "/lists").status


@pytest.mark.parametrize("authorization", ("", "Bearer", "Bearer other", "sandbox", "bearer sandbox"))
def test_another_key_is_401_and_does_not_count(authorization: str) -> None:
    """It is nobody's limit."""
    asker = Asker(rate_per_s=1)
    for _ in range(3):
        reply = asker.reply("POST", "/events/send", EVENT, headers={"authorization": authorization})
        assert 401 == reply.status
        assert {"success": False, "message": "Invalid API key", "error": "Invalid API key"} == orjson.loads(reply.body)
        assert "x-ratelimit-limit" not in reply.headers
    assert 200 == asker.reply("POST", "/events/send", EVENT).status


@pytest.mark.parametrize("body", (b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000))
def test_a_body_that_is_no_object_is_400(body: bytes) -> None:
    """Never a traceback."""
    assert 400 == Asker().reply("POST", "/events/send", body).status


def test_a_body_that_is_not_sent_as_json_is_400() -> None:
    """A charset may stand behind."""
    asker = Asker()
    form = asker.reply("POST", "/events/send", EVENT, headers={"content-type": "text/plain"})
    named = asker.reply("POST", "/events/send", EVENT, headers={"content-type": "Application/JSON; charset=utf-8"})
    assert (400, 200) == (form.status, named.status)


@pytest.mark.parametrize("mode", tuple(KeyMode))
def test_401_429_and_injected_failures_use_no_key_up(mode: KeyMode) -> None:
    """The same key goes through afterwards."""
    asker = Asker(rate_per_s=1, key_mode=mode)
    key = {"idempotency-key": "k"}
    assert 401 == asker.reply("POST", "/events/send", EVENT, headers={**key, "authorization": "x"}).status
    asker.reply("GET", "/lists")
    assert 429 == asker.send("k")
    asker.at = 10.0
    for status in (403, 404, 405, 500):
        asker.model.faults.add(InjectedFault(status=status, count=1), now=10.0)
        assert status == asker.send("k")
    assert 200 == asker.send("k")


@pytest.mark.parametrize("fault", (InjectedFault(status=503), InjectedFault(reset=True), InjectedFault(hang=True)))
def test_a_fault_before_the_effect_leaves_everything_as_it_was(fault: InjectedFault) -> None:
    """No contact, no key, no count; and the journal says so."""
    asker = Asker(rate_per_s=1)
    asker.model.faults.add(fault.model_copy(update={"count": 1}), now=0.0)
    reply = asker.reply("POST", "/events/send", EVENT, headers={"idempotency-key": "k"})
    entry = asker.model.journal.after(0)[0]
    assert (0, False, "not_counted", 1) == (
        len(asker.model.team.contacts),
        entry.took_effect,
        entry.rate,
        entry.fault,
    )
    assert (reply.ending.value, "sendEvent", "paid") == (entry.ending, entry.call, entry.event_name)
    assert 200 == asker.send("k")


@pytest.mark.parametrize("fault", (InjectedFault(status=503), InjectedFault(reset=True), InjectedFault(hang=True)))
def test_a_fault_after_the_effect_is_told_from_one_before_by_the_key_alone(fault: InjectedFault) -> None:
    """The repeat answers 409, and the event was taken once."""
    asker = Asker()
    asker.model.faults.add(fault.model_copy(update={"count": 1, "after_effect": True}), now=0.0)
    asker.reply("POST", "/events/send", EVENT, headers={"idempotency-key": "k"})
    assert 409 == asker.send("k")
    entries = asker.model.journal.after(0)
    assert [(fault.status, True, "counted"), (409, False, "counted")] == [
        (each.status, each.took_effect, each.rate) for each in entries
    ]
    assert 1 == len(asker.model.journal.events())


def test_what_a_plan_takes_in_time_is_told_to_the_caller() -> None:
    """Before it counts and before it is answered; the model itself never waits."""
    asker = Asker(latency_s=0.02, jitter_s=0.5)
    plan = asker.model.plan("GET", "/lists", b"", now=0.0)
    assert 0 < plan.before_s < 0.5
    assert pytest.approx(0.02) == asker.reply("GET", "/lists").wait_s


def test_the_journal_has_the_request_as_it_was() -> None:
    """Refused ones with the reason."""
    asker = Asker()
    asker.at = 5.0
    asker.ask("POST", "/events/send", EVENT, key="k")
    asker.ask("POST", "/events/send", {**EVENT, "eventName": ""})
    asker.ask("GET", "/contacts/find?userId=u1")
    asker.ask("PATCH", "/lists")
    sent, refused, found, wrong = asker.model.journal.after(0)
    assert (5.0, 1_700_000_005_000, "POST", "/events/send") == (sent.now, sent.wall_ms, sent.method, sent.path)
    assert ("a@example.com", "u1", "paid", {"plan": "pro"}, "k") == (
        sent.email,
        sent.user_id,
        sent.event_name,
        sent.event_properties,
        sent.idempotency_key,
    )
    assert (EVENT, 200, True) == (sent.body, sent.status, sent.took_effect)
    assert (400, False, "eventName is required.") == (refused.status, refused.took_effect, refused.message)
    assert ("findContact", "u1", False) == (found.call, found.user_id, found.took_effect)
    assert (None, 405) == (wrong.call, wrong.status)


def test_equal_requests_to_equal_sandboxes_get_equal_answers() -> None:
    """Seeds decide everything that is left to chance."""
    runs = []
    for _ in range(2):
        asker = Asker(seed=7, limit_way=LimitWay.FIXED, rate_per_s=10, jitter_s=0.1)
        asker.model.faults.add(InjectedFault(status=500, share=0.3), now=0.0)
        run = []
        for n in range(200):
            asker.at = n / 13
            run.append(asker.reply("PUT", "/contacts/update", {"email": f"{n % 7}@example.com"}))
        runs.append(run)
    assert runs[0] == runs[1]
    assert {200, 429, 500} == {each.status for each in runs[0]}


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
members = st.sampled_from(
    ("email", "userId", "eventName", "eventProperties", "mailingLists", "subscribed", "name", "type", "dataVariables")
)


@given(
    call=st.sampled_from(
        (
            ("POST", "/contacts/create"),
            ("PUT", "/contacts/update"),
            ("POST", "/contacts/delete"),
            ("POST", "/contacts/properties"),
            ("POST", "/events/send"),
            ("POST", "/transactional"),
        )
    ),
    body=st.dictionaries(members | st.text(max_size=8), anything | st.just("a@example.com"), max_size=6),
)
def test_whatever_the_body_the_answer_is_one_of_loops(call: tuple[str, str], body: dict[str, object]) -> None:
    """Nothing is raised, and only a 200 has an effect."""
    asker = Asker()
    reply = asker.reply(*call, body)
    assert (Ending.ANSWER, reply.status == 200) == (reply.ending, orjson.loads(reply.body)["success"])
    assert reply.status in {200, 400, 404}
    assert (reply.status == 200) == asker.model.journal.after(0)[0].took_effect
