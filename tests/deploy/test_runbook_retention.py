"""A topic's retention is lengthened and taken back as the runbook says, on a real Kafka."""

from __future__ import annotations

import re
from typing import Final

import pytest
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

from tests.deploy.desk import Desk
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)

WITHIN_S: Final = 60
DAY_MS: Final = 86_400_000
BOUND: Final = 1_073_741_824
"""Bytes of a partition that the topic keeps."""
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

KEEP_BYTES: Final = (
    'BYTES=$(kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --describe --all '
    "--entity-type topics --entity-name product-events | sed -n 's/^ *retention[.]bytes=\\([0-9]*\\) .*/\\1/p')"
)
LIFT: Final = (
    'kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --alter '
    "--entity-type topics --entity-name product-events --add-config retention.bytes=-1"
)
BYTES_BACK: Final = (
    'kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --alter '
    '--entity-type topics --entity-name product-events --add-config retention.bytes="${BYTES:?}"'
)
BYTES_TO_THE_BROKERS_OWN: Final = (
    'kafka-configs.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --alter '
    "--entity-type topics --entity-name product-events --delete-config retention.bytes"
)


def test_a_long_retention_is_doubled_and_taken_back(desk: Desk) -> None:
    """Thirty days become sixty, never fewer; what it was is noted, and set again at the end."""
    topic = keeps(desk, 30 * DAY_MS)
    noted = desk.run(LOOK)
    assert ["ms", "bytes"] == sorted(re.findall(r"^ *retention\.(ms|bytes)=", noted, re.MULTILINE), reverse=True)
    assert f"retention.ms={30 * DAY_MS} " in noted
    assert "DYNAMIC_TOPIC_CONFIG" in noted
    desk.run(LENGTHEN, pasted=KEEP)
    until_kept(desk, topic, "ms", 60 * DAY_MS)
    desk.shell.variables["WAS"] = str(30 * DAY_MS)
    desk.run(BACK)
    until_kept(desk, topic, "ms", 30 * DAY_MS)


def test_the_brokers_own_is_doubled_for_the_topic_and_taken_back(desk: Desk) -> None:
    """By the topic's own setting, which goes at the end."""
    own = retention(desk, desk.job.topic, "ms")
    assert "DYNAMIC_TOPIC_CONFIG" not in desk.run(LOOK)
    desk.run(KEEP)
    desk.run(LENGTHEN, pasted=KEEP)
    until_kept(desk, desk.job.topic, "ms", 2 * own)
    desk.run(TO_THE_BROKERS_OWN)
    until_kept(desk, desk.job.topic, "ms", own)


def test_where_it_is_unlimited_nothing_is_set(desk: Desk) -> None:
    """Twice nothing would be nothing at all."""
    topic = keeps(desk, -1)
    assert "set nothing" in desk.run(LENGTHEN, pasted=KEEP, status=1)
    assert -1 == retention(desk, topic, "ms")


def test_a_bound_of_size_is_lifted_and_taken_back(desk: Desk) -> None:
    """What it was is noted, in the words that set it again."""
    topic = keeps(desk, BOUND, "bytes")
    assert f"retention.bytes={BOUND} " in desk.run(LOOK)
    desk.run(LIFT, pasted=KEEP_BYTES)
    until_kept(desk, topic, "bytes", -1)
    desk.shell.variables["BYTES"] = str(BOUND)
    desk.run(BYTES_BACK)
    until_kept(desk, topic, "bytes", BOUND)


def test_the_brokers_own_bound_of_size_comes_back(desk: Desk) -> None:
    """The topic's own goes, and its retention in time is left alone; no bound is set that was not read."""
    keeps(desk, 30 * DAY_MS)
    desk.run(LIFT)
    until(lambda: own_of_the_topic(desk) == {"ms", "bytes"}, WITHIN_S, "both are the topic's own")
    desk.run(BYTES_TO_THE_BROKERS_OWN)
    until(lambda: own_of_the_topic(desk) == {"ms"}, WITHIN_S, "the bound of size is not any more")
    desk.run(KEEP_BYTES)
    desk.run(BYTES_BACK, pasted=KEEP_BYTES, status=1)
    assert {"ms"} == own_of_the_topic(desk)


def own_of_the_topic(desk: Desk) -> set[str]:
    """Which of the two are settings of the topic, as the look shows it."""
    return set(re.findall(r"\{DYNAMIC_TOPIC_CONFIG:retention\.(ms|bytes)=", desk.run(LOOK)))


def keeps(desk: Desk, most: int, unit: str = "ms") -> str:
    """Makes the topic that the runbook calls product-events, with such a retention of its own."""
    topic = desk.job.kafka.new_topic(config={f"retention.{unit}": str(most)})
    desk.shell.words = {**desk.shell.words, r"\bproduct-events\b": topic}
    return topic


def until_kept(desk: Desk, topic: str, unit: str, most: int) -> None:
    """Waits until the broker has heard of a change, which its controller has taken before."""
    until(lambda: retention(desk, topic, unit) == most, WITHIN_S, f"retention.{unit} is {most}")


def retention(desk: Desk, topic: str, unit: str) -> int:
    """How long, or in how many bytes a partition, the broker keeps records of it."""
    asked = ConfigResource(ResourceType.TOPIC, topic)
    admin = desk.job.kafka.admin()
    found = admin.describe_configs([asked])[asked].result(30)
    return int(found[f"retention.{unit}"].value)
