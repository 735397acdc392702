"""The least that a request can cost: ``python -m tests.bench.bare_http BASE_URL COUNT WORKERS``.

So many workers, each of which sends one event after the other through an aiohttp session and reads the answer, and
nothing more. Takes the key from ``LOOPS_API_KEY``. Prints the CPU of the process in µs a request.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import aiohttp

from tests.redaction import API_KEY

__all__ = ["bare_request_cost_us"]

_WITHIN_S: Final = 120
_OK: Final = 200


def bare_request_cost_us(base_url: str, count: int, workers: int) -> float:
    """Runs it in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bare_http", base_url, str(count), str(workers)]
    ran = subprocess.run(  # noqa: S603 - this Python and arguments of ours
        command,
        check=True,
        timeout=_WITHIN_S,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "LOOPS_API_KEY": API_KEY},
    )
    return float(ran.stdout)


async def _main(base_url: str, count: int, workers: int) -> None:
    headers = {"Authorization": f"Bearer {os.environ['LOOPS_API_KEY']}", "Content-Type": "application/json"}
    body = (
        b'{"email":"user-1@example.com","userId":"user-1","eventName":"trialStarted","eventProperties":{"number":41}}'
    )
    async with aiohttp.ClientSession(base_url + "/", headers=headers) as session:

        async def send(requests: int) -> None:
            for _ in range(requests):
                async with session.post("events/send", data=body) as answer:
                    await answer.read()
                    if answer.status != _OK:
                        sys.exit(f"answered {answer.status}")

        await send(1)
        began = time.process_time()
        await asyncio.gather(*(send(count // workers) for _ in range(workers)))
        print((time.process_time() - began) / (count // workers * workers) * 1e6)  # noqa: T201 - the other process reads it


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
