"""Nothing that the client calls may raise."""

from __future__ import annotations

import logging

import pytest
import structlog

from consumer.adapters.kafka_guard import ClientLog, Guard
from consumer.logs import defect


@pytest.mark.parametrize("error", (ValueError("someone@example.com"), SystemExit(1), KeyboardInterrupt()))
def test_a_callback_that_raises_is_kept_as_the_reason_to_end(error: BaseException) -> None:
    """Kind and place of it, without its text."""
    guard = Guard()

    def broken() -> None:
        raise error

    guard(broken)()
    guard(broken)()

    assert 2 == guard.errors
    assert f"{type(error).__name__} at " in (guard.failure or "")
    assert "example.com" not in (guard.failure or "")


def test_a_callback_that_does_not_raise_gets_its_arguments() -> None:
    """And leaves no trace."""
    guard = Guard()
    got: list[tuple[int, int]] = []

    def callback(first: int, *, second: int) -> None:
        got.append((first, second))

    guard(callback)(1, second=2)

    assert [(1, 2)] == got
    assert (0, None) == (guard.errors, guard.failure)


def test_the_first_reason_stays() -> None:
    """What comes after it is its consequence."""
    guard = Guard()
    guard.fail("first")
    guard.fail("second")

    assert "first" == guard.failure


def test_a_log_line_of_the_client_shows_no_address_and_a_flood_is_bounded() -> None:
    """The client repeats itself at each attempt to connect."""
    log = ClientLog()
    with structlog.testing.capture_logs() as lines:
        for _ in range(100):
            log.log(logging.ERROR, "%s [%s] %s", "FAIL", "x", "y@example.com")

    assert 0 < len(lines) < 50
    assert "example.com" not in str(lines)


def test_the_same_text_is_one_line_in_thirty_seconds_that_counts_the_others() -> None:
    """Whichever client, thread and time it names; another address is another text."""
    now = 0.0
    log = ClientLog(lambda: now)
    text = (
        "FAIL [loops-consumer#consumer-{0}] [thrd:b:{1}/bootstrap]:"
        " b:{1}: Connect failed (after {0}ms in state CONNECT{2})"
    )
    with structlog.testing.capture_logs() as lines:
        for number in range(40):
            now = number / 8
            more = ", 1 identical error(s) suppressed" if number else ""
            log.log(logging.ERROR, "%s", text.format(number, 9092 + number % 2, more))
        now = 31
        log.log(logging.ERROR, "%s", text.format(1, 9092, ""))

    assert [("b:9092", 0), ("b:9093", 0), ("b:9092", 19)] == [
        (line["text"].split("]: ")[1][:6], line["kept_back"]) for line in lines
    ]


def test_lines_of_one_kind_are_bounded_though_their_texts_differ() -> None:
    """So many words can be no number."""
    log = ClientLog(lambda: 0.0)
    with structlog.testing.capture_logs() as lines:
        for number in range(100):
            log.log(logging.ERROR, "FAIL x%s", number)

    assert 20 == len(lines)


@pytest.mark.parametrize(
    ("text", "level"),
    (
        ("FAIL [x]: b:9092: SASL authentication error: refused (after 3ms)", "warning"),
        ("FAIL [x]: b:9092: SSL handshake failed: certificate verify failed", "warning"),
        ("FAIL [x]: b:9092: Connect failed", "error"),
    ),
)
def test_who_is_not_let_in_is_an_error_in_the_words_of_the_thread_alone(text: str, level: str) -> None:
    """The client's own lines, one of each client and wording, are the details."""
    with structlog.testing.capture_logs() as lines:
        ClientLog().log(logging.ERROR, "%s", text)

    assert [level] == [line["log_level"] for line in lines]


def test_a_log_line_of_the_client_never_raises() -> None:
    """Whatever its form."""
    ClientLog().log(logging.ERROR, "%d", "no number")


def test_a_defect_has_kind_and_place_only() -> None:
    """Its text may quote a record."""
    with pytest.raises(KeyError) as raised:
        _ = dict[str, int]()["someone@example.com"]

    assert "KeyError at test_kafka_guard.py:" in defect(raised.value)
    assert "example.com" not in defect(raised.value)
