"""The pipeline with the sandbox in place of Loops: what rules say of delivery comes to what they say, there too."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from consumer.core.effect import Attempt, Effect, Fate
from consumer.core.outcome import Response, judge
from consumer.core.record import Plan
from consumer.core.terms import Terms
from consumer.sandbox.options import KeyMode
from tests.core.driving import WALL, Driven, attempts, batch, delete, fates, letters, requests, send, update
from tests.sandbox.asking import Asker

MODES = pytest.mark.parametrize("mode", tuple(KeyMode))


def _run(mode: KeyMode, *plans: Plan, until: float = 60.0) -> tuple[Driven, Asker]:
    """One record each; Loops answers at once."""
    driven, asker = Driven(), Asker(key_mode=mode)
    effects = driven.tell("selected", batch({at: [plan] for at, plan in enumerate(plans)}, last=len(plans) - 1))
    while driven.now < until:
        waiting = attempts(effects)
        effects = [came for attempt in waiting for came in _answered(driven, asker, attempt)]
        if not waiting:
            effects = driven.at(driven.now + 0.5)
    return driven, asker


def _answered(driven: Driven, asker: Asker, attempt: Attempt) -> list[Effect]:
    request, asker.at = attempt.request, driven.now
    address = f"{request.path}?{urlencode(request.query)}"
    headers = {} if request.idempotency_key is None else {"idempotency-key": request.idempotency_key}
    reply = asker.reply(request.method, address, request.body or b"", headers=headers)
    answer = Response(reply.status, reply.headers, reply.body)
    return driven.answer(attempt, judge(request.call, answer, wall=WALL + driven.now))


def _plan_of(asker: Asker, user: str) -> object:
    (found,) = asker.ask("GET", f"/contacts/find?userId={user}")[1]
    return found["plan"]


@MODES
def test_of_two_events_of_a_key_one_takes_effect_and_both_tell_of_their_contact(mode: KeyMode) -> None:
    """In one process, which remembers, and in two, of which the second is told by Loops."""
    first, second = (
        replace(send("a", "a@example.com", contact={"plan": plan}, terms=Terms(once=True)), event={"number": number})
        for number, plan in enumerate(("free", "pro"))
    )
    driven, asker = _run(mode, first, second)
    assert [(Fate.DELIVERED, "r"), (Fate.CAPPED, "r")] == fates(driven.effects)
    other = Driven()
    (again,) = attempts(other.tell("selected", batch({0: [second]}, last=0)))
    (telling,) = attempts(_answered(other, asker, again))
    _answered(other, asker, telling)
    assert [(Fate.CAPPED, "r")] == fates(other.effects)
    assert (1, "pro") == (len(asker.model.journal.events()), _plan_of(asker, "a"))


@MODES
def test_who_waits_for_a_contact_is_sent_to_when_it_is_made(mode: KeyMode) -> None:
    """Its event takes effect under every memory of keys: none was used before."""
    driven, asker = _run(mode, send("a", terms=Terms(unknown_wait_s=30.0)), update("a", "a@example.com"))
    assert [(Fate.DELIVERED, "u"), (Fate.DELIVERED, "r")] == fates(driven.effects)
    assert ["/contacts/find", "/contacts/update", "/events/send"] == [each.path for each in requests(driven.effects)]
    assert 1 == len(asker.model.journal.events())


@MODES
def test_who_does_not_come_is_a_dead_letter_or_dropped(mode: KeyMode) -> None:
    """As the rule says; what is refused for something else is a dead letter in any case."""
    wrong = replace(send("b", terms=Terms(unknown_dropped=True)), event_name="a:b")
    driven, _ = _run(
        mode,
        send("a", terms=Terms(unknown_wait_s=5.0)),
        send("c", terms=Terms(unknown_dropped=True)),
        update("b", "b@example.com"),
        wrong,
    )
    assert [(Fate.DELIVERED, "u"), (Fate.FILTERED, "r")] == sorted(
        fates(driven.effects), key=lambda each: each[0].value
    )
    assert ["refused", "unknown_contact"] == sorted(letter.reason for letter in letters(driven.effects))


@MODES
def test_what_had_happened_before_a_delete_does_not_make_its_contact_again(mode: KeyMode) -> None:
    """What happened since does."""
    driven, asker = _run(
        mode,
        update("a", "a@example.com", age_s=30),
        delete("a", "a@example.com", age_s=20),
        update("a", "a@example.com", age_s=25),
        update("b", "b@example.com", age_s=10),
    )
    assert [(Fate.DELIVERED, "d"), (Fate.DELIVERED, "u"), (Fate.DELIVERED, "u"), (Fate.STALE, "u")] == sorted(
        fates(driven.effects), key=lambda each: (each[0].value, each[1])
    )
    assert [] == asker.ask("GET", "/contacts/find?userId=a")[1]
