"""Finding the records about somebody."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from consumer.core.record import Position
from consumer.mapping.envelope import NotYet
from consumer.mapping.message import Message as ClientMessage
from consumer.mapping.rules import CompiledMapping
from consumer.why import finding
from consumer.why.finding import Finder, Found
from consumer.why.whom import Whom
from tests.mapping.making import TRIAL, Message, mapping_of

EMAIL = "user@example.com"
RULES = ("when: Trial Started, send: trialStarted", "when: Paid, where: properties.total > 0, update: true")


def event(name: str = "Trial Started", email: str | None = EMAIL, user_id: object = "u1", **members: Any) -> bytes:
    """One in Segment's form."""
    context = {"traits": {"email": email}} if email else {}
    return orjson.dumps({"type": "track", "event": name, "userId": user_id, "context": context, **members})


def found(whom: Whom, *values: bytes | None, mapping: CompiledMapping | None = None, **message: Any) -> Found:
    """What is found among records of one partition."""
    finder = Finder(mapping or mapping_of(*RULES), whom)
    finder.take([Message(value, at=at, **message) for at, value in enumerate(values)])
    return finder.found


def offsets(of: Found) -> list[int]:
    """Where they lie."""
    return [position.offset for position in of.records]


def test_records_are_found_by_address_whatever_its_case() -> None:
    """And however it is escaped; others' are not."""
    other = event(email="other@example.com", user_id="u2")
    values = (event(email="User@Example.com"), other, event().replace(b"@", b"\\u0040"))

    assert [0, 2] == offsets(found(Whom(EMAIL), *values))


def test_records_are_found_by_user_id_as_text() -> None:
    """A number too, and none that only looks like it."""
    values = (event(email=None, user_id=42), event(email=None, user_id="42"), event(email=None, user_id=421))

    assert [0, 1] == offsets(found(Whom(user_id="42"), *values))


def test_what_a_record_says_beside_the_address_is_looked_for_from_then_on() -> None:
    """Not before: whoever reads may read again."""
    whom = Whom(EMAIL)
    values = (event(email=None), event(), event(email=None), event(email="other@example.com"))

    assert [1, 2, 3] == offsets(found(whom, *values))
    assert {"u1": "the record events 0:1"} == whom.user_ids


def test_what_no_rule_wants_is_counted_by_name() -> None:
    """It may be many. A condition that says no is a rule's all the same."""
    values = (event("Page Viewed"), event("Page Viewed"), event("Trial started"), event("Paid"))
    result = found(Whom(EMAIL), *values)

    assert [3] == offsets(result)
    assert {"Page Viewed": 2, "Trial started": 1} == result.unwanted


def test_a_record_that_cannot_be_read_is_found_where_it_holds_the_address() -> None:
    """It may be their dead letter. A userId is too short to tell."""
    values = (b'{"email": "USER@example.com"', b'{"u1"', None)

    assert [0] == offsets(found(Whom(EMAIL, "u1"), *values))


def test_a_record_whose_contact_cannot_be_worked_out_is_found_in_the_same_way() -> None:
    """Every rule makes a dead letter of it."""
    mapping = mapping_of(*RULES, top="format: segment\ncontact: {email: $lowercase(context.traits.email)}")
    values = (event(email=None, context={"traits": {"email": [EMAIL]}}), event(context={"traits": {"email": [1]}}))

    assert [0] == offsets(found(Whom(EMAIL), *values, mapping=mapping))


def test_one_that_holds_the_address_and_is_about_somebody_else_is_a_mention() -> None:
    """As an invitation is, or a mapping that looks in the wrong place."""
    values = [event(email="other@example.com", invited=EMAIL)] * 7
    result = found(Whom(EMAIL), *values)

    assert ([], 7, [Position("events", 0, at) for at in range(5)]) == (
        offsets(result),
        result.mentions_count,
        result.mentions,
    )


def test_an_address_that_an_expression_makes_is_found_too() -> None:
    """It stands nowhere in the record, so every record is looked at."""
    mapping = mapping_of(*RULES, top="format: segment\ncontact: {email: 'userId & \"@example.com\"'}")

    assert [0] == offsets(found(Whom(EMAIL), event(email=None, user_id="user"), mapping=mapping))


def test_a_key_is_looked_at_too() -> None:
    """Some formats read from it; that it holds the text decides nothing."""
    assert [] == offsets(found(Whom(user_id="key"), event()))


def test_a_topic_without_a_format_has_nobody() -> None:
    """Its records are dead letters, each and all."""
    mapping = mapping_of(*RULES, top="format: {others: segment}")

    assert Found() == found(Whom(EMAIL), event(), mapping=mapping)


def test_so_many_are_kept_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test account may have more events than fit into memory."""
    monkeypatch.setattr(finding, "RECORDS_MAX", 2)
    result = found(Whom(EMAIL), *[event()] * 5)

    assert ([0, 1], 3) == (offsets(result), result.left_out)


def test_a_record_that_is_not_about_them_is_not_even_decoded() -> None:
    """Nearly all of a topic."""

    class Undecodable(Message):
        """Breaks where more than its bytes is asked for."""

        def timestamp(self) -> tuple[int, int]:
            raise AssertionError

    messages: list[ClientMessage] = [Undecodable(orjson.dumps({**TRIAL, "userId": f"u{number}"})) for number in (2, 3)]
    finder = Finder(mapping_of(*RULES), Whom("somebody@example.org"))

    finder.take(messages)

    assert Found() == finder.found


def test_what_cannot_be_decoded_for_now_is_told() -> None:
    """The registry may be down."""
    mapping = mapping_of(*RULES, top="format: {name: segment, encoding: avro}")
    finder = Finder(mapping, Whom(EMAIL), SilentRegistry())

    finder.take([Message(b"\0\0\0\0\1x")])

    assert {"the schema registry does not answer": 1} == finder.found.not_decoded


def test_an_encoded_record_is_decoded_whatever_its_bytes_hold() -> None:
    """A userId may be a number there, whose digits stand nowhere."""
    mapping = mapping_of(*RULES, top="format: {name: segment, encoding: avro}")
    finder = Finder(mapping, Whom(user_id="42"), Registry())

    finder.take([Message(b"\0\0\0\0\1T")])

    assert [0] == offsets(finder.found)


class Registry:
    """A decoder of one value."""

    def decode(self, *_: object) -> Any:
        """A trial of user 42."""
        return {"type": "track", "event": "Trial Started", "userId": 42}


class SilentRegistry:
    """A decoder whose registry is down."""

    def decode(self, *_: object) -> Any:
        """Never does."""
        raise NotYet("the schema registry does not answer")
