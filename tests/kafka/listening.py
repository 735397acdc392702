"""Where a process listens, as Linux knows it."""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import Final

__all__ = ["listens_at"]

_LISTENING: Final = "0A"
"""``TCP_LISTEN`` of the kernel."""
_SOCKET: Final = "socket:["


def listens_at(pid: int) -> set[tuple[str, int]]:
    """Address and port of each TCP socket of the process that others may connect to, and of each UDP socket it has."""
    own = {target for target in _targets(pid) if target.startswith(_SOCKET)}
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if f"{_SOCKET}{rest[5]}]" in own and (state == _LISTENING or table.startswith("udp")):
                found.add(_address(local))
    return found


def _targets(pid: int) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(entry.readlink()))
        except FileNotFoundError:
            continue
    return found


def _address(text: str) -> tuple[str, int]:
    """The kernel writes addresses as words of the machine's own order."""
    words, port = text.split(":")
    raw = b"".join(struct.pack("=I", int(words[at : at + 8], 16)) for at in range(0, len(words), 8))
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw), int(port, 16)
