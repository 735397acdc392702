"""Dead letters are looked at and redriven, and a person is deleted, as the runbook says."""

from __future__ import annotations

from typing import Final

import pytest

from tests.deploy.desk import MAPPING, Desk
from tests.kafka import group, product
from tests.kafka.job import numbers_of
from tests.kafka.redriving import Redriving

pytestmark = pytest.mark.timeout(300)

LIST: Final = "loops-consumer dead-letters list --newer 24h"


def test_letters_are_looked_at_rehearsed_and_sent_again(desk: Desk) -> None:
    """While the consumer runs; what is done is not open any more, and is done once."""
    letters_of(desk, count=5)
    assert "400" in desk.run("loops-consumer dead-letters show 0:0")
    assert "trial-started" in desk.run(LIST)
    before = desk.job.sandbox.received_count()
    assert "5" in desk.run("loops-consumer dead-letters redrive --rule trial-started --dry-run")
    assert before == desk.job.sandbox.received_count()

    desk.run("loops-consumer dead-letters redrive --rule trial-started --share 0.3")
    assert list(range(5)) == sorted(numbers_of(desk.job.sandbox.events()))
    assert "trial-started" not in desk.run(LIST)


def test_of_a_deleted_person_nothing_is_left_but_on_the_products_topic(desk: Desk) -> None:
    """What is there is shown first; the dead letter goes with its topic's records up to an offset."""
    job = desk.job
    letters_of(desk, count=1)
    job.produce(product.make(1, users=1, first=1))
    job.sandbox.until_events(1, 60)
    job.until_committed()
    assert "dead letter" in desk.run("loops-consumer why --user-id u1 --since beginning").lower()

    desk.run("loops-consumer contacts delete --user-id u1 --yes")
    assert "knows no such contact" in desk.run("loops-consumer contacts find --user-id u1", status=1)
    desk.run("loops-consumer dead-letters redrive --rule trial-started --share 0.3")
    assert [] == job.sandbox.contacts(), "a redrive does not make it again"
    desk.run(
        """echo '{"version": 1, "partitions": """
        """[{"topic": "loops-dead-letters", "partition": 0, "offset": 1}]}' > offsets.json"""
    )
    desk.run('kafka-delete-records.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --offset-json-file offsets.json')
    assert "trial-started" not in desk.run(LIST)
    assert {0: 1} == group.ends(job.kafka.bootstrap_servers, job.letters_topic), "the topic goes on behind it"


def letters_of(desk: Desk, count: int) -> None:
    """Starts a consumer for which Loops refuses so many events of as many people, whom it knows."""
    job = desk.job
    fault = job.sandbox.inject(status=400, message="Not yet.", path="/events/send")
    assert fault
    job.produce(product.make(count, users=count))
    desk.start()
    job.until_committed()
    job.sandbox.heal()
    contacts = Redriving(job)
    job.map(MAPPING)
    contacts.add_contacts(range(count))
