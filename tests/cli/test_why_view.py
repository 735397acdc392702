"""An answer as a person reads it."""

from __future__ import annotations

import pytest
from rich.console import Console

from consumer.cli.why_view import show
from consumer.why.answer import Answer
from consumer.why.whom import Identity, Whom
from tests.cli.why_answers import HOUR_MS, WAITS, answer_of, letter_of
from tests.mapping.making import MAY_FIRST_MS

EMAIL = "user@example.com"
CONTACT = {"id": "c1", "email": EMAIL, "plan": "pro", "source": None}


def lines(answer: Answer, width: int = 100) -> list[str]:
    """What is printed."""
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        show(console, answer)
    return captured.get().splitlines()


def test_a_page_begins_with_who_and_how_much_and_ends_with_the_contact() -> None:
    """In between each record, and what no rule wants."""
    whom = Whom(EMAIL)
    whom.learn(Identity(EMAIL, "u1"), "Loops")
    answer = answer_of({"properties": {"plan": "pro"}}, whom=whom, contacts=[CONTACT], unwanted={"Page Viewed": 2})
    key = answer.accounts[0].outcomes[0].told

    assert key is not None
    page = lines(answer)
    assert [
        f"{EMAIL}, userId u1 (as Loops says)",
        "all 48,211 records of events since 2026-04-30T10:00:00.000Z",
        "1 record that a rule wants: 1 sent",
        f"group readers, 2 consumers in it; mapping {answer.mapping.digest}",
        "told by this mapping; under another one it may have come to other things",
        "",
        "2026-05-01T10:00:00.000Z  Trial Started  events:0:0",
        "  sent         r0",
    ] == page[:8]
    assert ("    POST /events/send", "    key ") == (page[8], page[9][:8])
    assert [
        '    {"email": "user@example.com", "userId": "u1", "eventName": "trialStarted", "eventProperties":',
        '    {"plan": "pro"}}',
        "",
        '2 more records that no rule wants: "Page Viewed" 2',
        "",
        "in Loops now",
        "  id     c1",
        f"  email  {EMAIL}",
        "  plan   pro",
    ] == page[10:]


@pytest.mark.parametrize("width", (60, 80, 120))
def test_it_fits_any_terminal(width: int) -> None:
    """But for what may be copied."""
    answer = answer_of({}, b"{", commits=WAITS, letters=[letter_of()], unwanted={"trial started": 1}, mentions=7)

    too_long = [line for line in lines(answer, width) if len(line) > width and not line.startswith("    key ")]
    assert [] == too_long


def test_nobody_and_nothing_is_said() -> None:
    """With what Loops says of it."""
    page = lines(answer_of())

    assert "no record about this person that a rule wants" == page[2]
    assert ["", "in Loops now: no such contact"] == page[-2:]


def test_a_name_that_a_rule_nearly_wants_is_told() -> None:
    """It is what people look for."""
    page = lines(answer_of(unwanted={"trial_started": 1, None: 1}))

    assert '2 more records that no rule wants: "trial_started" 1 (r0 wants "Trial Started"), (no event name) 1' in page


@pytest.mark.parametrize(
    ("mentions", "says"),
    (
        (1, "events:3:0 holds an address of this person and is about somebody else, or nobody,"),
        (2, "2 records hold an address of this person and are about somebody else, or nobody,"),
        (7, "7 records hold an address of this person and are about somebody else, or nobody,"),
    ),
)
def test_records_that_only_hold_the_address_are_named(mentions: int, says: str) -> None:
    """The mapping may look in the wrong place."""
    text = " ".join(lines(answer_of(mentions=mentions), 400))

    assert says in text
    assert ("events:3:4 and others" in text) == (mentions == 7)


def test_an_old_event_is_told_to_be() -> None:
    """By how much it is older than its record."""
    page = lines(answer_of({}, written_ms=MAY_FIRST_MS + 3 * HOUR_MS))

    assert "2026-05-01T13:00:00.000Z  Trial Started  events:0:0  happened 3 h before" in page


def test_a_record_whose_time_is_no_date_is_shown_like_any_other() -> None:
    """With the number: its producer may have given microseconds."""
    page = lines(answer_of({}, written_ms=MAY_FIRST_MS * 1_000))

    assert f"{MAY_FIRST_MS * 1_000}  Trial Started  events:0:0" in " ".join(page)


def test_what_is_not_known_is_said_before_anything_else() -> None:
    """So that nobody takes silence for an answer."""
    answer = answer_of(
        {},
        commits=None,
        top="format: segment\npaused: true",
        coverage={"records": 20, "partitions": 2, "stopped": True},
        group={"members": 0, "has_committed": False, "problem": "GROUP_AUTHORIZATION_FAILED"},
        letters_problem="there is no such topic",
        contacts=None,
        contacts_problem="there is no key for Loops",
    )
    answer.found.not_decoded["the registry does not answer"] = 3
    answer.found.left_out = 2
    page = lines(answer, 200)

    assert [
        "20 of 48,211 records of events since 2026-04-30T10:00:00.000Z, 2 of 12 partitions; stopped before the end",
        "1 record that a rule wants: 1 unknown",
        f"group readers, 0 consumers in it; mapping {answer.mapping.digest}",
        "told by this mapping; under another one it may have come to other things",
        "no consumer is in the group: nothing is sent while none runs",
        "the group has committed nothing yet",
        "what the group has finished is not known: GROUP_AUTHORIZATION_FAILED",
        "the mapping says paused: true, so nothing leaves for now",
        "dead letters could not be read: there is no such topic",
        "3 records could not be decoded: the registry does not answer",
        "2 further records are not shown; ask of a shorter time",
    ] == page[1:12]
    assert "in Loops: not known: there is no key for Loops" == page[-1]


def test_two_contacts_are_a_warning() -> None:
    """Loops refuses what names both."""
    page = lines(answer_of(contacts=[CONTACT, {"id": "c2", "userId": "u1"}]))

    assert "in Loops now: 2 contacts; a request that names two of them is refused" in page
    assert ["  id      c2", "  userId  u1"] == page[-2:]


def test_a_condition_of_several_parts_is_shown_part_by_part() -> None:
    """Below its rule."""
    rules = ("when: Trial Started, where: properties.plan = 'free' or properties.seats > 9, update: true",)
    page = lines(answer_of({"properties": {"plan": "pro", "seats": 5}}, rules=rules))

    assert "  filtered     r0" in page
    assert 1 < sum(line.startswith("    where: ") for line in page)


def test_a_letter_of_a_rule_that_is_gone_is_shown_by_its_id() -> None:
    """There is no other name of it."""
    page = lines(answer_of({"event": "Paid"}, letters=[letter_of("former")]), 200)

    assert any(line.startswith("  dead letter  former  refused: 400 No") for line in page)


def test_nothing_of_a_record_steers_the_terminal() -> None:
    """Anyone may have written it."""
    page = lines(answer_of({"event": "Trial Started", "properties": {"plan": "\x1b[31m\u202e"}}))

    assert not any("\x1b" in line or "\u202e" in line for line in page)
