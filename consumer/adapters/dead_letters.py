"""Dead letters to their topic: the record as it was, and beside it in headers why it is there.

The producer is polled from the event loop: every 10 ms while letters are under way, else once a second, for what it
logs. Its callbacks therefore run on the loop's thread. Nothing here blocks.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from consumer.adapters.kafka_config import KafkaConfig, letters_properties
from consumer.adapters.kafka_errors import is_fatal, sentence_of
from consumer.adapters.kafka_guard import ClientLog, Guard
from consumer.adapters.kafka_secrets import SecretsWatch
from consumer.adapters.letter_headers import LetterHeaders, letter_headers
from consumer.core.effect import Letter
from consumer.core.letters import RETRY_S
from consumer.logs import LineBudget, logger
from consumer.ports import LettersListener

_log = logger("dead_letters")

__all__ = ["BROKEN", "QUEUE_FULL", "STOPPED", "KafkaLetters"]

QUEUE_FULL = "_QUEUE_FULL"
"""The client's name for: too many letters wait already."""

STOPPED = "stopped"
"""Stands for an error's name: the sink was stopped, or never started."""

BROKEN = "_FATAL"
"""The client's name for: it writes nothing any more; another is about to take its place."""

_POLL_EVERY_S = 0.01
_IDLE_POLL_EVERY_S = 1.0
_CLOSE_WITHIN_S = 2.0

_UNMADE_AGAIN_S = 30.0
"""That no client can be made is logged no more often."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How much of a letter is written; each form is smaller than the one before it."""

    value: bool = True
    rest: bool = True
    """The record's own key and headers."""


_FORMS = (_Form(), _Form(value=False), _Form(value=False, rest=False))
"""What is tried in turn while the broker refuses the size."""


