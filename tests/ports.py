"""Ports for servers that a test starts, or stops for a while, itself."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Final

__all__ = ["free_ports"]

_FROM: Final = 15_000
_TO: Final = 32_768
"""Where the system does not say: Linux begins here by itself, the others above."""
_RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_TRIES_MAX: Final = 1_000


def free_ports(count: int) -> list[int]:
    """So many on loopback that nobody listens at, below those that the system gives to outgoing connections.

    One of those is taken by whoever connects to anything before the server listens, or while it is down; or a client
    that tries again and again to connect to it gets it as its own, and talks to itself.
    """
    to = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else _TO
    chosen = random.SystemRandom()
    with ExitStack() as held:
        found: list[int] = []
        for _ in range(_TRIES_MAX):
            if len(found) == count:
                return found
            port = chosen.randrange(_FROM, to)
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            found.append(port)
    raise RuntimeError(f"{len(found)} of {count} ports below {to} were found free in {_TRIES_MAX} tries")
