"""Runs many seeds, in as many processes as there are cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Self

from tests.sim.observing import Violation
from tests.sim.running import run_seed

__all__ = ["BLOCK_SEEDS", "Block", "new_pool", "run_block", "run_blocks", "submit"]

BLOCK_SEEDS = 25
"""Seeds of one piece of work."""

_GC_THRESHOLDS = (20_000, 50, 100)
"""As in the program itself."""


@dataclass(slots=True)
class Block:
    """What some seeds came to."""

    seeds: int = 0
    requests: int = 0
    replicas: int = 0
    again: int = 0
    again_max: int = 0
    cpu_s: float = 0.0
    broken: list[str] = field(default_factory=list)
    """For each seed that broke an oracle, which, and the command that replays it."""

    def __iadd__(self, other: Block) -> Self:
        self.seeds += other.seeds
        self.requests += other.requests
        self.replicas += other.replicas
        self.again += other.again
        self.again_max = max(self.again_max, other.again_max)
        self.cpu_s += other.cpu_s
        self.broken += other.broken
        return self


def run_block(seeds: Sequence[int]) -> Block:
    """Runs these in this process."""
    block, began_s = Block(), time.process_time()
    gc.collect()  # what is frozen is never looked at again: worlds of the block before would stay for good
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    for seed in seeds:
        block.seeds += 1
        try:
            ran = run_seed(seed)
        except Violation as broken:
            block.broken.append(f"{broken}\n    python -m tests.sim --seed {seed}")
            continue
        block.requests += ran.requests
        block.replicas += ran.replicas
        block.again += ran.again
        block.again_max = max(block.again_max, ran.again_max)
    block.cpu_s = time.process_time() - began_s
    return block


def submit(pool: ProcessPoolExecutor, seeds: Sequence[int]) -> list[Future[Block]]:
    """Hands them to the pool, block by block."""
    return [pool.submit(run_block, seeds[first : first + BLOCK_SEEDS]) for first in range(0, len(seeds), BLOCK_SEEDS)]


def new_pool() -> ProcessPoolExecutor:
    """A process a core, none of which has anything of this one."""
    return ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn"))


def run_blocks(seeds: Sequence[int]) -> Iterator[Block]:
    """The blocks as they end."""
    with new_pool() as pool:
        for future in as_completed(submit(pool, seeds)):
            yield future.result()
