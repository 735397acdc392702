"""What the source says that it waits for."""

from __future__ import annotations

import structlog
from confluent_kafka import KafkaError

from consumer.adapters.kafka_status import Waits

REFUSED = KafkaError(KafkaError._SSL, "ssl://b:9093/bootstrap: SSL handshake failed: verify (after 6ms in state X)")
REFUSED_AGAIN = KafkaError(KafkaError._SSL, "ssl://c:9093/2: certificate verify failed (after 2ms in state X)")


def test_what_passes_by_itself_is_noted_until_the_good_news_comes() -> None:
    """Each kind ends with its own news."""
    waits = Waits()
    waits.note(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    waits.note(KafkaError(KafkaError._UNKNOWN_TOPIC), "events")
    assert "no broker answers: _ALL_BROKERS_DOWN; a topic does not exist (events): _UNKNOWN_TOPIC" == str(waits)

    waits.brokers_answer()
    assert "a topic does not exist (events): _UNKNOWN_TOPIC" == str(waits)

    waits.topics_exist()
    assert not waits


def test_wrong_credentials_are_loud_and_waited_for() -> None:
    """Someone may set them right: it goes on by itself then."""
    waits = Waits()
    with structlog.testing.capture_logs() as lines:
        assert waits.note(KafkaError(KafkaError._AUTHENTICATION))
        assert waits.note(KafkaError(KafkaError._AUTHENTICATION))

    assert ["error"] == [line["log_level"] for line in lines]
    assert (
        "the brokers refuse the credentials (sasl.* under kafka.client): _AUTHENTICATION: Local: Authentication failure"
        == str(waits)
    )


def test_who_is_not_let_in_is_told_so_and_not_that_nobody_answers() -> None:
    """The one follows from the other, whichever is noticed first."""
    for login_first in (True, False):
        waits = Waits()
        steps = [lambda w: w.note(REFUSED), lambda w: w.no_answer(KafkaError(KafkaError._TRANSPORT))]
        for step in steps if login_first else reversed(steps):
            step(waits)
        waits.note(KafkaError(KafkaError._ALL_BROKERS_DOWN))

        assert str(waits).startswith("no secure connection to a broker (ssl.* under kafka.client): _SSL: SSL handshake")
        assert "no broker answers" not in str(waits)
        waits.brokers_answer()
        assert not waits


def test_who_brings_no_token_or_no_certificate_is_told_where_to_look() -> None:
    """Both look like something else: a refused password, and a connection that breaks."""
    no_token = KafkaError(KafkaError._AUTHENTICATION, "Failed to acquire SASL OAUTHBEARER token: invalid_client")
    alert = "Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate"
    no_certificate = KafkaError(KafkaError._TRANSPORT, f"ssl://b:9093/1: {alert} (after 2ms in state X)")

    assert (
        "there is no token for the brokers (sasl.oauthbearer.* and https.* under kafka.client): _AUTHENTICATION: "
        "Failed to acquire SASL OAUTHBEARER token: invalid_client"
    ) == said_of(no_token)
    assert (
        "the brokers refuse this client's certificate, or want one (ssl.certificate.* under kafka.client): _TRANSPORT: "
    ) + alert == said_of(no_certificate)


def said_of(error: KafkaError) -> str:
    """What is waited for after it."""
    waits = Waits()
    assert waits.note(error)
    return str(waits)


def test_one_reason_is_one_line_whatever_the_broker_the_time_and_the_words() -> None:
    """The client words it in two ways, and names broker and time."""
    waits = Waits()
    with structlog.testing.capture_logs() as lines:
        for error in (REFUSED, REFUSED_AGAIN, REFUSED):
            waits.note(error)

    assert 1 == len(lines)
    assert "no secure connection to a broker (ssl.* under kafka.client): _SSL: SSL handshake failed: verify" == str(
        waits
    )


def test_what_comes_and_goes_is_logged_once_in_thirty_seconds() -> None:
    """As where one broker of several lets nobody in. The status shows each change."""
    now = 0.0
    waits = Waits(lambda: now)
    with structlog.testing.capture_logs() as lines:
        for number in range(8):
            now = number * 5.0
            waits.note(REFUSED)
            assert waits
            waits.brokers_answer()
            assert not waits

    assert [("kafka_waits", 0), ("kafka_waits_no_more", None), ("kafka_waits", 5), ("kafka_waits_no_more", None)] == [
        (line["event"], line.get("kept_back")) for line in lines
    ]


def test_another_error_is_not_waited_for() -> None:
    """Whoever asked has to do something about it."""
    waits = Waits()

    assert not waits.note(KafkaError(KafkaError._BAD_MSG))
    assert not waits


def test_another_error_in_hundreds_of_partitions_is_one_line() -> None:
    """Each fetch tells it of each of them."""
    waits = Waits(lambda: 0.0)
    with structlog.testing.capture_logs() as lines:
        for _ in range(300):
            waits.met(KafkaError(KafkaError._BAD_MSG))
        waits.met(KafkaError(KafkaError._BAD_COMPRESSION))
        waits.met(REFUSED)

    assert [("kafka_error", "_BAD_MSG"), ("kafka_error", "_BAD_COMPRESSION"), ("kafka_waits", None)] == [
        (line["event"], line.get("error")) for line in lines
    ]


def test_a_question_without_an_answer_is_about_the_brokers() -> None:
    """Whatever the client calls it."""
    waits = Waits()
    waits.no_answer(KafkaError(KafkaError._TRANSPORT))

    assert "no broker answers: _TRANSPORT" == str(waits)
    waits.reading()
    assert not waits


def test_a_group_that_owes_an_answer_for_long_is_waited_for() -> None:
    """To a commit, or to who wants to be a member; it ends by itself."""
    waits = Waits()
    waits.group(silent_s=9.9, member=False)
    assert not waits

    waits.group(silent_s=10.0, member=False)
    assert "the group's coordinator has not taken this member in" == str(waits)
    waits.group(silent_s=10.0, member=True)
    assert "the group's coordinator does not answer a commit" == str(waits)

    waits.group(silent_s=0.0, member=True)
    assert not waits
