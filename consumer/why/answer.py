"""All that is known of why a person did, or did not, get something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consumer.mapping.rules import CompiledMapping
from consumer.mapping.when import is_glob
from consumer.why.account import Account, Became, Outcome
from consumer.why.finding import Found
from consumer.why.whom import Whom

__all__ = ["Answer", "Coverage", "Group", "Meant", "meant_by"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read of the topics. Times are milliseconds since 1970, UTC."""

    topics: Sequence[str]
    since_ms: int
    until_ms: int
    records: int = 0
    """About so many were read."""
    of: int = 0
    """Of so many."""
    partitions: int = 0
    """Read, wholly or in part."""
    partitions_of: int = 0
    stopped: bool = False
    """A person ended it before its end."""


@dataclass(frozen=True, slots=True)
class Group:
    """The consumer group, as the brokers tell of it."""

    name: str
    members: int | None
    """``None``: they do not tell."""
    has_committed: bool | None
    """Of any partition; ``None``: they do not tell."""
    problem: str | None = None
    """Why they do not tell what it has committed, in a sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """It holds personal data, and is for whoever asked."""

    whom: Whom
    coverage: Coverage
    mapping: CompiledMapping = field(repr=False)
    found: Found = field(repr=False)
    accounts: Sequence[Account] = field(repr=False)
    """Of the records that a rule wants, in the order of their times."""
    group: Group
    rate_per_s: int
    """What the consumer may use of the team's limit."""
    letters_problem: str | None
    """Why the dead letters could not be read, in a sentence."""
    contacts: Sequence[Mapping[str, Any]] | None = field(repr=False)
    """As Loops has them now; ``None``: it was not asked, or did not answer."""
    contacts_problem: str | None
    """Why, in a sentence."""

    @property
    def counts(self) -> Counter[Became]:
        """What became of how many requests and dead letters."""
        return Counter(outcome.became for account in self.accounts for outcome in account.outcomes)

    def wait_s(self, outcome: Outcome) -> float | None:
        """About how long something that waits for Loops has to wait; ``None`` for anything else."""
        return None if outcome.ahead is None else outcome.ahead / self.rate_per_s


@dataclass(frozen=True, slots=True)
class Meant:
    """A rule that wants an event of a name which differs from another one only in its case or spaces."""

    rule: str
    """Its name."""
    wants: str


def meant_by(name: str | None, mapping: CompiledMapping) -> Meant | None:
    """The rule that an event of this name was probably meant for; it wants none of exactly this name."""
    if name is None:
        return None
    folded = _folded(name)
    for rule in mapping.rules:
        for wanted in rule.when.names:
            if not is_glob(wanted) and _folded(wanted) == folded:
                return Meant(rule.name, wanted)
    return None


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
