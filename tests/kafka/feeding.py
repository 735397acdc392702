"""A product that goes on: however long a test takes, records wait to be read all the while."""

from __future__ import annotations

from typing import Final

from tests.kafka import product
from tests.kafka.job import Job
from tests.kafka.product import Made
from tests.repeated import Repeated

__all__ = ["Feeding"]

_LOOK_EVERY_S: Final = 0.1


class Feeding(Repeated):
    """Produces a job's events between ``with`` and its end: ``least`` at once, then so many that ``ahead`` wait.

    At its end at most twice as many wait.
    """

    def __init__(self, job: Job, *, users: int, ahead: int, least: int = 0) -> None:
        """What is there at first is produced; the rest between ``with`` and its end."""
        super().__init__(every_s=_LOOK_EVERY_S, ends_within_s=60)
        self._job = job
        self._users = users
        self._ahead = ahead
        self._made: list[Made] = []
        self._add(max(least, ahead))

    @property
    def made(self) -> list[Made]:
        """All that there is so far; to be asked for when it has ended."""
        return self._made

    def _once(self) -> None:
        # Each event is a request at least, so no more have come than this.
        if len(self._made) < self._job.sandbox.received_count() + self._ahead:
            self._add(self._ahead)

    def _add(self, count: int) -> None:
        added = product.make(count, users=self._users, first=len(self._made))
        self._job.produce(added)
        self._made += added
