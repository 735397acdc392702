"""The pipeline's rules on requests with a userId alone, whose contact Loops may not know."""

from __future__ import annotations

from consumer.core.effect import Effect, Fate, OutageBegan, Retried
from consumer.core.policy import Policy
from consumer.core.record import Plan
from consumer.core.terms import Terms
from tests.core.driving import (
    BUSY,
    CONFLICT,
    DONE,
    NOT_FOUND,
    P0,
    P1,
    REFUSED,
    THROTTLED,
    Driven,
    attempts,
    batch,
    create,
    delete,
    fates,
    letters,
    of,
    requests,
    send,
    update,
)

DROPS = Terms(unknown_dropped=True)
WAITS = Terms(unknown_wait_s=30.0)

FIND, SEND, UPDATE = "/contacts/find", "/events/send", "/contacts/update"


def _select(driven: Driven, *plans: Plan, first: int = 0) -> list[Effect]:
    made = {offset: [plan] for offset, plan in enumerate(plans, first)}
    return driven.tell("selected", batch(made, first=first, last=first + len(plans) - 1))


def _paths(effects: list[Effect]) -> list[str]:
    return [request.path for request in requests(effects)]


def _until_letters(driven: Driven, effects: list[Effect]) -> list[Effect]:
    """Looks for nobody in vain, second by second; a minute at most. Returns what came with the first dead letter."""
    for _ in range(60):
        effects = [came for looking in attempts(effects) for came in driven.answer(looking, NOT_FOUND)]
        if letters(effects):
            break
        effects += driven.at(driven.now + 1.0)
    return effects


# Dropped -------------------------------------------------------------------------------------------------------------


def test_a_refused_request_whose_contact_is_not_there_is_dropped() -> None:
    """Loops is asked after the refusal, whatever that said."""
    driven = Driven()
    (sent,) = attempts(_select(driven, send("a", terms=DROPS)))
    (looking,) = attempts(driven.answer(sent, REFUSED))
    assert (FIND, {"userId": "a"}, None, 2) == (
        looking.request.path,
        looking.request.query,
        looking.event_time_ms,
        looking.try_number,
    )
    assert [(Fate.FILTERED, "r")] == fates(driven.answer(looking, NOT_FOUND))
    assert [] == letters(driven.effects) + of(Retried, driven.effects)


def test_a_refused_request_whose_contact_is_there_is_a_dead_letter_of_its_refusal() -> None:
    """It was refused for something else."""
    driven = Driven()
    (sent,) = attempts(_select(driven, send("a", terms=DROPS)))
    (looking,) = attempts(driven.answer(sent, REFUSED))
    (letter,) = letters(driven.answer(looking, DONE))
    assert ("deliver", "refused", "400 Invalid email address.", "key-a", 1, 2) == (
        letter.stage,
        letter.reason,
        letter.message,
        letter.idempotency_key,
        letter.refusals,
        letter.attempts,
    )


def test_a_refusal_with_an_email_is_a_dead_letter_at_once() -> None:
    """Loops would have made the contact."""
    driven = Driven()
    (sent,) = attempts(_select(driven, send("a", "a@example.com", terms=DROPS)))
    refused = driven.answer(sent, REFUSED)
    assert (["refused"], []) == ([letter.reason for letter in letters(refused)], requests(refused))


def test_a_look_up_that_fails_for_good_leaves_the_refusal() -> None:
    """Refused itself, or failed too often while others succeed."""
    driven = Driven(Policy(attempts_max=1))
    (refused, failed) = attempts(_select(driven, send("a", terms=DROPS), send("b", terms=DROPS)))
    (first,) = attempts(driven.answer(refused, REFUSED))
    assert ["400 Invalid email address."] == [letter.message for letter in letters(driven.answer(first, REFUSED))]
    (second,) = attempts(driven.answer(failed, REFUSED))
    driven.answer(second, BUSY)
    (again,) = attempts(driven.at(3.0))
    (other,) = attempts(_select(driven, send("c", terms=DROPS), first=2))
    (third,) = attempts(driven.answer(other, REFUSED))
    driven.answer(third, NOT_FOUND)
    assert ["400 Invalid email address."] == [letter.message for letter in letters(driven.answer(again, BUSY))]


