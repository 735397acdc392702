"""A topic's retention is lengthened and taken back as the runbook says, on a real Kafka."""

from __future__ import annotations

import re
from typing import Final

import pytest
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

from tests.deploy.desk import Desk

pytestmark = pytest.mark.timeout(180)

DAY_MS: Final = 86_400_000
LOOK: Final = (
    'kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --describe --all '
    "--entity-type topics --entity-name product-events | grep -E '^ *retention[.](ms|bytes)='"
)
KEEP: Final = (
    'WAS=$(kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --describe --all '
    "--entity-type topics --entity-name product-events | sed -n 's/^ *retention[.]ms=\\([0-9]*\\) .*/\\1/p')"
)
LENGTHEN: Final = (
    'kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --alter '
    "--entity-type topics --entity-name product-events "
    '--add-config retention.ms="$((2 * ${WAS:?is unlimited, or was not read: set nothing}))"'
)
BACK: Final = (
    'kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --alter '
    '--entity-type topics --entity-name product-events --add-config retention.ms="${WAS:?}"'
)
TO_THE_BROKERS_OWN: Final = (
    'kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --alter '
    "--entity-type topics --entity-name product-events --delete-config retention.ms"
)


def test_a_long_retention_is_doubled_and_taken_back(desk: Desk) -> None:
    """Thirty days become sixty, never fewer; what it was is noted, and set again at the end."""
    topic = keeps(desk, 30 * DAY_MS)
    noted = desk.run(LOOK)
    assert ["ms", "bytes"] == sorted(re.findall(r"^ *retention\.(ms|bytes)=", noted, re.MULTILINE), reverse=True)
    assert f"retention.ms={30 * DAY_MS} " in noted
    assert "DYNAMIC_TOPIC_CONFIG" in noted
    desk.run(LENGTHEN, pasted=KEEP)
    assert 60 * DAY_MS == retention_ms(desk, topic)
    desk.shell.variables["WAS"] = str(30 * DAY_MS)
    desk.run(BACK)
    assert 30 * DAY_MS == retention_ms(desk, topic)


def test_the_brokers_own_is_doubled_for_the_topic_and_taken_back(desk: Desk) -> None:
    """By the topic's own setting, which goes at the end."""
    own = retention_ms(desk, desk.job.topic)
    assert "DYNAMIC_TOPIC_CONFIG" not in desk.run(LOOK)
    desk.run(KEEP)
    desk.run(LENGTHEN, pasted=KEEP)
    assert 2 * own == retention_ms(desk, desk.job.topic)
    desk.run(TO_THE_BROKERS_OWN)
    assert own == retention_ms(desk, desk.job.topic)


def test_where_it_is_unlimited_nothing_is_set(desk: Desk) -> None:
    """Twice nothing would be nothing at all."""
    topic = keeps(desk, -1)
    assert "set nothing" in desk.run(LENGTHEN, pasted=KEEP, status=1)
    assert -1 == retention_ms(desk, topic)


def keeps(desk: Desk, milliseconds: int) -> str:
    """Makes the topic that the runbook calls product-events, with so long a retention of its own."""
    topic = desk.job.kafka.new_topic(config={"retention.ms": str(milliseconds)})
    desk.shell.words = {**desk.shell.words, r"\bproduct-events\b": topic}
    return topic


def retention_ms(desk: Desk, topic: str) -> int:
    """How long the broker keeps a record of it."""
    asked = ConfigResource(ResourceType.TOPIC, topic)
    admin = desk.job.kafka.admin()
    found = admin.describe_configs([asked])[asked].result(30)
    return int(found["retention.ms"].value)
