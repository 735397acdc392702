"""The real pipeline in simulated worlds: rebalances, kills, outages, lost answers, failing commits and dead letters."""

from __future__ import annotations

from random import Random

import pytest

from consumer.core.backoff import BackoffPolicy
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from tests.sim import oracles
from tests.sim.loops import SimulatedLoops
from tests.sim.world import Entry, World

_SEEDS = 60
_TROUBLE_S = 60.0
_PATIENCE_S = 3_000.0


def world_of(seed: int) -> World:
    """What this seed decides."""
    random = Random(seed)  # noqa: S311 - a seed decides a simulation
    tps = [TopicPartition("events", number) for number in range(random.randint(1, 6))]
    logs: dict[TopicPartition, list[Entry]] = {tp: [] for tp in tps}
    users = [f"u{number}" for number in range(random.choice((3, 20, 200)))]
    for _ in range(random.randint(300, 600)):
        user = random.choice(users)
        log = logs[tps[int(user[1:]) % len(tps)]]
        log += [Entry(None)] * random.choice((0, 0, 1, 5))
        log.append(Entry(None, junk=True) if random.random() < 0.01 else Entry(user))
    began = random.uniform(2, 40)
    loops = SimulatedLoops(
        random,
        random.choice((0.0, 0.05, 0.3)),
        down=(began, began + random.choice((0, 0, 15))),
        locked=(began + 20, began + 20 + random.choice((0, 0, 8))),
        poison=frozenset(random.sample(users, random.choice((0, 1)))),
    )
    rate = random.choice((10, 50))
    policy = Policy(
        rate_per_s=rate,
        in_flight_records_max=random.choice((50, 10_000)),
        attempts_max=1_000,
        backoff=BackoffPolicy(0.5, 5.0),
        undecodable_per_min=random.choice((2, 60)),
    )
    return World(
        seed,
        loops,
        random,
        logs,
        policy,
        commit_failures=random.choice((0.0, 0.2)),
        letter_failures=random.choice((0.0, 0.3)),
    )


def trouble(world: World) -> None:
    """Replicas come and go for a minute; then one more comes and stays."""
    random = world.random
    world.join()
    at = 0.0
    while (at := at + random.uniform(3, 25)) < _TROUBLE_S:
        world.run(at)
        living = [replica for replica in world.replicas if replica.alive and not replica.leaving]
        chance = random.random()
        if chance < 0.4 or not living:
            world.join()
        elif chance < 0.7:
            world.kill(random.choice(living))
        else:
            world.stop(random.choice(living))
    world.run(_TROUBLE_S)
    world.loops.stumbles = 0.0
    world.commit_failures = world.letter_failures = 0.0
    world.join()


@pytest.mark.parametrize("seed", tuple(range(_SEEDS)))
def test_every_oracle_holds(seed: int) -> None:
    """Whatever the seed decides."""
    world = world_of(seed)
    judges = [getattr(oracles, name)(world) for name in oracles.__all__]
    trouble(world)
    world.run(_PATIENCE_S, lambda: all(len(log) == world.committed.get(tp, 0) for tp, log in world.logs.items()))
    for judge in judges:
        judge.at_the_end()
