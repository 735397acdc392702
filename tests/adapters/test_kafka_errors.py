"""The client's errors in words."""

from __future__ import annotations

from confluent_kafka import KafkaError

from consumer.adapters.kafka_errors import detail_of, is_fatal, is_no_login, sentence_of, without_addresses


def test_a_fatal_error_is_known_by_its_flag_and_by_its_code() -> None:
    """The client marks the first and names the later ones."""
    assert is_fatal(KafkaError(KafkaError.FENCED_INSTANCE_ID, "fenced", True))
    assert is_fatal(KafkaError(KafkaError._FATAL))
    assert not is_fatal(KafkaError(KafkaError._ALL_BROKERS_DOWN))


def test_a_sentence_has_the_name_and_no_address() -> None:
    """A login may be somebody's address."""
    found = sentence_of(KafkaError(KafkaError._AUTHENTICATION, "user someone@example.com is unknown"))

    assert "_AUTHENTICATION" in found
    assert "example.com" not in found


def test_addresses_are_replaced_and_brokers_stay() -> None:
    """Whoever reads the log must see which broker it was."""
    found = without_addresses("kafka-1:9092/1: login 'someone@example.com' failed")

    assert "kafka-1:9092/1: login …@… failed" == found


def test_a_detail_is_the_same_for_each_broker_and_attempt() -> None:
    """Without where and when, and without addresses."""
    text = "sasl_ssl://{0}:9092/bootstrap: sasl_ssl://{0}:9092/1: a@b.c is unknown (after {0}ms in state AUTH_REQ)"

    found = {detail_of(KafkaError(KafkaError._AUTHENTICATION, text.format(number))) for number in (1, 2)}

    assert {"…@… is unknown"} == found


def test_a_detail_is_short_whatever_another_server_says() -> None:
    """Who gives tokens may answer with a page of HTML."""
    assert 300 == len(detail_of(KafkaError(KafkaError._AUTHENTICATION, "x" * 100_000)))


def test_who_is_not_let_in_is_told_from_a_connection_that_breaks() -> None:
    """The broker's alert about a certificate comes as the same error as a broker that went down."""
    alert = "SSL routines::ssl/tls alert bad certificate: SSL alert number 42"

    assert is_no_login(KafkaError(KafkaError._TRANSPORT, alert))
    assert is_no_login(KafkaError(KafkaError._AUTHENTICATION))
    assert not is_no_login(KafkaError(KafkaError._TRANSPORT, "Disconnected"))
