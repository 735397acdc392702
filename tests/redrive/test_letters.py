"""What fails again is a letter again, about the record that it was about at first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from consumer.adapters.letter_reading import REDRIVE_OF, StoredLetter
from consumer.core.effect import Letter
from consumer.core.record import Record
from consumer.redrive.contacts import CONTACT_UNKNOWN
from consumer.redrive.hand import Hand, Tally
from consumer.redrive.letters import LettersAgain
from consumer.redrive.planning import Left
from tests.fakes.letters import FakeDeadLetterSink
from tests.redrive.making import LETTERS, at, lying_as, stored
from tests.waiting import until_async


class Listener:
    """Keeps what the pipeline would be told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.told: list[Letter] = []
        self.errors: list[str] = []

    def letter_confirmed(self, letter: Letter) -> None:
        """Keeps it."""
        self.told.append(letter)

    def letter_failed(self, letter: Letter, error: str) -> None:
        """Keeps both."""
        self.told.append(letter)
        self.errors.append(error)


def of_pipeline(offset: int, **more: Any) -> Letter:
    """What the pipeline says of a letter that lies there, and was refused again after three tries."""
    record = Record(LETTERS, 0, offset, 0, b"u1", b"{}")
    letter = Letter(3, record, "deliver", "refused", "400 Still", "r0", 0, "k" * 64, 1, 3, 2_000_000_000_000)
    return replace(letter, **more)


async def written(old: StoredLetter, letter: Letter, *errors: str) -> tuple[FakeDeadLetterSink, Listener, Hand]:
    """Writes the pipeline's letter about an old one, and waits until that is told."""
    hand, sink, listener = Hand(Tally()), FakeDeadLetterSink(), Listener()
    hand.take(old)
    sink.errors += errors
    again = LettersAgain(sink, hand, asyncio.get_running_loop())
    again.start(listener)
    again.write(letter)
    await until_async(lambda: listener.told, 20, "it is told")
    again.stop()
    return sink, listener, hand


async def test_it_is_about_the_original_record_and_counts_all_its_lives() -> None:
    """With when it failed first, and why it fails now."""
    old = stored(7, refusals=2, attempts=4)
    sink, _, _ = await written(old, of_pipeline(7))

    (letter,) = sink.letters
    found = lying_as(letter, 9)
    assert isinstance(found, StoredLetter)
    assert (old.record, at(7)) == (found.record, found.redrive_of)
    assert (3, 7, old.first_failed_ms) == (found.refusals, found.attempts, found.first_failed_ms)
    assert ("400 Still", "r0", "k" * 64) == (found.message, found.rule, found.idempotency_key)


async def test_a_record_that_fails_many_times_does_not_grow() -> None:
    """What names the letter before it is never its own."""
    first = stored(7)
    for offset in (8, 9, 10):
        sink, _, _ = await written(first, of_pipeline(first.at.offset))
        again = lying_as(sink.letters[0], offset)
        assert isinstance(again, StoredLetter)
        assert [REDRIVE_OF] == [name for name, _ in sink.letters[0].record.headers if name == REDRIVE_OF]
        first = again
    assert stored(7).record == first.record


async def test_a_failure_without_a_request_counts_as_an_attempt() -> None:
    """A rule that still cannot make one has tried."""
    old = stored(7, stage="map", attempts=0, refusals=0, idempotency_key=None)
    sink, _, _ = await written(old, of_pipeline(7, stage="map", attempts=0, refusals=0, idempotency_key=None))

    assert [(1, 0, None)] == [(letter.attempts, letter.refusals, letter.idempotency_key) for letter in sink.letters]


async def test_the_pipeline_is_told_of_its_own_letter() -> None:
    """Confirmed or not: by what it said, it knows what was on the wire."""
    letter = of_pipeline(7)
    _, confirmed, _ = await written(stored(7), letter)
    _, failed, _ = await written(stored(7), letter, "_MSG_TIMED_OUT")

    assert ([letter], []) == (confirmed.told, confirmed.errors)
    assert ([letter], ["_MSG_TIMED_OUT"]) == (failed.told, failed.errors)


async def test_a_contact_that_is_not_in_loops_makes_no_letter() -> None:
    """The old one stays as it is."""
    letter = of_pipeline(7, reason=CONTACT_UNKNOWN)
    sink, listener, hand = await written(stored(7), letter)

    held = hand.at(at(7))
    assert held is not None
    assert ([], [letter], Left.CONTACT_UNKNOWN) == (sink.letters, listener.told, held.left)


async def test_of_a_letter_without_a_rule_the_rule_that_could_not_be_sent_gets_its_own() -> None:
    """The other rules are done: were the old letter to stay, they would be done twice. Loops has refused nothing."""
    old = stored(7, rule=None, stage="decode", refusals=0, attempts=0, idempotency_key=None)
    sink, _, hand = await written(old, of_pipeline(7, reason=CONTACT_UNKNOWN, rule="r1"))

    held = hand.at(at(7))
    assert held is not None
    assert (None, [("r1", 0, "k" * 64)]) == (
        held.left,
        [(letter.rule, letter.refusals, letter.idempotency_key) for letter in sink.letters],
    )


async def test_after_stop_nothing_is_told() -> None:
    """Not even what was under way."""
    hand, sink, listener = Hand(Tally()), FakeDeadLetterSink(), Listener()
    hand.take(stored(7))
    again = LettersAgain(sink, hand, asyncio.get_running_loop())
    again.start(listener)
    again.write(of_pipeline(7, reason=CONTACT_UNKNOWN))
    again.stop()
    turned = asyncio.Event()
    asyncio.get_running_loop().call_soon(turned.set)
    await turned.wait()

    assert [] == listener.told