# Waiting -------------------------------------------------------------------------------------------------------------


def test_a_request_that_waits_for_its_contact_is_not_sent_before_it_is_there() -> None:
    """It is looked for first, and then at growing pauses."""
    driven = Driven()
    (looking,) = attempts(_select(driven, send("a", terms=WAITS)))
    assert FIND == looking.request.path
    driven.answer(looking, NOT_FOUND)
    (again,) = attempts(driven.at(3.0))
    assert (FIND, []) == (again.request.path, attempts(driven.answer(again, NOT_FOUND) + driven.at(4.9)))
    (third,) = attempts(driven.at(5.0))
    (sent,) = attempts(driven.answer(third, DONE))
    assert (SEND, "key-a") == (sent.request.path, sent.request.idempotency_key)
    assert [(Fate.DELIVERED, "r")] == fates(driven.answer(sent))


def test_who_does_not_come_in_time_is_a_dead_letter() -> None:
    """With the key that was not used."""
    driven = Driven()
    (letter,) = letters(_until_letters(driven, _select(driven, send("a", terms=WAITS), send("a"))))
    assert (32.0, "deliver", "unknown_contact", "key-a", 0) == (
        driven.now,
        letter.stage,
        letter.reason,
        letter.idempotency_key,
        letter.refusals,
    )
    assert SEND == _paths(driven.effects)[-1]


def test_who_was_seen_before_is_sent_to_at_once() -> None:
    """By a request with both identifiers, or a look-up; until it is deleted."""
    driven = Driven()
    (looking,) = attempts(_select(driven, update("a", terms=WAITS)))
    (first,) = attempts(driven.answer(looking, DONE))
    driven.answer(first)
    (second,) = attempts(_select(driven, send("a", terms=WAITS), first=1))
    driven.answer(second)
    (gone,) = attempts(_select(driven, delete("a", None), first=2))
    driven.answer(gone)
    (third,) = attempts(_select(driven, send("a", terms=WAITS), first=3))
    assert [UPDATE, SEND, FIND] == [attempt.request.path for attempt in (first, second, third)]


def test_a_look_up_that_is_throttled_or_fails_waits_like_any_other() -> None:
    """It costs none of the wait."""
    driven = Driven()
    (looking,) = attempts(_select(driven, send("a", terms=WAITS)))
    (again,) = attempts(driven.answer(looking, THROTTLED))
    driven.answer(again, BUSY)
    driven.now = 100.0
    (third,) = attempts(driven.tell("tick"))
    driven.answer(third, NOT_FOUND)
    assert ([], [FIND]) == (letters(driven.effects), _paths(driven.at(101.0)))


def test_a_look_up_that_is_refused_is_a_dead_letter() -> None:
    """The key was not used, and no refusal of it is counted."""
    driven = Driven()
    (looking,) = attempts(_select(driven, send("a", terms=WAITS)))
    (letter,) = letters(driven.answer(looking, REFUSED))
    assert ("refused", 0, "key-a") == (letter.reason, letter.refusals, letter.idempotency_key)


def test_look_ups_that_fail_hold_back_look_ups_alone() -> None:
    """Their call has an outage of its own."""
    driven = Driven()
    for looking in attempts(_select(driven, *(send(f"u{number}", terms=WAITS) for number in range(5)))):
        driven.answer(looking, BUSY)
    assert [OutageBegan("contacts_find", "server_error")] == of(OutageBegan, driven.effects)
    assert [SEND] == _paths(_select(driven, send("b", terms=WAITS), send("c"), first=5))


