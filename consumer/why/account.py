"""What became of one record, rule by rule: as far as topic, group and dead letters tell, and no further."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from consumer.core.record import Position, Record, Rejection
from consumer.core.request import SendEvent
from consumer.mapping.explaining import Explanation, RuleExplained, Verdict
from consumer.mapping.rule_terms import SEND_MAX_AGE_S
from consumer.why.standing import Standing, Standings

__all__ = ["Account", "Accountant", "Became", "Letter", "Outcome"]


class Became(Enum):
    """What became of what one rule makes of a record."""

    SENT = "sent"
    """It is finished, and nothing speaks against Loops having taken it."""
    REPEATED = "repeated"
    """It is finished, and Loops had taken the same key before: the second has no effect."""
    STALE = "stale"
    """It was too old already when it was written."""
    DEAD_LETTER = "dead_letter"
    """It lies on the dead-letter topic."""
    REDRIVEN = "redriven"
    """It was a dead letter, and that is done."""
    LETTER_GONE = "letter_gone"
    """It must have become a dead letter, and none lies there."""
    WAITING = "waiting"
    """It is not finished."""
    UNKNOWN = "unknown"
    """The brokers do not tell what the group has finished."""
    NOTHING = "nothing"
    """The rule said no."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter of a record, as it lies there."""

    at: Position
    rule: str | None
    """``None``: the record could not be read."""
    stage: str
    reason: str
    message: str
    mapping: str
    """The digest of the mapping that was in use."""
    attempts: int
    first_failed_ms: int
    """Milliseconds since 1970."""
    fate: str | None = None
    """What became of it since; ``None``: it is open."""
    done_ms: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record by one rule; it holds personal data."""

    became: Became
    rule: str | None
    """Its id; ``None``: no rule came to act, as the record cannot be read."""
    told: RuleExplained | None = None
    """``None`` for a rule that the mapping has no more, and where no rule came to act."""
    letter: Letter | None = None
    ahead: int | None = None
    """Of what waits for Loops: about how many requests leave before."""
    same_as: Position | None = None
    """Where the record lies whose key this one repeats."""

    @property
    def may_be_late(self) -> bool:
        """Whether it was dropped as stale if it was handled late: by now it would be."""
        return self.became is Became.SENT and self.told is not None and self.told.verdict is Verdict.STALE


@dataclass(frozen=True, slots=True)
class Account:
    """One record and what became of it."""

    record: Record
    explanation: Explanation
    """As of now."""
    standing: Standing
    outcomes: Sequence[Outcome] = field(default=())
    """By rule, in the order in which they act; those that are not about such an event are left out."""


_NO: Final = frozenset({Verdict.WHERE, Verdict.RECIPIENTS, Verdict.SNAPSHOT})


class Accountant:
    """Takes a person's records in the order of their times."""

    def __init__(
        self,
        standings: Standings,
        letters: Callable[[Position], Sequence[Letter]],
        ahead_of: Callable[[int], int],
    ) -> None:
        """``letters`` are those of a record, the last one last; ``ahead_of`` is ``Backlog``'s."""
        self._standings = standings
        self._letters = letters
        self._ahead_of = ahead_of
        self._keys: dict[str, Record] = {}
        """Of what was sent, where it was last."""

    def take(self, explanation: Explanation) -> Account:
        """What became of one record; ``explanation`` is as of now."""
        record = explanation.record
        standing = self._standings.of(record.position)
        letters = {letter.rule: letter for letter in self._letters(record.position)}
        outcomes = list(self._outcomes(explanation, letters))
        known = {outcome.rule for outcome in outcomes}
        outcomes += [_of_letter(letter) for rule, letter in letters.items() if rule not in known]
        return Account(record, explanation, standing, tuple(outcomes))

    def _outcomes(self, explanation: Explanation, letters: dict[str | None, Letter]) -> Iterator[Outcome]:
        if explanation.dead_letter:
            became = self._unsent(self._standings.of(explanation.record.position), Became.LETTER_GONE)
            yield _of_letter(letters[None]) if None in letters else Outcome(became, None)
            return
        number = 0
        for told in explanation.rules:
            rule = told.rule.id
            if told.plan is not None:
                standing = self._standings.of(explanation.record.position, number)
                number += 1
                letter = letters.get(rule)
                yield _of_letter(letter, told) if letter else self._of_plan(told, explanation, standing)
            elif told.verdict in _NO:
                yield Outcome(Became.NOTHING, rule, told)

    def _of_plan(self, told: RuleExplained, explanation: Explanation, standing: Standing) -> Outcome:
        record, plan, rule = explanation.record, told.plan, told.rule.id
        if standing is Standing.OPEN or standing is Standing.NO_COMMIT:
            waits_for_loops = told.request is not None and standing is Standing.OPEN
            ahead = self._ahead_of(record.timestamp_ms) if waits_for_loops else None
            return Outcome(Became.WAITING, rule, told, ahead=ahead)
        if standing is Standing.UNKNOWN:
            return Outcome(Became.UNKNOWN, rule, told)
        if plan is None or isinstance(plan, Rejection):
            return Outcome(Became.LETTER_GONE, rule, told)
        if plan.is_stale(record.timestamp_ms / 1000):
            return Outcome(Became.STALE, rule, told)
        if isinstance(plan, SendEvent) and (before := self._sent_before(plan.idempotency_key, record)) is not None:
            return Outcome(Became.REPEATED, rule, told, same_as=before)
        return Outcome(Became.SENT, rule, told)

    def _sent_before(self, key: str, record: Record) -> Position | None:
        """Where the record lies that Loops took under this key, as long as it remembers it."""
        before = self._keys.setdefault(key, record)
        if before is record:
            return None
        if record.timestamp_ms - before.timestamp_ms > SEND_MAX_AGE_S * 1000:
            self._keys[key] = record
            return None
        return before.position

    @staticmethod
    def _unsent(standing: Standing, finished: Became) -> Became:
        """Of what leads to a dead letter and not to Loops."""
        return {Standing.FINISHED: finished, Standing.UNKNOWN: Became.UNKNOWN}.get(standing, Became.WAITING)


def _of_letter(letter: Letter, told: RuleExplained | None = None) -> Outcome:
    became = Became.DEAD_LETTER if letter.fate is None else Became.REDRIVEN
    return Outcome(became, letter.rule, told, letter)
