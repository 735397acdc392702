"""Which properties reach which client."""

from __future__ import annotations

from consumer.adapters.kafka_config import consumer_properties, letters_properties, shared_properties
from tests.conformance.kafka_worlds import TestConfig


def config(**client: str | int | bool) -> TestConfig:
    """Settings with these properties of the client, underscores for dots."""
    named = {name.replace("_", "."): value for name, value in client.items()}
    return TestConfig(bootstrap_servers="kafka:9092", topics=("events",), group_id="group", client=named)


def test_the_user_wins_over_defaults() -> None:
    """Every choice that is only about speed and memory."""
    found = consumer_properties(config(queued_max_messages_kbytes=65_536, session_timeout_ms=9_000))

    assert 65_536 == found["queued.max.messages.kbytes"]
    assert 9_000 == found["session.timeout.ms"]


def test_what_delivery_rests_on_is_never_the_users() -> None:
    """A commit leaves only when its records are finished, and a lost position is never skipped over."""
    found = consumer_properties(config(enable_auto_commit=True, auto_offset_reset="latest", group_id="other"))

    assert found["enable.auto.commit"] is False
    assert found["enable.auto.offset.store"] is False
    assert "error" == found["auto.offset.reset"]
    assert "group" == found["group.id"]


def test_the_prefetch_is_bounded_and_one_fetch_collects_for_ten_ms() -> None:
    """The prefetch is most of the memory; a fetch for each record is most of the CPU at a trickle."""
    found = consumer_properties(config())

    assert 8_192 == found["queued.max.messages.kbytes"]
    assert (65_536, 10) == (found["fetch.min.bytes"], found["fetch.wait.max.ms"])
    assert "cooperative-sticky" == found["partition.assignment.strategy"]


def test_other_clients_get_only_what_is_about_reaching_the_brokers() -> None:
    """A consumer's property would be a warning in a producer's log."""
    given = config(security_protocol="SSL", ssl_ca_location="ca.pem", session_timeout_ms=9_000, fetch_min_bytes=1)

    found = shared_properties(given)

    assert {"security.protocol", "ssl.ca.location"} <= found.keys()
    assert not {"session.timeout.ms", "fetch.min.bytes"} & found.keys()
    assert "kafka:9092" == found["bootstrap.servers"]


def test_a_letter_is_confirmed_by_all_replicas_and_judged_alone() -> None:
    """A batch that is too large is refused as a whole."""
    found = letters_properties(config())

    assert ("all", True, 1) == (found["acks"], found["enable.idempotence"], found["batch.num.messages"])
