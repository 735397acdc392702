"""What fails again: the letter that is written then says where its record came from, and counts all of its lives."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from consumer.adapters.letter_marks import place_of
from consumer.adapters.letter_reading import REDRIVE_OF, StoredLetter
from consumer.core.effect import Letter
from consumer.ports import DeadLetterSink, LettersListener
from consumer.redrive.contacts import CONTACT_UNKNOWN
from consumer.redrive.hand import Hand
from consumer.redrive.planning import Left

__all__ = ["LettersAgain"]


class LettersAgain:
    """Implements :class:`consumer.ports.DeadLetterSink` over the real one, whose listener it is.

    The pipeline's letters are about records at positions of the dead-letter topic; those that are written are about
    the original ones, and name the letter whose place they take. The pipeline is told of its own.
    """

    def __init__(self, sink: DeadLetterSink, hand: Hand, loop: asyncio.AbstractEventLoop) -> None:
        """Writes by ``sink``; use it on ``loop``'s thread alone."""
        self._sink = sink
        self._hand = hand
        self._loop = loop
        self._listener: LettersListener | None = None
        self._under_way: dict[int, Letter] = {}
        """The pipeline's letters, by number."""

    def start(self, listener: LettersListener) -> None:
        """Connects."""
        self._listener = listener
        self._sink.start(self)

    def write(self, letter: Letter) -> None:
        """Writes one. That of a contact that is not in Loops is none: its old letter stays.

        Unless the old one was about all rules: the others are done by then, so this rule gets a letter of its own.
        """
        self._under_way[letter.number] = letter
        held = self._hand.at(letter.record.position)
        if held is None:
            self._sink.write(letter)
        elif letter.reason == CONTACT_UNKNOWN and held.letter.rule is not None:
            held.left = Left.CONTACT_UNKNOWN
            self._loop.call_soon(self.letter_confirmed, letter)
        else:
            self._sink.write(_again(letter, held.letter))

    def stop(self) -> None:
        """Gives up on what is not confirmed."""
        self._listener = None
        self._sink.stop()

    def letter_confirmed(self, letter: Letter) -> None:
        """The broker has it."""
        own = self._under_way.pop(letter.number, letter)
        if self._listener is not None:
            self._listener.letter_confirmed(own)

    def letter_failed(self, letter: Letter, error: str) -> None:
        """The broker does not have it."""
        own = self._under_way.pop(letter.number, letter)
        if self._listener is not None:
            self._listener.letter_failed(own, error)


def _again(letter: Letter, old: StoredLetter) -> Letter:
    # That a contact is not there was found out by asking: Loops refused no request.
    refusals = 0 if letter.reason == CONTACT_UNKNOWN else letter.refusals
    return replace(
        letter,
        record=replace(old.record, headers=(*old.record.headers, (REDRIVE_OF, place_of(old.at)))),
        refusals=old.refusals + refusals,
        attempts=old.attempts + max(1, letter.attempts),
        first_failed_at_ms=old.first_failed_ms or letter.first_failed_at_ms,
        idempotency_key=letter.idempotency_key or old.idempotency_key,
    )
