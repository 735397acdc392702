"""The people of a made-up product: who they are, and what each does, step by step, that Loops is to know. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Final

__all__ = ["People", "Person", "Step"]

PRESENT: Final = 12
"""People in the product at the same time."""


class Step(Enum):
    """What somebody does that a rule wants."""

    SIGN_UP = "Signed Up"
    IDENTIFY = "identify"
    TRIAL = "Trial Started"
    UPGRADE = "Plan Upgraded"
    ORDER = "Order Completed"
    LEAVE = "User Deleted"
    CLOSE = "Account Closed"


_NEW: Final = (Step.SIGN_UP, Step.IDENTIFY, Step.TRIAL, Step.IDENTIFY)
"""Each identify tells of another plan, and so does an upgrade: no two requests of one person are equal."""
_OLD: Final = (Step.IDENTIFY,)
"""Nobody is known to Loops at the beginning: with this step, which has an address, they are."""
_ORDERS_MAX: Final = 3
_SHARE_NEW: Final = 0.6
_SHARE_UPGRADING: Final = 0.3
_SHARE_LEAVING: Final = 0.2
_SHARE_SHY: Final = 0.4
"""Whose address is in their first steps alone: later ones have a userId and nothing else."""
_NAMES: Final = ("Ada", "Bo", "Chen", "Dana", "Eli", "Femi", "Gus", "Hana", "Ines", "Jo", "Kai", "Lea", "Mo", "Nia")
_PAID: Final = ("pro", "team")
_BIGGEST: Final = "business"


@dataclass(slots=True)
class Person:
    """One user of the product, with the steps that are still to come."""

    id: str
    name: str
    email: str = field(repr=False)
    shy: bool
    paid: str
    """The plan of the trial."""
    steps: deque[Step] = field(default_factory=deque)
    plan: str = "free"


class People:
    """Who is in the product now; somebody who has done it all makes room for the next."""

    def __init__(self, random: Random) -> None:
        """All draws come from ``random``."""
        self._random = random
        self._met = 0
        self._present = [self._next() for _ in range(PRESENT)]

    def anybody(self) -> Person:
        """Somebody who is present."""
        return self._random.choice(self._present)

    def step(self) -> tuple[Person, Step]:
        """Somebody's next step, taken."""
        place = self._random.randrange(len(self._present))
        person = self._present[place]
        step = person.steps.popleft()
        if step is Step.TRIAL:
            person.plan = person.paid
        elif step is Step.UPGRADE:
            person.plan = _BIGGEST
        if not person.steps:
            self._present[place] = self._next()
        return person, step

    def stranger(self) -> Person:
        """Somebody whom Loops is never told of, and who takes no steps."""
        self._met += 1
        return Person(f"usr_{self._met:05}", "", "", shy=True, paid="")

    def _next(self) -> Person:
        random = self._random
        self._met += 1
        name = random.choice(_NAMES)
        steps = deque(_NEW if random.random() < _SHARE_NEW else _OLD)
        steps.extend([Step.ORDER] * random.randint(1, _ORDERS_MAX))
        if random.random() < _SHARE_UPGRADING:
            steps.insert(random.randint(len(steps) - 1, len(steps)), Step.UPGRADE)
        if random.random() < _SHARE_LEAVING:
            steps.append(random.choice((Step.LEAVE, Step.CLOSE)))
        return Person(
            id=f"usr_{self._met:05}",
            name=name,
            email=f"{name.lower()}.{self._met}@example.com",
            shy=random.random() < _SHARE_SHY,
            paid=random.choice(_PAID),
            steps=steps,
        )
