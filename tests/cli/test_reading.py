"""How much of the topics is read, and what ends it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import typer

from consumer.adapters.kafka_peek import Peek
from consumer.adapters.kafka_span import Begin, Since
from consumer.cli.reading import Reading, Shows, Span, Stopped
from consumer.sandbox.broker import MockBroker
from consumer.settings import KafkaSettings
from tests.cli.looking import TOPIC, produce, topic_of, track
from tests.core.driving import WALL

EVENTS = [track(f"e{number}") for number in range(10)]


class Seen:
    """What would be shown."""

    def __init__(self, now: Callable[[Peek], object] = lambda _: None) -> None:
        """``now`` is done each time."""
        self._now = now

    def show(self, peek: Peek) -> None:
        """Called now and then."""
        self._now(peek)


def _values(reading: Reading, broker: MockBroker, screen: Shows | None = None) -> list[bytes | None]:
    kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers, topics=(TOPIC,))
    return [message.value() for batch in reading.batches(kafka, screen or Seen()) for message in batch]


def test_an_age_is_a_time_and_two_words_are_none() -> None:
    """As the option has them."""
    assert Since(round(WALL * 1_000) - 5_400_000) == Span("90m").begin(WALL)
    assert (Begin.BEGINNING, Begin.NOW) == (Span("beginning").begin(WALL), Span("now").begin(WALL))


def test_all_since_a_time_is_read_and_it_was_not_stopped() -> None:
    """Of a broker that knows no offsets by time that can be said."""
    with topic_of(*EVENTS) as broker:
        reading = Reading(Span("5m"), time.time())
        assert (10, False, False) == (len(_values(reading, broker)), reading.stopped, reading.by_time)
        assert 10 == reading.records
        later = Reading(Span("30s"), time.time())
        assert [] == _values(later, broker)


def test_no_more_records_are_read_than_asked() -> None:
    """Then there was more, or there was not."""
    with topic_of(*EVENTS) as broker:
        some, every = Reading(Span("beginning", None, 3), WALL), Reading(Span("beginning", None, 10), WALL)
        assert (3, True) == (len(_values(some, broker)), some.stopped)
        assert (10, False) == (len(_values(every, broker)), every.stopped)


def test_now_what_comes_is_read_until_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what was there before."""
    now = [100.0]
    monkeypatch.setattr("consumer.cli.reading.time", SimpleNamespace(monotonic=lambda: now[0]))
    with topic_of(*EVENTS) as broker:
        reading = Reading(Span("now", 2.0), WALL)
        sent: list[bool] = []

        def send(_: Peek) -> None:
            if not sent:
                produce(broker, track("later"))
                sent.append(True)

        values: list[bytes | None] = []
        kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers, topics=(TOPIC,))
        for batch in reading.batches(kafka, Seen(send)):
            values += [message.value() for message in batch]
            now[0] = 102.0 if values else 101.9
        assert ([True], True) == ([b"later" in (value or b"") for value in values], reading.stopped)
        assert reading.seconds == pytest.approx(2.0)


def test_ctrl_c_ends_the_reading_and_no_call() -> None:
    """What was read by then counts."""
    with topic_of(*EVENTS) as broker:
        reading = Reading(Span("now"), WALL)
        assert [] == _values(reading, broker, Seen(lambda _: os.kill(os.getpid(), signal.SIGINT)))
        assert reading.stopped


def test_the_second_ctrl_c_ends_the_command() -> None:
    """And afterwards it does what it did before."""
    before = signal.getsignal(signal.SIGINT)
    with Stopped() as stopped:
        assert not stopped
        signal.raise_signal(signal.SIGINT)
        assert stopped
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert before == signal.getsignal(signal.SIGINT)


def test_where_kafka_does_not_answer_the_command_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a sentence."""
    monkeypatch.setattr("consumer.adapters.kafka_peek._ASK_WITHIN_S", 0.3)
    kafka = KafkaSettings(bootstrap_servers="127.0.0.1:1", topics=(TOPIC,))
    with pytest.raises(typer.Exit):
        list(Reading(Span(), WALL).batches(kafka, Seen()))
    assert "no broker answers" in capsys.readouterr().err
