"""``loops-consumer run``: how it begins. How it runs and ends is shown on a real Kafka, in ``tests/kafka``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from consumer.sandbox.broker import MockBroker

_ROOT = Path(__file__).parents[2]


def _run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "consumer", "run"],
        cwd=_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_without_a_key_it_does_not_start() -> None:
    """And says where one may stand."""
    done = _run(LOOPS_API_KEY="")
    assert (78, "") == (done.returncode, done.stdout)
    assert "LOOPS_API_KEY" in done.stderr


def test_without_a_dead_letter_topic_it_does_not_start() -> None:
    """A record that can go nowhere would hold its partition for good."""
    with MockBroker() as broker:
        broker.create_topic("product-events", 1)
        done = _run(
            LOOPS_API_KEY="k1-0123456789",
            KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap_servers,
            LOOPS_CONSUMER__KAFKA__DEAD_LETTER_TOPIC="nowhere",
        )
    assert 78 == done.returncode
    assert 'kafka.dead_letter_topic: the dead-letter topic "nowhere" does not exist' in done.stderr


def test_a_port_that_is_taken_is_a_fault() -> None:
    """Before anything is read."""
    with MockBroker() as broker:
        broker.create_topic("product-events", 1)
        broker.create_topic("loops-dead-letters", 1)
        done = _run(
            LOOPS_API_KEY="k1-0123456789",
            KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap_servers,
            LOOPS_CONSUMER__ADMIN__PORT=broker.bootstrap_servers.split(":")[1].split(",")[0],
        )
    assert 78 == done.returncode
    assert "admin.port" in done.stderr
