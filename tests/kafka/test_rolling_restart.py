"""Three replicas, each replaced in turn while traffic flows, as a deployment does it."""

from __future__ import annotations

from typing import Final

from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.feeding import Feeding
from tests.kafka.job import MakeJob, sandbox_of
from tests.kafka.standstills import StandStills
from tests.waiting import until

RECORDS_MIN: Final = 4_000
AHEAD: Final = 300
"""Events that wait at least, while replicas come and go: two seconds' work."""
USERS: Final = 40
RATE_PER_S: Final = 150
LATENCY_S: Final = 0.1
REPLICAS: Final = 3

AGAIN_MAX: Final = 20
"""Requests that may be on the wire again, over the whole restart."""
REFUSED_SHARE_MAX: Final = 0.05
"""Of the requests, those that the team's limit may refuse: they left a moment over a second apart and arrived closer.
What a machine that stands still holds back arrives together, and is not counted."""
SILENT_MAX_S: Final = LATENCY_S + 5.0
"""How long a partition that moves may be silent: what is on the wire, and five seconds for the group."""
BETWEEN: Final = 300
"""Events that arrive from one replica's end to the next one's."""


def test_a_rolling_restart_loses_nothing_and_sends_nothing_twice(make_job: MakeJob, standstills: StandStills) -> None:
    """Each moved partition is silent for a bounded time; what is on the wire again stays within twenty requests."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.configure(kafka={"client": {}})
    with Feeding(job, users=USERS, least=RECORDS_MIN, ahead=AHEAD) as product_of_job:
        replicas = [job.start() for _ in range(REPLICAS)]
        until_shared(replicas)
        for _ in range(REPLICAS):
            arrived = len(job.sandbox.events())
            job.sandbox.until_events(arrived + BETWEEN, 60)
            ending = replicas.pop(0)
            ending.terminate()
            assert 0 == ending.exit_code()
            replicas.append(job.start())
            until_shared(replicas)
    job.sandbox.until_events(len(product_of_job.made), 120)
    job.until_committed()

    received = job.sandbox.received()
    seen = oracles.sightings(received)
    assert [] == oracles.lost(product_of_job.made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    assert [] == oracles.together_on_the_wire(seen, latency_s=LATENCY_S)
    assert len(oracles.repeated(seen)) <= AGAIN_MAX
    calm = [entry for entry in received if not standstills.touch(entry.now, for_s=1.0)]
    assert oracles.refused_by_the_limit(calm) <= REFUSED_SHARE_MAX * len(received)
    silent_s = oracles.silences_s(seen, standstills.took_s)
    assert max(silent_s.values()) <= SILENT_MAX_S, silent_s


def until_shared(replicas: list[ConsumerProcess]) -> None:
    """Waits until every partition has its owner and each replica at least one."""
    for replica in replicas:
        replica.until_ready()
    until(lambda: shared(replicas), 60, "each replica has partitions, and together they have all")


def shared(replicas: list[ConsumerProcess]) -> bool:
    """Whether all partitions are owned, each once, by all of the replicas."""
    owned = [len(replica.status()["partitions"]) for replica in replicas]
    return all(owned) and sum(owned) == product.PARTITIONS
