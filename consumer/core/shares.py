"""How the team's requests a second are divided over partitions, the same in all replicas that know the same.

The slots of a second are dealt to partitions by turns (the base). From what the owners want follows the rest:

1. Each partition has what it wants, as far as its base goes.
2. What is left goes round to those that want more.
3. What is still left goes round to all: it is there for whatever comes next.
4. Where a replica is idle, the last slot is nobody's: all idle ones leave in it now and then.

What one partition has never grows when another wants more, whatever the numbers: so replicas that know wants of
different moments never use more together than there is, as long as each takes the smallest of its own wants that
another may still know (:mod:`consumer.core.wish`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Want", "dealt", "divided"]

_GOLDEN = (math.sqrt(5) - 1) / 2


class Want(NamedTuple):
    """Of one partition."""

    per_s: float
    """Slots that its owner would use; infinite: not known, so that its base is its own."""
    more: bool = False
    """It may have more than its base: the owner said so lately."""


def dealt(rate: int, count: int, epoch: int) -> list[int]:
    """Which of ``count`` partitions has each of the ``rate`` slots of an epoch: neighbours in time far apart in place.

    The slots go round all partitions in a spread order, so that each has its turn.
    """
    step = _spread_step(count)
    return [(epoch * rate + slot) * step % count for slot in range(rate)]


def divided(rate: int, wants: Sequence[Want], *, idle: bool, epoch: int) -> list[int]:
    """Slots a second of each partition; their sum is ``rate``, less one where a replica is ``idle``."""
    count = len(wants)
    places = dealt(rate, count, epoch)
    if idle:
        places.pop()
    base = [0] * count
    for place in places:
        base[place] += 1
    units = [rate if want.per_s >= rate else math.ceil(want.per_s) for want in wants]
    had = [min(own, wanted) for own, wanted in zip(base, units, strict=True)]
    room = [wanted - has if want.more else 0 for has, wanted, want in zip(had, units, wants, strict=True)]
    order = _order(rate, count, epoch)
    left = len(places) - sum(had)
    more = _in_rounds(left, room, order)
    spare = _in_rounds(left - sum(more), [rate] * count, order)
    return [sum(parts) for parts in zip(had, more, spare, strict=True)]


def _in_rounds(units: int, room: Sequence[int], order: Sequence[int]) -> list[int]:
    """One each, round after round in this order, to those that have room left."""
    rounds, given = 0, 0
    rooms = sorted(room)
    for index, size in enumerate(rooms):
        takers = len(rooms) - index
        more = min(size - rounds, (units - given) // takers)
        rounds += more
        given += more * takers
        if rounds < size:
            break
    parts = [min(rounds, size) for size in room]
    for place in order:
        if given >= units:
            break
        if room[place] > parts[place]:
            parts[place] += 1
            given += 1
    return parts


def _order(rate: int, count: int, epoch: int) -> list[int]:
    """All partitions, from the one behind the last that was dealt a slot of the epoch."""
    step = _spread_step(count)
    return [((epoch + 1) * rate + place) * step % count for place in range(count)]


def _spread_step(count: int) -> int:
    """A step that visits all of ``count`` places, neighbours in time far apart in place."""
    step = max(1, round(count * _GOLDEN))
    while math.gcd(step, count) != 1:
        step += 1
    return step
