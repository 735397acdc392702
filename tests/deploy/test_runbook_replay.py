"""An hour is replayed as the runbook says: by a backfill beside the consumer, or by the group's own offsets."""

from __future__ import annotations

from typing import Final

import pytest

from tests.deploy.desk import MAPPING, Desk
from tests.kafka import oracles, product
from tests.kafka.job import numbers_of
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)

SENT: Final = 40
MISSED: Final = 20
OTHER: Final = "Trial Ended"
"""What the mapping had no rule for while the hour was live."""

WIDER: Final = MAPPING.replace("when: Trial Started", f"when: [Trial Started, {OTHER}]")


def test_beside_the_consumer_what_was_missed_is_sent_and_nothing_twice(desk: Desk) -> None:
    """The consumer goes on, and its offsets stay."""
    desk.configure(loops={"reserve_per_s": 60})
    hour_with_a_gap(desk)
    consumer = desk.start()
    desk.job.map(WIDER)
    until(lambda: consumer.metric("loops_consumer_mapping_reloads_total", result="applied") == 1, 60, "it is in use")
    desk.run("loops-consumer run --backfill --from 1h --send-events --share 0.3")
    assert_all_once(desk)
    assert consumer.running


def test_by_the_offsets_what_was_missed_is_sent_and_nothing_twice(desk: Desk) -> None:
    """Kafka refuses it while the consumer runs; stopped, each event goes out under the key that it had."""
    hour_with_a_gap(desk)
    consumer = desk.start()
    consumer.terminate()
    assert 0 == consumer.exit_code()
    desk.job.map(WIDER)
    stood = desk.job.committed()
    rehearsed = desk.run(
        'kafka-consumer-groups.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" '
        "--group loops-consumer --topic product-events --reset-offsets --by-duration PT1H --dry-run"
    )
    assert desk.job.topic in rehearsed
    assert stood == desk.job.committed()
    desk.run(
        'kafka-consumer-groups.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" '
        "--group loops-consumer --topic product-events --reset-offsets --by-duration PT1H --execute"
    )
    desk.start()
    assert_all_once(desk)
    repeats = [each for each in oracles.sightings(desk.job.sandbox.received()) if each.status == 409]
    assert SENT == len(repeats), "what was sent came again, and Loops knew its key"


def hour_with_a_gap(desk: Desk) -> None:
    """Lets a consumer send what its mapping wants of an hour; what it missed lies on the topic too."""
    events = product.make(SENT, users=10)
    missed = [product.Made(number % 10, number, OTHER) for number in range(SENT, SENT + MISSED)]
    desk.job.produce([*events, *missed])
    consumer = desk.start()
    desk.job.until_committed()
    consumer.terminate()
    assert 0 == consumer.exit_code()
    assert list(range(SENT)) == sorted(numbers_of(desk.job.sandbox.events()))


def assert_all_once(desk: Desk) -> None:
    """All of the hour is there, each event once."""
    events = desk.job.sandbox.until_events(SENT + MISSED, 60)
    desk.job.until_committed()
    assert list(range(SENT + MISSED)) == sorted(numbers_of(events))
    assert [] == oracles.twice_in_effect(oracles.sightings(desk.job.sandbox.received()))
