"""Why a record came to what it came to: for every rule what it asked, what it saw, and the request that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

from consumer.core.letters import UNDECODABLE
from consumer.core.record import Plan, Record, Rejection
from consumer.core.request import Call, DeleteContact, Request
from consumer.mapping.envelope import Unreadable, ValueDecoder
from consumer.mapping.expression import Audit, EvaluationFailed
from consumer.mapping.formats.format import Event
from consumer.mapping.head import Head, Heads
from consumer.mapping.message import message_of
from consumer.mapping.plan import at_clock, older_ms
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector
from consumer.mapping.when import Asked, asked

__all__ = ["Explainer", "Explanation", "Fate", "RuleExplained", "Verdict"]

Fate: TypeAlias = Literal["dead_lettered", "delivered", "stale", "filtered"]


class Verdict(Enum):
    """What a rule came to, or the first thing that said no."""

    REQUEST = "request"
    DEAD_LETTER = "dead_letter"
    STALE = "stale"
    """The event is older than the rule's ``max_age``."""
    RECIPIENTS = "recipients"
    """The address is none that ``recipients`` takes."""
    WHERE = "where"
    SNAPSHOT = "snapshot"
    """The event tells what was so before, and the rule would send."""
    WHEN = "when"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class RuleExplained:
    """What one rule came to. It holds values of the record: it is for whoever gave the record."""

    rule: Rule
    verdict: Verdict
    asked: tuple[Asked, ...] = field(repr=False)
    """All that ``when`` asks."""
    where: Audit | None = field(default=None, repr=False)
    """``None``: it was not asked, or there is none."""
    address: object = field(default=None, repr=False)
    """What ``recipients`` did not take; ``None``: no address."""
    plan: Plan | None = None
    """What it made, stale or not."""
    comes_to: Plan | None = None
    """What is left of that at the clock: of a stale send nothing, or an update."""

    @property
    def request(self) -> Request | None:
        """What it sends."""
        return None if isinstance(self.comes_to, Rejection) else self.comes_to


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one record came to at one moment. It holds personal data."""

    record: Record
    clock_ms: int
    """The moment, milliseconds since 1970, UTC."""
    event: Event | None = field(default=None, repr=False)
    """``None``: there is no value, or it cannot be read."""
    unreadable: str | None = None
    """Why it cannot be read; quotes nothing of it."""
    dead_letter: bool = False
    """It is one because it cannot be read. Where no rule wants its name, the rest is never looked at."""
    time_ms: int = 0
    """The older of the event's time and the record's, by which its age is told."""
    rules: tuple[RuleExplained, ...] = ()
    """Every rule in use, in the order in which they act, then those that are disabled; none without an event."""

    @property
    def plans(self) -> tuple[Plan, ...]:
        """What the rules come to: requests and dead letters, in that order."""
        if self.dead_letter:
            return (Rejection(UNDECODABLE, self.unreadable or ""),)
        return tuple(explained.comes_to for explained in self.rules if explained.comes_to is not None)

    @property
    def requests(self) -> tuple[Request, ...]:
        """What would be sent, in that order."""
        return tuple(plan for plan in self.plans if not isinstance(plan, Rejection))

    @property
    def fate(self) -> Fate:
        """What becomes of the record where Loops takes what is sent."""
        verdicts = {explained.verdict for explained in self.rules}
        if self.dead_letter or Verdict.DEAD_LETTER in verdicts:
            return "dead_lettered"
        if Verdict.REQUEST in verdicts:
            return "delivered"
        return "stale" if Verdict.STALE in verdicts else "filtered"

    @property
    def slots(self) -> tuple[int, int]:
        """How many of the team's requests a second it takes, at least and at most.

        A delete by a userId that Loops does not know is tried by email.
        """
        requests = self.requests
        return len(requests), len(requests) + sum(map(_may_be_two, requests))


class Explainer:
    """Explains with one mapping. Requests and dead letters come from the very code that reads the topic."""

    def __init__(self, mapping: CompiledMapping, decoder: ValueDecoder | None = None, *, opened: bool = False) -> None:
        """``decoder`` and ``opened`` as ``Head`` has them."""
        self._mapping = mapping
        self._heads = Heads(mapping, decoder, opened=opened)
        self._selector = Selector(mapping, decoder, opened=opened)

    def explain(self, record: Record, *, clock_ms: int) -> Explanation:
        """What the record comes to where it is handled at that moment. Raises ``NotYet`` as ``Head`` does."""
        if record.value is None:
            return Explanation(record, clock_ms)
        head = self._heads[record.topic]
        if head is None:
            return Explanation(
                record, clock_ms, unreadable="the mapping has no format for this topic", dead_letter=True
            )
        try:
            event = head.event(record)
            wanting = frozenset(head.wanting_event(event))
        except Unreadable as reason:
            return Explanation(record, clock_ms, unreadable=str(reason), dead_letter=bool(self._selected(record)))
        time_ms = older_ms(event.time_ms, record.timestamp_ms)
        telling = _Telling(head, event, time_ms, clock_ms, {plan.rule: plan for plan in self._selected(record)})
        rules = tuple(telling.of(rule, wanted=rule in wanting) for rule in self._mapping.rules)
        return Explanation(
            record, clock_ms, event, time_ms=time_ms, rules=(*rules, *map(telling.of_idle, self._mapping.idle))
        )

    def _selected(self, record: Record) -> list[Plan]:
        """What the code that reads the topic makes of it."""
        (received,) = self._selector.select([message_of(record)]).values()
        return [plan for wanted in received.wanted for plan in wanted.plans]


@dataclass(frozen=True, slots=True)
class _Telling:
    """One record while its rules are told of."""

    head: Head
    event: Event
    time_ms: int
    clock_ms: int
    made: Mapping[str | None, Plan]
    """By the rule's id."""

    def of(self, rule: Rule, *, wanted: bool) -> RuleExplained:
        event, program = self.event, rule.programs[self.head.form]
        asks = asked(rule.when, event.name, event.document.get)
        if not wanted:
            return RuleExplained(rule, Verdict.WHEN, asks)
        if not event.triggers and rule.call is Call.SEND:
            return RuleExplained(rule, Verdict.SNAPSHOT, asks)
        where = None if program.where is None else program.audit(event.document, now_ms=self.time_ms)
        plan = self.made.get(rule.id)
        if plan is not None:
            return RuleExplained(rule, self._verdict(plan), asks, where, None, plan, at_clock(plan, self.clock_ms))
        if where is not None and not where.said:
            return RuleExplained(rule, Verdict.WHERE, asks, where)
        return RuleExplained(rule, Verdict.RECIPIENTS, asks, where, self._address(rule))

    def of_idle(self, rule: Rule) -> RuleExplained:
        return RuleExplained(rule, Verdict.DISABLED, asked(rule.when, self.event.name, self.event.document.get))

    def _verdict(self, plan: Plan) -> Verdict:
        if isinstance(plan, Rejection):
            return Verdict.DEAD_LETTER
        return Verdict.STALE if plan.is_stale(self.clock_ms / 1000) else Verdict.REQUEST

    def _address(self, rule: Rule) -> object:
        try:
            made = rule.programs[self.head.form].evaluate(self.event.document, now_ms=self.time_ms)
        except EvaluationFailed:
            return None
        return (made or {}).get("email")


def _may_be_two(request: Request) -> bool:
    return isinstance(request, DeleteContact) and request.user_id is not None and request.email is not None
