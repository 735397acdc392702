"""Revokes that wait."""

from __future__ import annotations

import math

from consumer.core.handovers import Handovers
from tests.core.driving import P0, P1


def test_one_is_due_when_none_of_its_partitions_is_busy() -> None:
    """And then no more."""
    handovers = Handovers()
    handovers.begin([P0, P1], until=11.0)
    assert ([], [(P0, P1)], []) == (
        handovers.due({P1}, now=1.0),
        handovers.due(set(), now=1.0),
        handovers.due(set(), now=1.0),
    )


def test_after_its_bound_it_is_due_whatever_is_busy() -> None:
    """The timer is for that."""
    handovers = Handovers()
    before = handovers.next_at()
    handovers.begin([P0], until=11.0)
    assert (math.inf, 11.0, 1) == (before, handovers.next_at(), len(handovers))
    assert ([], [(P0,)], 0) == (handovers.due({P0}, now=10.9), handovers.due({P0}, now=11.0), len(handovers))
