"""Which rules the mapping's own tests reach and what their conditions said: where a change could go unnoticed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from consumer.mapping.explaining import Explanation, RuleExplained
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping

__all__ = ["Gap", "GapKind", "gaps_in"]


class GapKind(Enum):
    """What no test shows of a rule."""

    UNREACHED = "unreached"
    """No test's event is one that its ``when`` names."""
    NO_REQUEST = "no_request"
    """Its events are there, and none makes a request."""
    WHERE_ALWAYS_TRUE = "where_always_true"
    WHERE_ALWAYS_FALSE = "where_always_false"

    @property
    def words(self) -> str:
        """For a person, behind the rule's name."""
        return _WORDS[self]


_WORDS = {
    GapKind.UNREACHED: "no test has an event that it is about",
    GapKind.NO_REQUEST: "no test makes a request of it",
    GapKind.WHERE_ALWAYS_TRUE: "its where is true in every test",
    GapKind.WHERE_ALWAYS_FALSE: "its where is false in every test",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that no test shows."""

    rule: Rule
    kind: GapKind


def gaps_in(mapping: CompiledMapping, tests: Iterable[Explanation]) -> tuple[Gap, ...]:
    """What these tests leave open of the rules in use, in the order of the rules."""
    reached: defaultdict[str, list[RuleExplained]] = defaultdict(list)
    for told in tests:
        for rule in told.rules:
            if all(ask.holds for ask in rule.asked):
                reached[rule.rule.id].append(rule)
    return tuple(Gap(rule, kind) for rule in mapping.rules for kind in _open(reached[rule.id]))


def _open(reached: list[RuleExplained]) -> Iterator[GapKind]:
    said = {told.where.said for told in reached if told.where is not None}
    if not reached:
        yield GapKind.UNREACHED
    elif said == {False}:
        yield GapKind.WHERE_ALWAYS_FALSE
    elif all(told.request is None for told in reached):
        yield GapKind.NO_REQUEST
    if True in said and False not in said:
        yield GapKind.WHERE_ALWAYS_TRUE
