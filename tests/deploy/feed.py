"""A product that goes on producing while something else happens."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

from tests.kafka import product
from tests.kafka.job import Job

__all__ = ["Feed"]

_EVERY_S: Final = 0.25
_ENDS_WITHIN_S: Final = 70


class Feed:
    """Wanted events at a steady rate, from ``with`` to its end; :attr:`made` is what was produced."""

    def __init__(self, job: Job, *, per_s: int, users: int) -> None:
        """Nothing is produced yet."""
        self.made: list[product.Made] = []
        self._job = job
        self._each = round(per_s * _EVERY_S)
        self._users = users
        self._over = threading.Event()
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def __enter__(self) -> Self:
        """Begins."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it when what it has begun is on the topic."""
        self.end()

    def end(self) -> list[product.Made]:
        """Ends it, and returns all that it made; may be called twice. Raises what broke it."""
        self._over.set()
        self._thread.join(_ENDS_WITHIN_S)
        if self._failed:
            raise self._failed[0]
        return self.made

    def _run(self) -> None:
        try:
            while not self._over.wait(_EVERY_S):
                batch = product.make(self._each, users=self._users, first=len(self.made))
                self._job.produce(batch)
                self.made += batch
        except BaseException as error:  # noqa: BLE001 - it is raised by whoever ends it
            self._failed.append(error)
