"""Both protocols of Kafka's groups, with static membership and without: replicas come, go, are killed and come back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import pytest

from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.feeding import Feeding
from tests.kafka.job import CLIENT, Job, MakeJob, sandbox_of
from tests.kafka.standstills import StandStills
from tests.waiting import until

AHEAD: Final = 80
"""Events that wait at least, while replicas come and go: two seconds' work."""
USERS: Final = 24
RATE_PER_S: Final = 40
LATENCY_S: Final = 0.2
ON_THE_WIRE_MAX: Final = 10
"""Requests of one process at once, which may be sent again after a kill."""

NEWER: Final = {"group.protocol": "consumer"}
QUICK: Final = {"consumer.heartbeat.interval.ms": "200", "consumer.session.timeout.ms": "4000"}
"""The broker's part of what a job's ``CLIENT`` is under the classic protocol."""
NEWER_SESSION_S: Final = 4.0
CLASSIC_SESSION_S: Final = float(CLIENT["session.timeout.ms"]) / 1000

PATIENT: Final = {"consumer.heartbeat.interval.ms": "200", "consumer.session.timeout.ms": "45000"}
"""A place that is held for longer than any machine stands still."""

MOVED_WITHIN_S: Final = 10.0
"""How long a moved partition may be silent, beside what was on the wire, with Kafka's own heartbeats of 5 s."""
AT_ONCE_S: Final = 10.0
"""For a process that waits for its place to end: far less than the place is held."""
KILLS_MAX: Final = 4
START_S: Final = 1.0
"""From the start of a process to its first line, on a machine with nothing else to do: Python, and what is imported.
What a slow or busy machine takes beyond it is not counted."""


