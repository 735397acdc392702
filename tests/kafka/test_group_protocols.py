"""Both protocols of Kafka's groups, with static membership and without: replicas come, go, are killed and come back."""

from __future__ import annotations

import time
from typing import Any, Final

import pytest

from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import CLIENT, Job, MakeJob, sandbox_of
from tests.waiting import until

RECORDS: Final = 600
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

MOVED_WITHIN_S: Final = 10.0
"""How long a moved partition may be silent, beside what was on the wire, with Kafka's own heartbeats of 5 s."""


@pytest.mark.timeout(150)
def test_under_the_newer_protocol_a_replica_that_joins_and_one_that_leaves_cost_nothing(make_job: MakeJob) -> None:
    """Nothing is lost, twice, or out of order; a partition that moves is silent for a bounded time."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.configure(kafka={"client": NEWER})
    made = product.make(RECORDS, users=USERS)
    job.produce(made)
    first = job.start().until_ready()
    job.sandbox.until_events(40, 30)

    second = job.start().until_ready()
    until(lambda: [2, 2] == [partitions(first), partitions(second)], 30, "each has two partitions")
    job.sandbox.until_events(len(job.sandbox.events()) + 80, 60)
    first.terminate()
    assert first.exit_code() == 0
    until(lambda: partitions(second) == product.PARTITIONS, 30, "the second has all partitions")
    job.sandbox.until_events(RECORDS, 60)
    job.until_committed()

    seen = assert_all_held(job, made)
    assert [] == oracles.repeated(seen)
    silent_s = oracles.silences_s(seen)
    assert max(silent_s.values()) <= LATENCY_S + MOVED_WITHIN_S, silent_s


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "client", "kills", "within_s"),
    (
        pytest.param("pod-0", CLIENT, 3, 2.0, id="classic-static"),
        pytest.param(None, CLIENT, 1, CLASSIC_SESSION_S + 2.0, id="classic"),
        pytest.param("pod-0", NEWER, 1, NEWER_SESSION_S + 4.0, id="newer-static"),
        pytest.param(None, NEWER, 1, NEWER_SESSION_S + 2.0, id="newer"),
    ),
)
def test_the_only_replica_is_killed_and_sends_again_soon(
    make_job: MakeJob, name: str | None, client: dict[str, Any], kills: int, within_s: float
) -> None:
    """At once with a name of its own; else when the session of the killed one is over.

    The newer protocol holds the name itself as long, and the next try to be taken in comes within two seconds. Where
    nothing is waited for, most of the time is the start of a process, which takes twice as long on a busy machine: the
    best of three kills counts.
    """
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.kafka.configure_group(job.group, QUICK)
    job.configure(kafka={"client": client, "group_instance_id": name}, loops={"on_wire_max": ON_THE_WIRE_MAX})
    made = product.make(120, users=USERS)
    job.produce(made)
    consumer = job.start().until_ready()
    after_s = []
    for number in range(kills):
        job.sandbox.until_events(20 * (number + 1), 30)
        consumer.kill()
        received, killed_at = job.sandbox.received_count(), time.monotonic()
        consumer = job.start()
        until(lambda before=received: job.sandbox.received_count() > before, 30, "it sends again")  # type: ignore[misc]  # mypy infers no default in a lambda
        after_s.append(time.monotonic() - killed_at)
    job.sandbox.until_events(120, 30)
    job.until_committed()

    seen = assert_all_held(job, made)
    assert len(oracles.repeated(seen)) <= ON_THE_WIRE_MAX * kills
    assert min(after_s) <= within_s, f"{after_s}\n{consumer.tail()}"


@pytest.mark.timeout(90)
def test_under_the_newer_protocol_a_place_that_is_still_held_is_waited_for_in_the_process(make_job: MakeJob) -> None:
    """It says what it waits for, in the log and as its status, does not end, and ends at once where it is asked to."""
    job = make_job()
    job.kafka.configure_group(job.group, QUICK)
    job.configure(kafka={"client": NEWER, "group_instance_id": "pod-0"})
    job.produce(product.make(20, users=4))
    first = job.start().until_ready()
    job.sandbox.until_events(20, 30)

    second = job.start()
    until(lambda: "UNRELEASED_INSTANCE_ID" in second.waits_for(), 20, "the second says what it waits for")
    assert '"pod-0"' in second.waits_for()
    assert second.page("/readyz")[0] == 503
    until(lambda: tries(job) >= 3, 20, "it tries again")
    assert second.output().count('"kafka_waits"') == 1
    assert second.running
    second.terminate()
    assert second.exit_code(within_s=3) == 0

    job.produce(product.make(20, users=4, first=20))
    job.sandbox.until_events(40, 30)
    assert first.status()["source"]["state"] == "joined"


@pytest.mark.timeout(90)
def test_under_the_newer_protocol_who_ends_in_order_gives_its_place_to_the_next_one(make_job: MakeJob) -> None:
    """A rolling restart of static members does not wait for a session's end."""
    job = make_job()
    job.configure(kafka={"client": NEWER, "group_instance_id": "pod-0"})
    job.produce(product.make(8, users=4))
    first = job.start().until_ready()
    job.sandbox.until_events(8, 30)
    first.terminate()
    assert first.exit_code() == 0

    second = job.start()
    job.produce(product.make(8, users=4, first=8))
    job.sandbox.until_events(16, 30)

    assert "kafka_waits" not in second.output()


@pytest.mark.timeout(90)
def test_a_second_pod_with_the_same_name_puts_the_first_out_which_says_so(make_job: MakeJob) -> None:
    """The first ends with 1, names the key to set, and has committed nothing wrong: the second goes on."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.configure(kafka={"group_instance_id": "pod-0"}, loops={"on_wire_max": ON_THE_WIRE_MAX})
    made = product.make(160, users=USERS)
    job.produce(made)
    first = job.start().until_ready()
    job.sandbox.until_events(30, 30)

    second = job.start().until_ready()

    assert first.exit_code(within_s=15) == 1
    last_line = first.output().splitlines()[-1]
    assert last_line.startswith(f'loops-consumer: another process joined the group "{job.group}" with the same')
    assert 'kafka.group_instance_id, "pod-0"' in last_line
    assert "Traceback" not in first.output()
    job.sandbox.until_events(160, 30)
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
