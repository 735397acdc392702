"""Which properties reach which client."""

from __future__ import annotations

from consumer.adapters.kafka_config import (
    checking_properties,
    consumer_properties,
    is_new_protocol,
    letters_properties,
    shared_properties,
)
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


def test_a_topic_that_grew_or_went_is_noticed_within_ten_seconds() -> None:
    """Else one made anew meanwhile could be taken for the old one."""
    assert 10_000 == consumer_properties(config())["topic.metadata.refresh.interval.ms"]


def test_who_looks_at_single_offsets_sees_of_transactions_what_the_reader_sees_and_costs_little() -> None:
    """It has the group's name and is no member; it commits nothing, and keeps a fetch of one batch."""
    given = config(isolation_level="read_uncommitted", security_protocol="SSL", session_timeout_ms=9_000)

    found = checking_properties(given)

    assert ("read_uncommitted", "SSL", "group") == (
        found["isolation.level"],
        found["security.protocol"],
        found["group.id"],
    )
    assert not {"session.timeout.ms", "partition.assignment.strategy", "group.instance.id"} & found.keys()
    assert found["enable.auto.commit"] is False
    assert (1, 16) == (found["queued.min.messages"], found["queued.max.messages.kbytes"])
    assert "isolation.level" not in checking_properties(config())


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
    assert (65_536, 15) == (found["fetch.min.bytes"], found["fetch.wait.max.ms"])
    assert "cooperative-sticky" == found["partition.assignment.strategy"]


def test_a_dead_member_holds_the_others_up_for_ten_seconds_and_one_with_a_name_is_waited_for() -> None:
    """What librdkafka has for the latter: a pod takes a while to come back."""
    assert 10_000 == consumer_properties(config())["session.timeout.ms"]
    assert "session.timeout.ms" not in consumer_properties(config().model_copy(update={"group_instance_id": "pod-0"}))


def test_under_the_new_protocol_the_brokers_assign() -> None:
    """The client would refuse a strategy."""
    new = config(group_protocol="consumer")

    assert "partition.assignment.strategy" not in consumer_properties(new)
    assert [True, False, False] == [is_new_protocol(one) for one in (new, config(group_protocol="classic"), config())]


def test_a_static_member_has_its_name_and_no_other_client_has_it() -> None:
    """A second one with it would put the first out."""
    named = config().model_copy(update={"group_instance_id": "pod-0"})

    assert "pod-0" == consumer_properties(named)["group.instance.id"]
    assert "group.instance.id" not in consumer_properties(config())
    for others in (letters_properties(named), shared_properties(named), checking_properties(named)):
        assert "group.instance.id" not in others


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