def test_what_is_too_old_by_then_is_stale() -> None:
    """It is not sent, though its contact may come."""
    driven = Driven()
    (looking,) = attempts(_select(driven, send("a", max_age_s=4.0, terms=WAITS)))
    (again,) = attempts(driven.answer(looking, NOT_FOUND) + driven.at(3.0))
    assert [(Fate.STALE, "r")] == fates(driven.answer(again, NOT_FOUND) + driven.at(5.0))


def test_look_ups_pay_nothing_from_the_hour_s_budget() -> None:
    """What is sent does."""
    driven = Driven()
    terms = Terms(unknown_wait_s=1.0, max_per_hour=1)
    first, second = attempts(_select(driven, send("a", terms=terms), send("b", terms=terms)))
    (sent,) = attempts(driven.answer(first, DONE))
    late = driven.answer(second, DONE)
    assert ([SEND], ["over_budget"]) == ([sent.request.path], [letter.reason for letter in letters(late)])


# What may make the contact goes ahead --------------------------------------------------------------------------------


def test_what_makes_the_contact_goes_ahead_and_what_waited_follows_at_once() -> None:
    """Whether it was there when the wait began, or came later; the others stay behind."""
    for together in (True, False):
        driven = Driven()
        maker = update("a", "a@example.com")
        (looking,) = attempts(_select(driven, send("a", terms=WAITS), update("a"), *([maker] if together else [])))
        effects = driven.answer(looking, NOT_FOUND)
        if not together:
            effects = driven.at(2.5) + _select(driven, maker, first=2)
        (making,) = attempts(effects)
        assert ("ea@example.com", "ua") == making.lanes
        (sent,) = attempts(driven.answer(making))
        (after,) = attempts(driven.answer(sent))
        assert (SEND, UPDATE, ("ua",)) == (sent.request.path, after.request.path, after.lanes)
        driven.answer(after)
        assert [] == requests(driven.at(60.0))


def test_what_goes_ahead_keeps_its_other_lane() -> None:
    """Nothing of another identifier is overtaken."""
    driven = Driven()
    plans = (send(None, "a@example.com"), send("a", terms=WAITS), create("a", "a@example.com"))
    first, looking = attempts(_select(driven, *plans))
    assert [] == requests(driven.answer(looking, NOT_FOUND) + driven.at(20.0))
    assert ["/contacts/create"] == _paths(driven.answer(first))


def test_while_one_goes_ahead_the_wait_does_not_end() -> None:
    """An outage of its call must not make a dead letter of what waits for it."""
    driven = Driven()
    (looking,) = attempts(_select(driven, send("a", terms=WAITS), update("a", "a@example.com")))
    (making,) = attempts(driven.answer(looking, NOT_FOUND))
    driven.now = 1_000.0
    driven.answer(making, BUSY)
    (again,) = attempts(driven.at(1_002.0))
    assert [SEND] == _paths(driven.answer(again))
    assert [] == letters(driven.effects)


def test_one_that_went_ahead_in_vain_is_followed_by_a_look_up_and_the_next() -> None:
    """Even when the wait is over; with the last one it ends."""
    for at in (10.0, 40.0):
        driven = Driven()
        makers = (update("a", "a@example.com"), update("a", "b@example.com"))
        (looking,) = attempts(_select(driven, send("a", terms=WAITS), *makers))
        (making,) = attempts(driven.answer(looking, NOT_FOUND))
        driven.now = at
        (again,) = attempts(driven.answer(making, REFUSED))
        assert FIND == again.request.path
        (second,) = attempts(driven.answer(again, NOT_FOUND))
        assert ("eb@example.com", "ua") == second.lanes
        driven.now = 40.0
        (last,) = attempts(driven.answer(second, REFUSED))
        assert ["unknown_contact"] == [letter.reason for letter in letters(driven.answer(last, NOT_FOUND))]


