"""Stops single threads of a process of ours, as a debugger does, while its others go on. Linux alone."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

__all__ = ["StoppedThreads", "python_threads"]

_SEIZE: Final = 0x4206
_INTERRUPT: Final = 0x4207
_DETACH: Final = 17
_WAIT_FOR_THREADS: Final = 0x40000000
_OF_THE_CLIENT: Final = "rdk:"
"""How the Kafka client's own threads are called, which belong to no interpreter."""


def python_threads(pid: int) -> list[int]:
    """The threads of a process that run Python beside its first one; of the consumer: all but the event loop's."""
    tasks = Path(f"/proc/{pid}/task")
    names = {int(task.name): (task / "comm").read_text() for task in tasks.iterdir()}
    return [tid for tid, name in names.items() if tid != pid and not name.startswith(_OF_THE_CLIENT)]


class StoppedThreads:
    """Stopped between ``with`` and its end; both must be on one thread, which must be of the process' parent."""

    def __init__(self, threads: list[int]) -> None:
        """They still run."""
        self._threads = threads
        self._library = ctypes.CDLL(None, use_errno=True)
        self._library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self._library.ptrace.restype = ctypes.c_long

    def __enter__(self) -> Self:
        """Each stands still when it returns; ``OSError`` where that is not allowed."""
        for thread in self._threads:
            self._trace(_SEIZE, thread)
            self._trace(_INTERRUPT, thread)
            os.waitpid(thread, _WAIT_FOR_THREADS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """They run again."""
        for thread in self._threads:
            self._trace(_DETACH, thread)

    def _trace(self, request: int, thread: int) -> None:
        if self._library.ptrace(request, thread, None, None) == -1:
            number = ctypes.get_errno()
            raise OSError(number, f"ptrace {request:#x}: {os.strerror(number)}")
