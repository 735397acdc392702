"""What lies on the dead-letter topic, read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.adapters.letter_headers import iso
from consumer.adapters.letter_marks import mark_headers
from consumer.adapters.letter_reading import REDRIVE_OF, Mark, NoLetter, StoredLetter, read_letter
from consumer.core.record import Position, Record
from tests.mapping.making import MAY_FIRST_MS, Message
from tests.redrive.making import LETTERS, at, lying_as, refused, stored

OURS = "loops-consumer-"
CONNECT = "__connect.errors."

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
HEADERS = st.lists(st.tuples(TEXT, st.none() | st.binary(max_size=8)), max_size=4).map(tuple)
NUMBER = st.integers(0, 2**31)


def message(headers: Sequence[tuple[str, bytes | None]], value: bytes | None = b"{}") -> Message:
    """A record of the dead-letter topic."""
    return Message(value, 7, LETTERS, 0, (1, MAY_FIRST_MS), list(headers))


@given(
    record=st.builds(
        Record,
        TEXT.filter(bool),
        NUMBER,
        NUMBER,
        st.integers(1, 2**63 - 1),
        st.just(b"key"),
        st.binary(),
        HEADERS.filter(lambda found: all(name != REDRIVE_OF for name, _ in found)),
    ),
    said=st.fixed_dictionaries(
        {
            "message": TEXT,
            "rule": st.none() | TEXT.filter(bool),
            "attempts": NUMBER,
            "refusals": st.integers(0, 10**9),
            "first_failed_at_ms": st.integers(10**12, 2 * 10**12),
        }
    ),
)
def test_a_letter_is_read_as_it_was_written(record: Record, said: dict[str, Any]) -> None:
    """Whatever its record holds: the record's own headers come back untouched, and where it lay."""
    found = lying_as(refused(record=record, mapping="abc", **said))

    assert isinstance(found, StoredLetter)
    assert (record, at(7)) == (found.record, found.at)
    names = {"first_failed_at_ms": "first_failed_ms"}
    assert said == {name: getattr(found, names.get(name, name)) for name in said}
    assert ("deliver", "refused", "abc", "k" * 64) == (found.stage, found.reason, found.mapping, found.idempotency_key)
    assert (None, None) == (found.value_omitted_bytes, found.redrive_of)


def test_a_record_that_was_another_program_s_dead_letter_keeps_that_one_s_headers() -> None:
    """They are its own; the last block is ours."""
    own = ((CONNECT + "topic", b"before"), (CONNECT + "offset", b"1"), (OURS + "rule", b"theirs"))
    record = refused().record
    found = stored(record=Record(*record.position, 0, None, b"{}", own))

    assert (own, "events", "r0") == (found.record.headers, found.record.topic, found.rule)


def test_a_letter_without_its_value_says_how_large_that_was() -> None:
    """It can be looked at, and not be sent."""
    found = stored(value=False)

    assert (None, len(refused().record.value or b"")) == (found.record.value, found.value_omitted_bytes)


def test_a_letter_that_does_not_say_its_record_s_time_has_its_own() -> None:
    """As those of an earlier version."""
    headers = [(CONNECT + "topic", b"events"), (CONNECT + "partition", b"1"), (CONNECT + "offset", b"2")]
    found = read_letter(message([*headers, (OURS + "attempts", b"0")]))

    assert isinstance(found, StoredLetter)
    assert [MAY_FIRST_MS] * 3 == [found.record.timestamp_ms, found.written_ms, found.first_failed_ms]


def test_a_letter_in_another_s_place_names_it_and_gives_its_record_back() -> None:
    """What says so is not the record's own."""
    record = refused().record
    again = Record(*record.position, record.timestamp_ms, None, b"{}", (*record.headers, (REDRIVE_OF, b"1/12")))
    found = stored(record=again)

    assert (at(12, partition=1), record.headers) == (found.redrive_of, found.record.headers)


