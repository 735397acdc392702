"""A sandbox on a thread of its own, so that a test may block while it answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from consumer.sandbox.faults import InjectedFault
from consumer.sandbox.journal import Entry
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.server import Sandbox
from tests.waiting import until

__all__ = ["SandboxThread"]

T = TypeVar("T")

_ANSWERS_WITHIN_S: Final = 60
_CONTACTS_MAX: Final = 1_000
_TURNS: Final = 20
"""Of the loop. Each reads what has come at a connection, and a request takes three: its head, its body, its effect."""


class SandboxThread:
    """Runs between ``with`` and its end. Every method may be called from any one thread."""

    def __init__(self, options: SandboxOptions) -> None:
        """Nothing runs yet."""
        self.options = options
        self._loop = asyncio.new_event_loop()
        self._sandbox = Sandbox(options)
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)

    def __enter__(self) -> Self:
        """Listens at a free port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._sandbox.start(), self._loop).result(_ANSWERS_WITHIN_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes every connection and ends the thread."""
        asyncio.run_coroutine_threadsafe(self._sandbox.stop(), self._loop).result(_ANSWERS_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWERS_WITHIN_S)
        self._loop.close()

    @property
    def base_url(self) -> str:
        """What a client takes for Loops' base address."""
        return self._sandbox.base_url

    def received(self, after: int = 0) -> list[Entry]:
        """Every request so far, in the order in which they came; without the first ``after``."""
        return self._ask(lambda: self._sandbox.journal.after(after))

    def received_count(self) -> int:
        """How many requests there were."""
        return self._ask(lambda: self._sandbox.journal.last)

    def received_count_of_ended(self) -> int:
        """How many requests there were when nobody sends any more: what the ended ones had written is counted too."""
        counts = [self.received_count()]
        while len(counts) < _TURNS or counts[-1] != counts[-_TURNS]:
            counts.append(self.received_count())
        return counts[-1]

    def events(self) -> list[Entry]:
        """The events that took effect, in order: what Loops would act on."""
        return self._ask(self._sandbox.journal.events)

    def contacts(self) -> list[dict[str, object]]:
        """Every contact as it is now, as ``contacts/find`` shows it."""
        return self._ask(lambda: [each.public() for each in self._sandbox.model.team.contacts.newest(_CONTACTS_MAX)])

    def until_events(self, count: int, within_s: float) -> list[Entry]:
        """Waits until so many events took effect, and returns all that did; ``TimeoutError`` says how many it were."""
        try:
            until(lambda: self.received_count() >= count and len(self.events()) >= count, within_s, f"{count} events")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; there are {len(self.events())}") from None
        return self.events()

    def inject(self, **fault: Any) -> int:
        """Puts a fault in force, with the members of :class:`InjectedFault`; returns its number."""
        made = InjectedFault.model_validate(fault)
        return self._ask(lambda: self._sandbox.faults.add(made, now=self._loop.time()))

    def heal(self) -> None:
        """Ends every fault."""
        self._ask(self._sandbox.faults.clear)

    def _ask(self, what: Callable[[], T]) -> T:
        async def asked() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(asked(), self._loop).result(_ANSWERS_WITHIN_S)
