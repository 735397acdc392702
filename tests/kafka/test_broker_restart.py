"""The broker goes and comes back while traffic flows: the consumer goes on by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job, MakeJob, sandbox_of
from tests.waiting import until

RECORDS: Final = 800
USERS: Final = 40
RATE_PER_S: Final = 50
LATENCY_S: Final = 0.05
ON_WIRE_MAX: Final = 10
BETWEEN: Final = 150


def test_a_broker_that_stops_and_one_that_dies_cost_nothing(make_job: MakeJob) -> None:
    """While it is gone nothing can be committed, so no more leaves than may be on the wire; then all goes on."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.configure(loops={"on_wire_max": ON_WIRE_MAX})
    made = product.make(RECORDS, users=USERS)
    job.produce(made)
    consumer = job.start().until_ready()

    meanwhile = [
        sent_without_a_broker(job, job.kafka.stop, consumer.waits_for),
        sent_without_a_broker(job, job.kafka.kill, lambda: is_out_of_the_group(consumer)),
    ]
    job.sandbox.until_events(RECORDS, 60)
    job.until_committed()

    seen = oracles.sightings(job.sandbox.received())
    again = len(oracles.repeated(seen))
    assert [] == oracles.lost(made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    assert [] == oracles.together_on_the_wire(seen, latency_s=LATENCY_S)
    assert again <= 2 * ON_WIRE_MAX
    assert max(meanwhile) <= ON_WIRE_MAX
    assert consumer.running


def sent_without_a_broker(job: Job, end: Callable[[], None], noticed: Callable[[], object]) -> int:
    """Ends the broker while traffic flows, and starts it when that was noticed; returns how much was sent meanwhile."""
    job.sandbox.until_events(len(job.sandbox.events()) + BETWEEN, 60)
    end()
    sent = job.sandbox.received_count()
    try:
        until(noticed, 90, "the consumer notices")
        return job.sandbox.received_count() - sent
    finally:
        job.kafka.start()


def is_out_of_the_group(consumer: ConsumerProcess) -> bool:
    """Whether its partitions are lost."""
    return not consumer.status()["partitions"]