def test_a_mark_names_the_letter_that_is_done() -> None:
    """Read back as it was written; it is no letter."""
    mark = Mark(at(3, partition=2), "delivered", MAY_FIRST_MS)
    headers = [(name, value) for name, value in mark_headers(mark) if isinstance(value, bytes)]

    assert mark == read_letter(message(headers, value=None))


@pytest.mark.parametrize(
    ("headers", "reason"),
    (
        ((), "no dead letter"),
        (((CONNECT + "topic", b"t"), (CONNECT + "partition", b"0")), "a dead letter of another program"),
        (((OURS + "redriven", b""),), "damaged: loops-consumer-redriven is empty"),
        (((OURS + "redriven", b"x"),), "damaged: loops-consumer-redriven is no place"),
        (((OURS + "redriven", None),), "damaged: loops-consumer-redriven is empty"),
    ),
)
def test_what_is_neither_says_why(headers: tuple[tuple[str, bytes | None], ...], reason: str) -> None:
    """In a few words that quote nothing."""
    assert NoLetter(at(7), reason) == read_letter(message(headers))


@pytest.mark.parametrize(
    ("name", "value", "what"),
    (
        (CONNECT + "partition", b"-1", "no such number"),
        (CONNECT + "offset", b"many", "no such number"),
        (CONNECT + "exception.message", b"\xff", "no text"),
        (OURS + "attempts", b"9" * 30, "no such number"),
        (OURS + "refusals", b"9999999999", "no such number"),
        (OURS + "first-failed-at", b"yesterday", "no time"),
        (OURS + "idempotency-key", b"a\r\nX-Other: 1", "no key"),
        (OURS + "idempotency-key", b"k" * 81, "no key"),
        (OURS + "timestamp", b"1e3", "no such number"),
    ),
)
def test_a_damaged_letter_is_told_from_a_sound_one(name: str, value: bytes, what: str) -> None:
    """Nothing of it is taken for what it is not, and no key gets into a request that does not belong there."""
    sound = {
        CONNECT + "topic": b"events",
        CONNECT + "partition": b"1",
        CONNECT + "offset": b"2",
        OURS + "attempts": b"1",
    }

    found = read_letter(message(list({**sound, name: value}.items())))

    assert NoLetter(at(7), f"damaged: {name} is {what}") == found


@given(
    HEADERS
    | st.lists(st.tuples(st.sampled_from([CONNECT + "topic", OURS + "attempts", OURS + "redriven"]), st.binary()))
)
def test_nothing_that_lies_there_raises(headers: Sequence[tuple[str, bytes | None]]) -> None:
    """Anybody may write to the topic."""
    assert isinstance(read_letter(message(headers)), StoredLetter | Mark | NoLetter)


def test_headers_that_the_client_cannot_read_are_no_letter() -> None:
    """Their names may be no UTF-8."""

    class Unreadable(Message):
        def headers(self) -> list[tuple[str, bytes]] | None:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")

    assert NoLetter(at(7), "no dead letter") == read_letter(Unreadable(b"{}", 7, LETTERS))


def test_a_letter_that_is_only_looked_at_holds_nothing_of_its_record() -> None:
    """But where it was."""
    found = stored().without_value().record

    assert (None, None, ()) == (found.key, found.value, found.headers)
    assert Position("events", 2, 41) == found.position


def test_a_letter_of_any_time_can_be_shown() -> None:
    """A broker keeps whatever time a producer claims."""
    headers = [(CONNECT + "topic", b"t"), (CONNECT + "partition", b"0"), (CONNECT + "offset", b"0")]
    for claimed_ms in (2**62, -(2**62), -1):
        wild = Message(b"{}", 7, LETTERS, 0, (1, claimed_ms), [*headers, (OURS + "attempts", b"1")])
        found = read_letter(wild)

        assert isinstance(found, StoredLetter)
        assert isinstance(iso(found.first_failed_ms), str | None)
        assert isinstance(lying_as(refused(record=found.record)), StoredLetter)
