"""Arrivals that a person asks for in a word: ``poisson:8``, ``backlog:5000:low``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from consumer.core.terms import Priority
from consumer.planning.arrivals import Arrival, Kind, poisson, standing

__all__ = ["FORMS", "Wanted", "WrongWord", "wanted"]

FORMS: Final = ("poisson", "backlog")

_NUMBER_MAX: Final = 1_000_000
_CONTACTS: Final = 10_000
_PRIORITIES: Final = {priority.name.lower(): priority for priority in Priority}
_KINDS: Final = {kind.value: kind for kind in Kind}


class WrongWord(Exception):  # noqa: N818 - it says what is wrong
    """It cannot be understood; the text says what is allowed."""


class Wanted(NamedTuple):
    """What a word asks for."""

    form: str
    number: float
    """A second, or in all."""
    priority: Priority = Priority.NORMAL
    kind: Kind = Kind.EVENT

    def expected(self, for_s: float) -> float:
        """How many those are, of poisson on the mean."""
        return self.number if self.form == "backlog" else self.number * for_s

    def arrivals(self, *, for_s: float, seed: str) -> Iterator[Arrival]:
        """Of that many seconds; other contacts for each seed."""
        if self.form == "backlog":
            found = standing(int(self.number), contacts=_CONTACTS)
        else:
            found = poisson(self.number, for_s=for_s, seed=seed, contacts=_CONTACTS)
        for arrival in found:
            contact = f"{seed}/{arrival.contact}"
            yield arrival._replace(contact=contact, priority=self.priority, kind=self.kind)


def wanted(word: str) -> Wanted | None:
    """What it asks for; None where it begins like none of :data:`FORMS`. Raises :class:`WrongWord`."""
    form, colon, rest = word.partition(":")
    if form not in FORMS or not colon:
        return None
    number, *names = rest.split(":")
    found = Wanted(form, _number(form, number))
    for name in names:
        if name in _PRIORITIES:
            found = found._replace(priority=_PRIORITIES[name])
        elif name in _KINDS:
            found = found._replace(kind=_KINDS[name])
        else:
            raise WrongWord(f'found "{name}"; allowed: {", ".join((*_PRIORITIES, *_KINDS))}')
    return found


def _number(form: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= _NUMBER_MAX or (form == "backlog" and number % 1):
        what = "records, a whole number" if form == "backlog" else "records a second, a number"
        raise WrongWord(f'found "{text}"; allowed: {what} above 0 and at most {_NUMBER_MAX:,}')
    return number
