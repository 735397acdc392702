"""Two replicas share the partitions, and with them the team's rate."""

from __future__ import annotations

from typing import Final

import pytest

from consumer.sandbox.options import LimitWay
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import MakeJob, numbers_of, sandbox_of
from tests.waiting import until

RECORDS: Final = 400
USERS: Final = 24
RATE_PER_S: Final = 20


@pytest.mark.timeout(120)
def test_a_replica_that_joins_and_one_that_leaves_cost_nothing(make_job: MakeJob) -> None:
    """The second joins while the first works; the first then ends by SIGTERM; the limit is the team's all the while."""
    job = make_job(sandbox_of(RATE_PER_S, limit_way=LimitWay.SLIDING))
    job.produce(product.make(RECORDS, users=USERS))
    first = job.start().until_ready()
    job.sandbox.until_events(40, 30)

    second = job.start().until_ready()
    until(lambda: [2, 2] == [partitions(first), partitions(second)], 30, "each has two partitions")
    at_the_split = len(job.sandbox.events())
    job.sandbox.until_events(at_the_split + 80, 60)
    until(lambda: second.metric("loops_consumer_requests_total", verdict="done"), 10, "the second one sends too")
    first.terminate()
    assert first.exit_code() == 0
    until(lambda: partitions(second) == product.PARTITIONS, 30, "the second has all partitions")
    job.sandbox.until_events(RECORDS, 60)
    job.until_committed()

    arrived = job.sandbox.events()
    assert list(range(RECORDS)) == sorted(numbers_of(arrived))
    for user in range(USERS):
        numbers = numbers_of(entry for entry in arrived if entry.user_id == f"user-{user}")
        assert sorted(numbers) == numbers
    assert second.metric("loops_consumer_finished_records_total", fate="dead_lettered") == 0


def partitions(consumer: ConsumerProcess) -> int:
    """How many a consumer owns."""
    return len(consumer.status()["partitions"])
