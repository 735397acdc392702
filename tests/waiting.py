"""Waits for a condition with a deadline: the only way in which a test waits for another process or thread."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, overload

__all__ = ["until", "until_async"]

T = TypeVar("T")

_LOOK_EVERY_S: Final = 0.01


def until(condition: Callable[[], T], within_s: float, what: str) -> T:
    """The condition's first true value; ``TimeoutError`` saying ``what`` where none comes within ``within_s``."""
    never = threading.Event()
    end = time.monotonic() + within_s
    while not (value := condition()):
        if time.monotonic() >= end:
            raise TimeoutError(f"not within {within_s} s: {what}")
        never.wait(_LOOK_EVERY_S)
    return value


@overload
async def until_async(condition: Callable[[], Awaitable[T]], within_s: float, what: str) -> T: ...
@overload
async def until_async(condition: Callable[[], T], within_s: float, what: str) -> T: ...
async def until_async(condition: Callable[[], Any], within_s: float, what: str) -> Any:
    """The same on an event loop, by the loop's own (perhaps virtual) clock; the condition may be a coroutine."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while not (value := await _value(condition)):
        if loop.time() >= end:
            raise TimeoutError(f"not within {within_s} s: {what}")
        await asyncio.wait([loop.create_future()], timeout=_LOOK_EVERY_S)
    return value


async def _value(condition: Callable[[], Any]) -> Any:
    value = condition()
    return await value if inspect.isawaitable(value) else value