class KafkaLetters:
    """Writes letters. Use it on ``loop``'s thread alone.

    Each letter is told exactly once to be confirmed or to have failed, unless the sink is stopped first. One that is
    too large goes without its value, and if need be without its key and its own headers; its position is always kept.
    """

    def __init__(self, config: KafkaConfig, loop: asyncio.AbstractEventLoop) -> None:
        """Not connected."""
        self._topic = config.dead_letter_topic
        self._config = config
        self._secrets = SecretsWatch(config)
        self._loop = loop
        self._guard = Guard()
        self._listener: LettersListener | None = None
        self._producer: Producer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._under_way: dict[int, Letter] = {}
        """Given to the client and not told yet, by number."""
        self._broken_at: float | None = None
        """When the client met a fatal error, by the loop's clock: another is about to take its place."""
        self._lines, self._unmade = LineBudget(), LineBudget(lines_max=1, period_s=_UNMADE_AGAIN_S)

    def start(self, listener: LettersListener) -> None:
        """Connects, or, where the brokers do not answer, goes on trying."""
        if self._listener is None:
            self._listener = listener
            self._producer = self._connect()
            self._arm()

    def write(self, letter: Letter) -> None:
        """Writes one; the broker has it on as many replicas as the topic asks for before it is confirmed."""
        self._write(letter, 0)

    def stop(self) -> None:
        """Gives up on what is not confirmed; nothing is told any more."""
        self._listener = None
        if self._timer is not None:
            self._timer.cancel()
        producer, self._producer = self._producer, None
        if producer is not None:
            _close_aside(producer)

    def _write(self, letter: Letter, form: int) -> None:
        if self._producer is None or self._broken_at is not None:
            self._soon_failed(letter, STOPPED if self._listener is None else BROKEN)
            return
        kept = _FORMS[form]
        record = letter.record
        headers = letter_headers(letter, value=kept.value, own=kept.rest)
        try:
            self._produce(
                letter, form, record.key if kept.rest else None, record.value if kept.value else None, headers
            )
        except BufferError:
            self._soon_failed(letter, QUEUE_FULL)
        except KafkaException as error:
            self._refused(letter, form, error.args[0])

    def _produce(
        self, letter: Letter, form: int, key: bytes | None, value: bytes | None, headers: LetterHeaders
    ) -> None:
        producer = self._producer
        if producer is None:
            return

        def told(error: KafkaError | None, _: Message) -> None:
            # A client that is no longer ours is ended on another thread, and what it had is told already.
            if producer is self._producer:
                self._delivered(letter, form, error)

        producer.produce(self._topic, value, key, headers=headers, on_delivery=self._guard(told))
        self._under_way[letter.number] = letter
        self._arm()

    def _delivered(self, letter: Letter, form: int, error: KafkaError | None) -> None:
        self._under_way.pop(letter.number, None)
        if error is not None:
            self._refused(letter, form, error)
        elif self._listener is not None:
            self._listener.letter_confirmed(letter)

    def _refused(self, letter: Letter, form: int, error: KafkaError) -> None:
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE and form + 1 < len(_FORMS):
            self._write(letter, form + 1)
            return
        self._client_error(error)
        self._soon_failed(letter, error.name())

    def _soon_failed(self, letter: Letter, error: str) -> None:
        if (kept_back := self._lines.take(error, now=self._loop.time())) is not None:
            about = {"topic": self._topic, "rule": letter.rule, "reason": letter.reason}
            _log.error("dead_letter_not_written", error=error, **about, kept_back=kept_back)
        self._loop.call_soon(self._failed, letter, error)

    def _failed(self, letter: Letter, error: str) -> None:
        if self._listener is not None:
            self._listener.letter_failed(letter, error)

    def _arm(self) -> None:
        wait_s = _POLL_EVERY_S if self._under_way or self._broken_at is not None else _IDLE_POLL_EVERY_S
        wait_s = RETRY_S if self._producer is None else wait_s
        if self._timer is not None and self._timer.when() <= self._loop.time() + wait_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(wait_s, self._poll)

    def _poll(self) -> None:
        self._timer = None
        if self._listener is None:
            return
        if self._producer is None:
            self._renew()
        else:
            self._look_after(self._producer)
        self._arm()

    def _look_after(self, producer: Producer) -> None:
        self._secrets.look(producer)
        self._serve(producer)
        if self._broken_at is not None:
            producer.purge()
            self._serve(producer)
            if not self._under_way or self._loop.time() >= self._broken_at + _CLOSE_WITHIN_S:
                self._give_up(producer)

    def _serve(self, producer: Producer) -> None:
        try:
            producer.poll(0)
        except KafkaException as error:  # a fatal one; what it kept from being told is told by _give_up
            self._client_error(error.args[0])

    def _client_error(self, error: KafkaError) -> None:
        if is_fatal(error) and self._listener is not None and self._broken_at is None:
            _log.error("dead_letters_client_broken", error=sentence_of(error))
            self._broken_at = self._loop.time()
            self._arm()

    def _give_up(self, broken: Producer) -> None:
        untold, self._under_way = list(self._under_way.values()), {}
        for letter in untold:
            self._soon_failed(letter, BROKEN)
        self._producer = None
        _close_aside(broken)
        self._renew()

    def _renew(self) -> None:
        """Makes another; where that is refused, as while a certificate's file is not there, it is tried again."""
        try:
            self._producer, self._broken_at = self._connect(), None
        except KafkaException as error:
            if (kept_back := self._unmade.take("", now=self._loop.time())) is not None:
                _log.error("dead_letters_client_not_made", error=sentence_of(error.args[0]), kept_back=kept_back)

    def _connect(self) -> Producer:
        return Producer({**letters_properties(self._config), "logger": ClientLog()})


def _close_aside(producer: Producer) -> None:
    """Ends a client on a thread of its own, since it takes a moment."""
    threading.Thread(target=_close, args=(producer,), name="dead-letters-close", daemon=True).start()


def _close(producer: Producer) -> None:
    with contextlib.suppress(KafkaException):
        producer.purge()
        producer.flush(_CLOSE_WITHIN_S)
