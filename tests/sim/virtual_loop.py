"""An event loop whose time is a number: it jumps to the next moment at which something is due.

It has what the runner and its ports use of a loop, and nothing else: no sockets, threads, signals or contexts.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar, cast

__all__ = ["VirtualLoop"]

T = TypeVar("T")


class VirtualLoop:
    """Runs what is due in the order of its moment; of one moment, in the order in which it was asked for."""

    def __init__(self) -> None:
        """It is the moment 0."""
        self.now = 0.0
        self.failures: list[BaseException] = []
        """What tasks or callbacks raised and nobody took."""
        self._as_loop = cast("asyncio.AbstractEventLoop", self)
        self._ready: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._due: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._number = 0
        self._stopped = False

    # What the simulation uses ----------------------------------------------------------------------------------------

    def later(self, wait_s: float, callback: Callable[..., object], *args: Any) -> None:
        """Calls it so many seconds from now; it cannot be taken back."""
        self._number += 1
        heapq.heappush(self._due, (self.now + wait_s, self._number, callback, args))

    def run(self, until_s: float) -> None:
        """Goes on until this moment, or until :meth:`stop`. What a callback raises is raised here."""
        asyncio._set_running_loop(self._as_loop)
        self._stopped = False
        ready, due = self._ready, self._due
        try:
            while not self._stopped:
                while ready:
                    callback, args = ready.popleft()
                    callback(*args)
                if not due or due[0][0] > until_s:
                    return
                self.now, _, callback, args = heapq.heappop(due)
                callback(*args)
        finally:
            asyncio._set_running_loop(None)

    def stop(self) -> None:
        """Ends :meth:`run` after the present moment."""
        self._stopped = True

    # What asyncio and the runner use ---------------------------------------------------------------------------------

    def time(self) -> float:
        """Virtual seconds."""
        return self.now

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> None:  # noqa: ARG002 - one context is enough
        """Calls it at this moment, after what was asked for before; it cannot be taken back."""
        self._ready.append((callback, args))

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,  # noqa: ARG002 - one context is enough
    ) -> _Timer:
        """Calls it at a moment, unless cancelled before."""
        handle = _Timer(when, callback, args)
        self._number += 1
        heapq.heappush(self._due, (when, self._number, handle.fire, ()))
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> _Timer:
        """Calls it so many seconds from now, unless cancelled before."""
        return self.call_at(self.now + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self._as_loop)

    def create_task(
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[T]:
        """A task of this loop."""
        return asyncio.Task(coro, loop=self._as_loop, name=name, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keeps what nobody took."""
        self.failures.append(context.get("exception") or RuntimeError(str(context.get("message"))))

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Always: it is asked from within."""
        return True

    def is_closed(self) -> bool:
        """Never."""
        return False


class _Timer:
    """What ``call_at`` gives: as much of a ``TimerHandle`` as the runner uses."""

    __slots__ = ("_args", "_callback", "_when")

    def __init__(self, when: float, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._when = when
        self._callback: Callable[..., object] | None = callback
        self._args = args

    def when(self) -> float:
        return self._when

    def cancel(self) -> None:
        self._callback = None

    def fire(self) -> None:
        if self._callback is not None:
            self._callback(*self._args)
