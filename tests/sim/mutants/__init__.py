"""Small realistic defects of the program. The oracles must see each: one that survives is a missing oracle."""

from __future__ import annotations

from tests.sim.mutants import answers, assignments, bounds, commits, mappings, merging, order, outages, sharing, terms
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS", "Mutant"]

MUTANTS: tuple[Mutant, ...] = (
    *commits.MUTANTS,
    *assignments.MUTANTS,
    *answers.MUTANTS,
    *order.MUTANTS,
    *outages.MUTANTS,
    *bounds.MUTANTS,
    *terms.MUTANTS,
    *mappings.MUTANTS,
    *merging.MUTANTS,
    *sharing.MUTANTS,
)
