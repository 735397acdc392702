"""A product that goes on: however long a test takes, records wait to be read all the while."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

from tests.kafka import product
from tests.kafka.job import Job
from tests.kafka.product import Made

__all__ = ["Feeding"]

_LOOK_EVERY_S: Final = 0.1


class Feeding:
    """Produces a job's events between ``with`` and its end: ``least`` at once, then so many that ``ahead`` wait.

    At its end at most twice as many wait.
    """

    def __init__(self, job: Job, *, users: int, ahead: int, least: int = 0) -> None:
        """Nothing is produced yet."""
        self._job = job
        self._users = users
        self._ahead = ahead
        self._made: list[Made] = []
        self._stops = threading.Event()
        self._thread = threading.Thread(target=self._feeds, name="feeding", daemon=True)
        self._add(max(least, ahead))

    @property
    def made(self) -> list[Made]:
        """All that there is so far; to be asked for when it has ended."""
        return self._made

    def __enter__(self) -> Self:
        """Begins; what is there at first has been written."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Adds nothing more."""
        self._stops.set()
        self._thread.join()

    def _feeds(self) -> None:
        while not self._stops.wait(_LOOK_EVERY_S):
            # Each event is a request at least, so no more have come than this.
            if len(self._made) < self._job.sandbox.received_count() + self._ahead:
                self._add(self._ahead)

    def _add(self, count: int) -> None:
        added = product.make(count, users=self._users, first=len(self._made))
        self._job.produce(added)
        self._made += added
