"""An aiohttp client on async-solipsism's virtual network, whose loop connects by name only."""

from __future__ import annotations

from asyncio import Transport
from typing import Any

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler

__all__ = ["VirtualConnector"]


class VirtualConnector(TCPConnector):
    """Lets the loop connect, where aiohttp would make a socket itself."""

    async def _wrap_create_connection(self, *args: Any, addr_infos: Any, **_: Any) -> tuple[Transport, ResponseHandler]:
        host, port = addr_infos[0][4][:2]
        (make,) = args
        connected: tuple[Transport, ResponseHandler] = await self._loop.create_connection(make, host, port)
        return connected