def test_under_the_newer_protocol_a_replica_that_joins_and_one_that_leaves_cost_nothing(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """Nothing is lost, twice, or out of order; a partition that moves is silent for a bounded time."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.configure(kafka={"client": NEWER})
    with Feeding(job, users=USERS, ahead=AHEAD) as product_of_job:
        first = job.start().until_ready()
        job.sandbox.until_events(40, 60)

        second = job.start().until_ready()
        until(lambda: [2, 2] == [partitions(first), partitions(second)], 60, "each has two partitions")
        job.sandbox.until_events(len(job.sandbox.events()) + 80, 60)
        first.terminate()
        assert first.exit_code() == 0
        until(lambda: partitions(second) == product.PARTITIONS, 60, "the second has all partitions")
        job.sandbox.until_events(len(job.sandbox.events()) + 80, 60)
    job.sandbox.until_events(len(product_of_job.made), 60)
    job.until_committed()

    seen = assert_all_held(job, product_of_job.made)
    assert [] == oracles.repeated(seen)
    silent_s = oracles.silences_s(seen, standstills.took_s)
    assert max(silent_s.values()) <= LATENCY_S + MOVED_WITHIN_S, silent_s


@pytest.mark.parametrize(
    ("name", "client", "within_s"),
    (
        pytest.param("pod-0", CLIENT, 2.0, id="classic-static"),
        pytest.param(None, CLIENT, CLASSIC_SESSION_S + 2.0, id="classic"),
        pytest.param("pod-0", NEWER, NEWER_SESSION_S + 4.0, id="newer-static"),
        pytest.param(None, NEWER, NEWER_SESSION_S + 2.0, id="newer"),
    ),
)
def test_the_only_replica_is_killed_and_sends_again_soon(
    make_job: MakeJob, standstills: StandStills, name: str | None, client: dict[str, Any], within_s: float
) -> None:
    """At once with a name of its own; else when the session of the killed one is over.

    The newer protocol holds the name itself as long, and the next try to be taken in comes within two seconds. The best
    of a few kills counts.
    """
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.kafka.configure_group(job.group, QUICK)
    job.configure(kafka={"client": client, "group_instance_id": name}, loops={"on_wire_max": ON_THE_WIRE_MAX})
    with Feeding(job, users=USERS, ahead=AHEAD) as product_of_job:
        consumer = job.start().until_ready()
        after_s: list[float] = []
        while len(after_s) < KILLS_MAX and not is_soon(after_s, within_s):
            job.sandbox.until_events(len(job.sandbox.events()) + 20, 60)
            consumer, again_s = killed_and_started(job, consumer, standstills)
            after_s.append(again_s)
    job.sandbox.until_events(len(product_of_job.made), 60)
    job.until_committed()

    seen = assert_all_held(job, product_of_job.made)
    assert len(oracles.repeated(seen)) <= ON_THE_WIRE_MAX * len(after_s)
    assert is_soon(after_s, within_s), f"{after_s}\n{consumer.tail()}"


def is_soon(after_s: Sequence[float], within_s: float) -> bool:
    """Whether it sent again in time after one of the kills."""
    return min(after_s, default=within_s + 1) <= within_s


def killed_and_started(job: Job, consumer: ConsumerProcess, standstills: StandStills) -> tuple[ConsumerProcess, float]:
    """Kills it and starts the next one; returns that, and the seconds until it had sent something."""
    consumer.kill()
    killed_at, received = time.monotonic(), job.sandbox.received_count_of_ended()
    started_at, following = time.monotonic(), job.start()
    until(following.lines, 60, "its first line")
    of_the_machine_s = max(0.0, standstills.took_s(started_at, time.monotonic()) - START_S)
    until(lambda: job.sandbox.received_count() > received, 60, "it sends again")
    sent_at = job.sandbox.received()[received].now
    return following, standstills.took_s(killed_at, sent_at) - of_the_machine_s


def test_under_the_newer_protocol_a_place_that_is_still_held_is_waited_for_in_the_process(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """It says what it waits for, in the log and as its status, does not end, and ends at once where it is asked to."""
    job = make_job()
    job.kafka.configure_group(job.group, PATIENT)
    job.configure(kafka={"client": NEWER, "group_instance_id": "pod-0"})
    job.produce(product.make(20, users=4))
    first = job.start().until_ready()
    job.sandbox.until_events(20, 60)

    second = job.start()
    until(lambda: "UNRELEASED_INSTANCE_ID" in second.waits_for(), 60, "the second says what it waits for")
    assert '"pod-0"' in second.waits_for()
    assert second.page("/readyz")[0] == 503
    until(lambda: tries(job) >= 3, 60, "it tries again")
    assert second.output().count('"kafka_waits"') == 1
    assert second.running
    asked_at = time.monotonic()
    second.terminate()
    assert second.exit_code() == 0
    assert standstills.took_s(asked_at, time.monotonic()) <= AT_ONCE_S

    job.produce(product.make(20, users=4, first=20))
    job.sandbox.until_events(40, 60)
    assert first.status()["source"]["state"] == "joined"


def test_under_the_newer_protocol_who_ends_in_order_gives_its_place_to_the_next_one(make_job: MakeJob) -> None:
    """A rolling restart of static members does not wait for a session's end."""
    job = make_job()
    job.configure(kafka={"client": NEWER, "group_instance_id": "pod-0"})
    job.produce(product.make(8, users=4))
    first = job.start().until_ready()
    job.sandbox.until_events(8, 60)
    first.terminate()
    assert first.exit_code() == 0

    second = job.start()
    job.produce(product.make(8, users=4, first=8))
    job.sandbox.until_events(16, 60)

    assert "kafka_waits" not in second.output()


def test_a_second_pod_with_the_same_name_puts_the_first_out_which_says_so(make_job: MakeJob) -> None:
    """The first ends with 1, names the key to set, and has committed nothing wrong: the second goes on."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.configure(kafka={"group_instance_id": "pod-0"}, loops={"on_wire_max": ON_THE_WIRE_MAX})
    made = product.make(160, users=USERS)
    job.produce(made)
    first = job.start().until_ready()
    job.sandbox.until_events(30, 60)

    second = job.start().until_ready()

    assert first.exit_code() == 1
    last_line = first.output().splitlines()[-1]
    assert last_line.startswith(f'loops-consumer: another process joined the group "{job.group}" with the same')
    assert 'kafka.group_instance_id, "pod-0"' in last_line
    assert "Traceback" not in first.output()
    job.sandbox.until_events(160, 60)
    job.until_committed()
    seen = assert_all_held(job, made)
    assert len(oracles.repeated(seen)) <= ON_THE_WIRE_MAX
    assert second.running


def assert_all_held(job: Job, made: list[product.Made]) -> list[oracles.Sighting]:
    """No event is lost, none came twice to effect, none out of order. Returns all that came."""
    seen = oracles.sightings(job.sandbox.received())
    assert [] == oracles.lost(made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    return seen


def partitions(consumer: ConsumerProcess) -> int:
    """How many a consumer owns."""
    return len(consumer.status()["partitions"])


def tries(job: Job) -> int:
    """How often the broker has refused a name in this job's group so far."""
    lines = job.kafka.log.read_text(errors="replace").splitlines()
    return sum(f"[GroupId {job.group}]" in line and "cannot join the group" in line for line in lines)
