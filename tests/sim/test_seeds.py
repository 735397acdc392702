"""The real runner and pipeline in simulated worlds: every oracle holds, whatever the seed decides."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Final

import pytest

from consumer.sandbox.options import KeyMode
from tests.sim.many import BLOCK_SEEDS, Block, new_pool, submit
from tests.sim.running import Ran, run_seed
from tests.sim.scenario import scenario_of
from tests.sim.world import World

SEEDS: Final = int(os.environ.get("SEEDS", "500"))


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Processes that run seeds."""
    with new_pool() as processes:
        yield processes


@pytest.fixture(scope="module")
def blocks(pool: ProcessPoolExecutor) -> list[Future[Block]]:
    """All seeds, on their way."""
    return submit(pool, range(SEEDS))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", tuple(range(0, SEEDS, BLOCK_SEEDS)))
def test_every_oracle_holds(first: int, blocks: list[Future[Block]]) -> None:
    """A seed that breaks one is named with the command that replays it."""
    block = blocks[first // BLOCK_SEEDS].result()

    assert [] == block.broken, "\n".join(block.broken)


def test_a_seed_is_the_same_run_in_any_process(pool: ProcessPoolExecutor) -> None:
    """Whatever the process hashes names to."""
    ran: Ran = pool.submit(run_seed, 3).result()

    assert ran == run_seed(3)


def test_every_key_memory_of_loops_has_its_turn() -> None:
    """Nobody knows which one Loops has."""
    assert set(KeyMode) == {scenario_of(seed).loops.key_mode for seed in range(3)}


def test_a_seed_has_hundreds_of_records() -> None:
    """At least 300 that a rule wants."""
    for seed in range(20):
        world = World(scenario_of(seed))
        wanted = [entry for log in world.topic.logs.values() for entry in log.entries if entry.wanted is not None]

        assert len(wanted) >= 300
