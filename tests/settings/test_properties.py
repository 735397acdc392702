"""Which of librdkafka's properties are refused, and that secret ones are not shown."""

from __future__ import annotations

import pytest

from consumer.settings.properties import ClientProperties, refused_properties


def test_secret_values_are_hidden_and_handed_on() -> None:
    """``repr`` hides them; the client gets them."""
    client = ClientProperties({"sasl.password": "hunter2", "sasl.username": "u", "ssl.key.password": "hunter2"})

    assert str(client) == "ClientProperties({'sasl.password': '…', 'sasl.username': 'u', 'ssl.key.password': '…'})"
    assert repr(client) == str(client)
    assert dict(client)["sasl.password"] == "hunter2"


def test_properties_that_are_the_users_are_taken() -> None:
    """Security, time-outs, and the values that this program works with."""
    client: dict[str, str | int] = {
        "security.protocol": "SASL_SSL",
        "session.timeout.ms": 45000,
        "group.protocol": "classic",
        "partition.assignment.strategy": "cooperative-sticky",
    }

    assert [] == list(refused_properties(client))
    assert [] == list(refused_properties({"group.protocol": "consumer", "group.remote.assignor": "uniform"}))


@pytest.mark.parametrize(
    ("name", "value", "message", "hint"),
    (
        (
            "group.id",
            "x",
            "has a key of its own and must not stand under kafka.client",
            "set kafka.group_id instead",
        ),
        (
            "bootstrap.servers",
            "x",
            "has a key of its own and must not stand under kafka.client",
            "set kafka.bootstrap_servers instead",
        ),
        (
            "auto.offset.reset",
            "latest",
            "has a key of its own and must not stand under kafka.client",
            "set kafka.start instead",
        ),
        (
            "enable.auto.commit",
            False,
            "cannot be changed: a commit leaves only when its records are finished",
            None,
        ),
        (
            "enable.auto.offset.store",
            True,
            "cannot be changed: a commit leaves only when its records are finished",
            None,
        ),
        (
            "enable.partition.eof",
            True,
            "cannot be changed: the end of a partition is nothing that this program acts on",
            None,
        ),
        (
            "group.instance.id",
            "pod-1",
            "has a key of its own and must not stand under kafka.client",
            "set kafka.group_instance_id instead",
        ),
        ("group.protocol", "Consumer", "found Consumer; allowed: classic or consumer", None),
        (
            "group.remote.assignor",
            "uniform",
            "counts under group.protocol=consumer alone; allowed: leave it out",
            "under classic it is partition.assignment.strategy, which is cooperative-sticky",
        ),
        (
            "partition.assignment.strategy",
            "range",
            "found range; allowed: cooperative-sticky",
            "partitions are moved one by one, without a stop",
        ),
    ),
)
def test_properties_that_delivery_rests_on_are_refused(
    name: str, value: str | bool, message: str, hint: str | None
) -> None:
    """With the key that takes their place, where there is one."""
    assert [(name, message, hint)] == list(refused_properties({name: value}))


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    (
        ("session.timeout.ms", 6_000, "it is group.consumer.session.timeout.ms of the brokers"),
        ("heartbeat.interval.ms", 200, "it is group.consumer.heartbeat.interval.ms of the brokers"),
        (
            "partition.assignment.strategy",
            "cooperative-sticky",
            "group.remote.assignor names one of the brokers' assignors; each moves partitions one by one",
        ),
        ("group.protocol.type", "consumer", "it belongs to the classic protocol"),
    ),
)
def test_under_the_new_protocol_what_the_brokers_decide_is_refused(name: str, value: str | int, hint: str) -> None:
    """With the broker's own name of it. Under the classic one it is the user's."""
    message = "cannot be set under group.protocol=consumer: the brokers decide it; allowed: leave it out"

    assert [(name, message, hint)] == list(refused_properties({"group.protocol": "consumer", name: value}))
    assert [] == list(refused_properties({"group.protocol": "classic", name: value}))
