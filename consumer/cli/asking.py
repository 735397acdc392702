"""Asks Loops by hand: a client of the settings' for as long as it takes, and a sentence where it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from consumer.adapters.loops import LoopsClient
from consumer.adapters.loops_calls import CallFailed, LoopsCalls
from consumer.adapters.loops_unhurried import UnhurriedApi
from consumer.settings import HeldKey
from consumer.settings.sections import LoopsSettings

__all__ = ["asked"]

T = TypeVar("T")


async def asked(loops: LoopsSettings, command: str, ask: Callable[[LoopsCalls], Awaitable[T]]) -> T:
    """What ``ask`` comes to; ``command`` is what Loops is told that asks.

    Raises ``CallFailed``, with the address and the kind of failure where Loops could not be reached, and
    :class:`~consumer.faults.Faults` where there is no key.
    """
    client = LoopsClient(
        loops.base_url,
        HeldKey(loops.key_source),
        connections_max=1,
        connect_timeout_s=loops.connect_timeout_s,
        timeout_s=loops.timeout_s,
        user_agent=f"loops-consumer ({command})",
    )
    try:
        return await ask(LoopsCalls(UnhurriedApi(client)))
    except CallFailed as failed:
        if not client.failure:
            raise
        kind = client.failure.partition(": ")[2]
        # The settings refuse an address with a name or password in it, so it may be shown.
        raise CallFailed(failed.reason, f"{failed} ({loops.base_url}: {kind})") from None
    finally:
        await client.close()
