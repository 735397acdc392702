"""A real browser, driven by its own protocol: what it shows, reports and refuses of a page."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

import aiohttp

from tests.deploy.tools import tool
from tests.waiting import until_async

__all__ = ["Browser", "Tab"]

_STARTS_WITHIN_S: Final = 90
_LOADS_WITHIN_S: Final = 60
_LISTENING: Final = re.compile(r"DevTools listening on ws://(127\.0\.0\.1:\d+)/")


class Browser:
    """Chromium without a window, within a ``with``; its profile and what it says lie in ``directory``."""

    def __init__(self, directory: Path) -> None:
        """Starts it."""
        self._said = directory / "browser.log"
        with self._said.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - a tool of the tests
                [
                    *(tool("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
                    *("--no-first-run", "--disable-background-networking", "--hide-scrollbars", "--no-proxy-server"),
                    *(f"--user-data-dir={directory / 'profile'}", "--remote-debugging-port=0", "about:blank"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(_STARTS_WITHIN_S)

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """A new page, empty."""
        await until_async(lambda: self._address() is not None, _STARTS_WITHIN_S, "the browser listens")
        async with aiohttp.ClientSession(f"http://{self._address()}") as session:
            async with session.put("/json/new?about:blank") as made:
                address = (await made.json(content_type=None))["webSocketDebuggerUrl"]
            async with session.ws_connect(address, max_msg_size=0) as socket:
                tab = Tab(socket)
                listening = asyncio.create_task(tab.listen())
                try:
                    for domain in ("Page", "Runtime", "Log", "Network"):
                        await tab.ask(f"{domain}.enable")
                    await tab.ask("Page.setLifecycleEventsEnabled", enabled=True)
                    yield tab
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)

    def _address(self) -> str | None:
        found = _LISTENING.search(self._said.read_text(errors="replace"))
        return found[1] if found else None


class Tab:
    """One page. Keeps whatever the browser complains about, and every address that it asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Speaks over this."""
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []
        self.asked_for: list[str] = []
        self.loads = 0
        """Pages that were loaded."""
        self._loaded: set[str] = set()
        """Which they were: the browser's names of their loaders."""

    async def listen(self) -> None:
        """Takes in what the browser says, until it is cancelled."""
        async for message in self._socket:
            told = message.json()
            if (answer := self._answers.pop(told.get("id"), None)) is not None:
                answer.set_result(told)
            else:
                self._take(told.get("method"), told.get("params", {}))

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One question of the protocol; its result."""
        told = await self._told(method, **parameters)
        assert "error" not in told, told
        return dict(told["result"])

    async def _told(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = answer = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, _LOADS_WITHIN_S)

    async def open(self, url: str) -> None:
        """Goes there, and returns when it is loaded: this page, and not one that was on its way before."""
        went = await self.ask("Page.navigate", url=url)
        await until_async(lambda: went["loaderId"] in self._loaded, _LOADS_WITHIN_S, f"{url} is loaded")

    async def evaluate(self, expression: str) -> Any:
        """What a JavaScript expression comes to on the page; the browser's tools may, whatever the page allows.

        Of a page that comes anew at this moment, once it is whole.
        """
        whole = f'document.readyState === "complete" ? {{value: {expression}}} : null'

        async def found() -> dict[str, Any] | None:
            told = await self._told("Runtime.evaluate", expression=whole, returnByValue=True)
            if "error" in told:  # the page went away under the question
                return None
            assert "exceptionDetails" not in told["result"], told
            value: dict[str, Any] | None = told["result"]["result"].get("value")
            return value

        of_the_page = await until_async(found, _LOADS_WITHIN_S, "the page is whole")
        assert of_the_page is not None
        return of_the_page.get("value")

    async def text(self) -> str:
        """All that a person sees, in the page's order."""
        return str(await self.evaluate("document.body.innerText"))

    async def look(self, *, width: int, height: int, dark: bool = False, scripts: bool = True) -> None:
        """Through a window of this size, in CSS pixels, at day or at night."""
        phone = width < 600
        await self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.ask("Emulation.setEmulatedMedia", features=[scheme])
        await self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)

    async def picture(self, file: Path) -> None:
        """The whole page, as PNG."""
        taken = await self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(file.write_bytes, base64.b64decode(taken["data"]))

    def _take(self, method: str | None, told: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self.loads += 1
        elif method == "Page.lifecycleEvent" and told["name"] == "load":
            self._loaded.add(told["loaderId"])
        elif method == "Network.requestWillBeSent":
            self.asked_for.append(told["request"]["url"])
        elif method == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"]["text"])
