"""What another mapping would do with the same records otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from consumer.core.record import Plan, Position, Rejection
from consumer.core.request import DeleteContact, Request, SendEvent
from consumer.mapping.plan import at_clock
from consumer.preview.rehearsal import described
from consumer.preview.tally import Looked

__all__ = ["CHANGES_MAX", "Change", "Difference"]

CHANGES_MAX: Final = 1_000
"""Different changes that are told apart."""
_NOTHING: Final = "nothing"


class Change(NamedTuple):
    """What one rule does otherwise with the events of one name."""

    event: str
    rule: str | None
    """The rule's id; ``None``: the record cannot be read."""
    here: str
    """What it comes to with the one mapping."""
    there: str
    """And with the other."""
    members: tuple[str, ...] = ()
    """Of a request that both make: what differs in it."""


class Difference:
    """Compares two mappings record by record, rule by rule."""

    def __init__(self, examples_max: int) -> None:
        """Nothing differs yet. So many places are kept of each change."""
        self._examples_max = examples_max
        self.changes: Counter[Change] = Counter()
        """How many records each concerns."""
        self.examples: defaultdict[Change, list[Position]] = defaultdict(list)
        """Where the first few of them lie."""
        self.others = 0
        """Those that came when there were :data:`CHANGES_MAX`."""
        self.records = 0
        """In how many records there is any."""

    def take(self, here: Iterable[Looked], there: Iterable[Looked], *, wall_ms: int) -> None:
        """What both mappings make of the same records; ``wall_ms`` is now, milliseconds since 1970."""
        others = {looked.record.position: looked for looked in there}
        pairs = [(looked, others.pop(looked.record.position, None)) for looked in here]
        for mine, other in (*pairs, *((None, looked) for looked in others.values())):
            self._take(mine, other, wall_ms)

    def _take(self, here: Looked | None, there: Looked | None, wall_ms: int) -> None:
        known = here or there
        if known is None:
            return
        at, clock_ms = known.record.position, known.record.timestamp_ms or wall_ms
        changes = list(_changes(known.name, _by_rule(here), _by_rule(there), clock_ms))
        self.records += bool(changes)
        for change in changes:
            if change not in self.changes and len(self.changes) >= CHANGES_MAX:
                self.others += 1
                continue
            self.changes[change] += 1
            if len(self.examples[change]) < self._examples_max:
                self.examples[change].append(at)


def _by_rule(looked: Looked | None) -> Mapping[str | None, Plan]:
    return {} if looked is None else {plan.rule: plan for plan in looked.plans}


def _changes(
    event: str, here: Mapping[str | None, Plan], there: Mapping[str | None, Plan], clock_ms: int
) -> Iterator[Change]:
    for rule in dict.fromkeys((*here, *there)):
        mine, other = here.get(rule), there.get(rule)
        one, two = _comes_to(mine, clock_ms), _comes_to(other, clock_ms)
        if one != two:
            yield Change(event, rule, one, two)
        elif isinstance(mine, Request) and isinstance(other, Request):
            members = _differing(_members(mine), _members(other))
            if members:
                yield Change(event, rule, one, two, members)


def _comes_to(plan: Plan | None, clock_ms: int) -> str:
    if plan is None:
        return _NOTHING
    if isinstance(plan, Rejection):
        return f"dead letter, {plan.reason}: {plan.message}"
    request = at_clock(plan, clock_ms)
    if request is None or isinstance(request, Rejection):
        return f"{described(plan)}, dropped as stale"
    return described(plan) if request is plan else f"{described(plan)}, too old: {described(request)}"


def _members(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {"email": request.email, "userId": request.user_id}
    sections = {} if isinstance(request, DeleteContact) else {"contact": request.contact, "lists": request.lists}
    if isinstance(request, SendEvent):
        sections["event"] = request.event
    found.update((f"{name}.{key}", value) for name, section in sections.items() for key, value in section.items())
    return found


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of members that one lacks, or that have another value: 1 is not true, and null is not nothing."""
    names = sorted(one.keys() | other.keys())
    return tuple(name for name in names if _kept(one, name) != _kept(other, name))


def _kept(members: Mapping[str, Any], name: str) -> tuple[bool, type, Any]:
    value = members.get(name)
    return name in members, type(value), value
