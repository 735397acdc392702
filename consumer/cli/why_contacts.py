"""What Loops says of a person: first who it is, in the end what it has of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from consumer.adapters.loops_calls import CallFailed, Contact, LoopsCalls
from consumer.cli.asking import asked
from consumer.faults import Faults
from consumer.settings import LoopsSettings
from consumer.why.whom import Identity, Whom, email_of, user_id_of

__all__ = ["LoopsWitness"]

_SOURCE = "Loops"
T = TypeVar("T")


class LoopsWitness:
    """Asked twice. Where it does not answer it says why, and is not asked again."""

    def __init__(self, loops: LoopsSettings, whom: Whom) -> None:
        """Asks with the key of these settings, where there is one."""
        self._loops = loops
        self._whom = whom
        self.problem: str | None = None
        """Why it says nothing, in a sentence."""

    def identify(self) -> None:
        """Looks for the other identifier of whoever was given."""
        for contact in self.contacts() or ():
            identity = Identity(email_of(contact.get("email")), user_id_of(contact.get("userId")))
            self._whom.learn(identity, _SOURCE)

    def contacts(self) -> Sequence[Contact] | None:
        """All that have one of the person's identifiers, each once; ``None`` where it does not say."""
        return self._asked(self._found)

    async def _found(self, calls: LoopsCalls) -> Sequence[Contact]:
        found = [await calls.find(email=email) for email in self._whom.emails]
        found += [await calls.find(user_id=user_id) for user_id in self._whom.user_ids]
        return list({str(contact.get("id")): contact for contact in found if contact is not None}.values())

    def _asked(self, ask: Callable[[LoopsCalls], Awaitable[T]]) -> T | None:
        if self.problem is not None:
            return None
        try:
            return asyncio.run(asked(self._loops, "why", ask))
        except CallFailed as failed:
            self.problem = str(failed)
        except Faults as wrong:
            self.problem = "; ".join(fault.message for fault in wrong.faults)
        return None
