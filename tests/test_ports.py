"""The ports that tests take for servers of their own."""

from __future__ import annotations

import socket

from tests.ports import free_ports


def test_free_ports_are_different_and_nobody_gets_one_by_connecting() -> None:
    """What the system gives to who asks for any port lies above all of them, and they can be listened at."""
    found = free_ports(5)
    with socket.create_server(("127.0.0.1", 0)) as given:
        assert max(found) < given.getsockname()[1]
    assert 5 == len(set(found))
    for port in found:
        socket.create_server(("127.0.0.1", port)).close()
