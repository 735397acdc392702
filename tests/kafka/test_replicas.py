"""Two replicas share the partitions, and with them the team's rate."""

from __future__ import annotations

from typing import Final

from consumer.sandbox.options import LimitWay
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.feeding import Feeding
from tests.kafka.job import MakeJob, numbers_of, sandbox_of
from tests.waiting import until

AHEAD: Final = 40
"""Events that wait at least, while replicas come and go: two seconds' work."""
USERS: Final = 24
RATE_PER_S: Final = 20


def test_a_replica_that_joins_and_one_that_leaves_cost_nothing(make_job: MakeJob) -> None:
    """The second joins while the first works; the first then ends by SIGTERM; the limit is the team's all the while."""
    job = make_job(sandbox_of(RATE_PER_S, limit_way=LimitWay.SLIDING))
    with Feeding(job, users=USERS, ahead=AHEAD) as product_of_job:
        first = job.start().until_ready()
        job.sandbox.until_events(40, 60)

        second = job.start().until_ready()
        until(lambda: [2, 2] == [partitions(first), partitions(second)], 60, "each has two partitions")
        at_the_split = len(job.sandbox.events())
        job.sandbox.until_events(at_the_split + 80, 60)
        until(lambda: second.metric("loops_consumer_requests_total", verdict="done"), 60, "the second one sends too")
        first.terminate()
        assert first.exit_code() == 0
        until(lambda: partitions(second) == product.PARTITIONS, 60, "the second has all partitions")
    records = len(product_of_job.made)
    job.sandbox.until_events(records, 60)
    job.until_committed()

    arrived = job.sandbox.events()
    assert list(range(records)) == sorted(numbers_of(arrived))
    for user in range(USERS):
        numbers = numbers_of(entry for entry in arrived if entry.user_id == f"user-{user}")
        assert sorted(numbers) == numbers
    assert second.metric("loops_consumer_finished_records_total", fate="dead_lettered") == 0


def partitions(consumer: ConsumerProcess) -> int:
    """How many a consumer owns."""
    return len(consumer.status()["partitions"])
