"""Something that is done again and again on a thread of its own while a test does something else."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

__all__ = ["Repeated"]


class Repeated:
    """Does :meth:`_once` at a steady pace from ``with`` to its end, which raises what broke it."""

    def __init__(self, *, every_s: float, ends_within_s: float) -> None:
        """Nothing is done yet."""
        self._every_s = every_s
        self._ends_within_s = ends_within_s
        self._over = threading.Event()
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        """Begins."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it."""
        self.end()

    def end(self) -> None:
        """Waits for what was begun; may be called twice. Raises what broke it."""
        self._over.set()
        self._thread.join(self._ends_within_s)
        if self._failed:
            raise self._failed[0]
        if self._thread.is_alive():
            raise TimeoutError(f"{self._thread.name} has not ended within {self._ends_within_s:g} s")

    def _once(self) -> None:
        """What is done each time."""
        raise NotImplementedError

    def _finish(self) -> None:
        """What is done at the end, whatever happened."""

    def _run(self) -> None:
        try:
            while not self._over.wait(self._every_s):
                self._once()
        except BaseException as error:  # noqa: BLE001 - it is raised by whoever ends it
            self._failed.append(error)
        finally:
            self._finish()