def test_what_came_while_it_was_looked_for_the_last_time_goes_ahead() -> None:
    """At the limit a look-up may stand ready for longer than the wait lasts."""
    driven = Driven()
    (looking,) = attempts(_select(driven, send("a", terms=WAITS)))
    driven.answer(looking, NOT_FOUND)
    (again,) = attempts(driven.at(30.0))
    _select(driven, update("a", "a@example.com"), first=1)
    (making,) = attempts(driven.answer(again, NOT_FOUND))
    assert (UPDATE, []) == (making.request.path, letters(driven.effects))
    assert [SEND] == _paths(driven.answer(making))


def test_nothing_goes_ahead_of_a_delete() -> None:
    """What is behind it makes another contact."""
    driven = Driven()
    plans = (send("a", terms=WAITS), delete("a", "a@example.com"), update("a", "a@example.com"))
    (looking,) = attempts(_select(driven, *plans))
    assert [FIND] == _paths(driven.answer(looking, NOT_FOUND) + driven.at(3.0))


def test_a_lost_partition_takes_its_waiting_requests_along() -> None:
    """What went ahead of them goes on, and so does what stood behind."""
    driven = Driven()
    (looking,) = attempts(_select(driven, send("a", terms=WAITS)))
    driven.answer(looking, NOT_FOUND)
    plans = {0: [update("a", "a@example.com")], 1: [update("a")]}
    (making,) = attempts(driven.tell("selected", batch(plans, last=1, partition=P1)))
    driven.tell("lost", [P0])
    assert [UPDATE] == _paths(driven.answer(making))
    assert (0, []) == (len(driven.pipeline.wire._backoffs), letters(driven.effects))


def test_a_revoked_partition_does_not_wait_for_a_contact() -> None:
    """It is handed over when nothing of it is on the wire."""
    driven = Driven()
    looking, pausing = attempts(_select(driven, send("a", terms=WAITS), send("b", terms=WAITS)))
    driven.answer(pausing, NOT_FOUND)
    driven.tell("revoked", [P0])
    driven.answer(looking, NOT_FOUND)
    assert P0 not in driven.pipeline.partitions


def test_what_finds_no_room_for_its_end_does_not_go_ahead() -> None:
    """The one that waits has its own end to come to, which the commit waits for."""
    driven = Driven(Policy(metadata_bytes_max=0))
    driven.tell("selected", batch({0: [send("another")]}, last=0, partition=P1))
    effects = _until_letters(driven, _select(driven, send("a", terms=WAITS), update("a", "a@example.com")))
    (letter,) = letters(effects)
    assert ("unknown_contact", []) == (letter.reason, [path for path in _paths(driven.effects) if path == UPDATE])
    assert [UPDATE] == _paths(driven.tell("letter_confirmed", letter))


# Together with once --------------------------------------------------------------------------------------------------


def test_a_capped_event_of_an_unknown_contact_is_dropped_with_it() -> None:
    """Its update is refused as the event would have been."""
    driven = Driven()
    terms = Terms(once=True, unknown_dropped=True)
    (sent,) = attempts(_select(driven, send("a", contact={"plan": "pro"}, terms=terms)))
    (telling,) = attempts(driven.answer(sent, CONFLICT))
    (looking,) = attempts(driven.answer(telling, REFUSED))
    assert [UPDATE, FIND] == [attempt.request.path for attempt in (telling, looking)]
    assert [(Fate.FILTERED, "r")] == fates(driven.answer(looking, NOT_FOUND))


def test_a_look_up_is_no_event() -> None:
    """That its contact was found does not cap the next one."""
    driven = Driven()
    terms = Terms(once=True, unknown_wait_s=30.0)
    (looking,) = attempts(_select(driven, send("a", terms=terms), send("a", terms=terms)))
    (sent,) = attempts(driven.answer(looking, DONE))
    (second,) = attempts(driven.answer(sent, REFUSED))
    assert [FIND, SEND, FIND] == [attempt.request.path for attempt in (looking, sent, second)]
