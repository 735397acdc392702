"""A product that goes on producing while something else happens."""

from __future__ import annotations

from typing import Final

from tests.kafka import product
from tests.kafka.job import Job
from tests.repeated import Repeated

__all__ = ["Feed"]

_EVERY_S: Final = 0.25
_ENDS_WITHIN_S: Final = 70


class Feed(Repeated):
    """Wanted events at a steady rate, from ``with`` to its end; :attr:`made` is what was produced."""

    def __init__(self, job: Job, *, per_s: int, users: int, first: int = 0) -> None:
        """Nothing is produced yet; ``first`` is the first one's number."""
        super().__init__(every_s=_EVERY_S, ends_within_s=_ENDS_WITHIN_S)
        self.made: list[product.Made] = []
        self._job = job
        self._each = round(per_s * _EVERY_S)
        self._users = users
        self._first = first

    def _once(self) -> None:
        batch = product.make(self._each, users=self._users, first=self._first + len(self.made))
        self._job.produce(batch)
        self.made += batch
