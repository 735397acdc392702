"""The consumer as a process of its own, which never outlives the demo."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

__all__ = ["ChildProcess"]

_KILLED_WITHIN_S: Final = 10.0
_TAIL_BYTES: Final = 16_384

_TIED: Final = """\
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Linux alone: asks the kernel to end this process with its parent (``PR_SET_PDEATHSIG`` of ``prctl(2)``, which lasts
through the ``exec``), then becomes the command. So nothing is left where the demo itself is killed."""


class ChildProcess:
    """A command that runs from ``with`` to the end of it, where it is killed if it still runs.

    Both its outputs go to ``log``. A Ctrl-C in the terminal does not reach it: it has a session of its own.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], log: Path) -> None:
        """``command`` begins with the path of a program; nothing is started yet."""
        self._command = command
        self._environ = environ
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Starts it. Raises :class:`OSError` where that cannot be."""
        tied = [sys.executable, "-S", "-E", "-c", _TIED, str(os.getpid())] if sys.platform == "linux" else []
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the demo's own
                [*tied, *self._command],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kills it, unless it has ended."""
        process = self._started()
        if process.poll() is None:
            process.kill()
            process.wait(_KILLED_WITHIN_S)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._started().pid

    @property
    def exit_code(self) -> int | None:
        """``None`` while it runs; the negative number of the signal that ended it."""
        return self._started().poll()

    async def stop(self, within_s: float) -> int | None:
        """Asks it to stop and returns its exit code; ``None`` where it still runs after ``within_s``."""
        process = self._started()
        process.terminate()
        try:
            return await asyncio.to_thread(process.wait, within_s)
        except subprocess.TimeoutExpired:
            return None

    def last_lines(self, count: int) -> list[str]:
        """The end of what it has written."""
        with self._log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return log.read().decode(errors="replace").splitlines()[-count:]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the process was not started")
        return self._process
