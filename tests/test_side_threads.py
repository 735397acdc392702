"""Calls that block, and the end of whoever made them."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from consumer.side_threads import SideThreads

_BLOCKED_FOR_GOOD = """
import asyncio, threading
from consumer.side_threads import SideThreads

async def main():
    asyncio.get_running_loop().set_default_executor(SideThreads())
    try:
        await asyncio.wait_for(asyncio.to_thread(threading.Event().wait), 0.05)
    except TimeoutError:
        print("ended")

asyncio.run(main())
"""


async def test_a_call_s_answer_or_error_is_the_caller_s() -> None:
    """As of any other executor."""
    loop = asyncio.get_running_loop()
    threads = SideThreads()

    assert 9 == await loop.run_in_executor(threads, max, 4, 9)
    with pytest.raises(ZeroDivisionError):
        await loop.run_in_executor(threads, divmod, 1, 0)


def test_a_process_ends_while_a_call_blocks() -> None:
    """Python's own executor would be waited for, by the loop and then by the interpreter."""
    done = subprocess.run(  # noqa: S603 - this Python, and a program of ours
        [sys.executable, "-c", _BLOCKED_FOR_GOOD], capture_output=True, text=True, timeout=60, check=False
    )
    assert (0, "ended\n", "") == (done.returncode, done.stdout, done.stderr)
