"""Threads for calls that block, which the end of the process does not wait for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import ParamSpec, TypeVar

__all__ = ["SideThreads"]

P = ParamSpec("P")
T = TypeVar("T")


class SideThreads(ThreadPoolExecutor):
    """For an event loop's default executor: name look-ups, and whatever is given to ``asyncio.to_thread``.

    Python waits for the threads of its own, when the loop ends and again when the interpreter does: half a minute and
    more where a name server does not answer. A call here has a thread for itself, of which nothing waits but who made
    the call; each caller has one under way at most.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Calls it at once; what it raises is the future's."""
        future: Future[T] = Future()
        Thread(target=_called, args=(future, partial(fn, *args, **kwargs)), name="side", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing to end: what is under way ends by itself, or with the process."""


def _called(future: Future[T], call: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is for who called
        future.set_exception(error)
