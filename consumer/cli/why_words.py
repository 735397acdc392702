"""What became of a record by one rule, in words; they quote values of the record, for whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from consumer.adapters.letter_headers import iso
from consumer.cli.letter_words import place
from consumer.cli.rule_words import reason, span
from consumer.core.record import Position, Rejection
from consumer.core.request import SendEvent
from consumer.mapping.explaining import Explanation, Verdict
from consumer.why.account import Account, Became, Outcome
from consumer.why.answer import Answer
from consumer.why.standing import Standing

__all__ = ["MARKS", "counted", "said", "where_it_lies"]

MARKS: Final = {
    Became.SENT: "sent",
    Became.REPEATED: "repeat",
    Became.STALE: "stale",
    Became.DEAD_LETTER: "dead letter",
    Became.REDRIVEN: "sent again",
    Became.LETTER_GONE: "dead letter",
    Became.WAITING: "waiting",
    Became.UNKNOWN: "unknown",
    Became.NOTHING: "filtered",
}
"""In a word or two."""

_COUNTED: Final = {Became.DEAD_LETTER: "dead letters", Became.LETTER_GONE: "dead letters", Became.STALE: "too old"}


def counted(counts: Mapping[Became, int]) -> str:
    """How many of each, in a line; empty where there is none."""
    found: dict[str, int] = {}
    for became in Became:
        words = _COUNTED.get(became, MARKS[became])
        found[words] = found.get(words, 0) + counts.get(became, 0)
    return ", ".join(f"{count} {words if count > 1 else words.rstrip('s')}" for words, count in found.items() if count)


def where_it_lies(at: Position) -> str:
    """As ``explain`` takes it."""
    return f"{at.topic}:{at.partition}:{at.offset}"


def said(outcome: Outcome, account: Account, answer: Answer) -> str:
    """Why, or how, in a line; empty where the mark says it all."""
    return _SAYINGS[outcome.became](outcome, account, answer)


def _sent(outcome: Outcome, _account: Account, _answer: Answer) -> str:
    if not outcome.may_be_late:
        return ""
    return f"unless it was handled more than {_max_age(outcome)} after it happened: then it was dropped"


def _repeated(outcome: Outcome, _account: Account, _answer: Answer) -> str:
    once = outcome.told is not None and outcome.told.rule.once is not None
    why = "the rule sends once" if once else "it has the same key"
    before = "" if outcome.same_as is None else f"{where_it_lies(outcome.same_as)} was sent before, and "
    rest = "; what it says of the contact goes as an update" if once and _update_of(outcome) else ""
    return f"{before}{why}: Loops takes no second one{rest}"


def _stale(outcome: Outcome, account: Account, _answer: Answer) -> str:
    age = span((account.record.timestamp_ms - account.explanation.time_ms) / 1000)
    return f"{_dropped(outcome)}: {age} old when it was written; max_age is {_max_age(outcome)}"


def _letter(outcome: Outcome, _account: Account, answer: Answer) -> str:
    letter = outcome.letter
    if letter is None:
        return ""
    tries = f", tried {letter.attempts} time{'' if letter.attempts == 1 else 's'}" if letter.attempts else ""
    text = f"{letter.reason}: {letter.message.rstrip('.')}; first failed {iso(letter.first_failed_ms)}{tries}"
    if letter.mapping and letter.mapping != answer.mapping.digest:
        text += f", by another mapping ({letter.mapping})"
    if letter.fate is not None:
        return f"it was a dead letter ({text}); since {iso(letter.done_ms)}: {letter.fate}"
    return f"{text}; see: dead-letters show {place(letter.at)}"


def _letter_gone(outcome: Outcome, account: Account, _answer: Answer) -> str:
    return f"{_rejected(outcome, account.explanation)}; so it must have become one, and lies there no more"


def _waiting(outcome: Outcome, account: Account, answer: Answer) -> str:
    then = _then(outcome, account.explanation)
    stands = _stands(account, answer)
    if stands or then:
        return "; ".join(part for part in (f"not handled yet{stands and f': {stands}'}", then) if part)
    wait_s, ahead = answer.wait_s(outcome), outcome.ahead
    if wait_s is None or ahead is None or ahead <= answer.rate_per_s:
        return "it is being sent, or is next"
    wait = f"about {ahead:,} requests are before it: {span(wait_s)} at {answer.rate_per_s} a second, an estimate"
    return f"{wait}; by then it is too old, and dropped" if _is_late_after(wait_s, outcome, account) else wait


def _unknown(outcome: Outcome, account: Account, _answer: Answer) -> str:
    then = _then(outcome, account.explanation) or "it is sent"
    return f"{then}, or was: what the group has finished the brokers do not tell"


def _nothing(outcome: Outcome, account: Account, _answer: Answer) -> str:
    return "" if outcome.told is None else reason(outcome.told, account.explanation)


_SAYINGS: Final[Mapping[Became, Callable[[Outcome, Account, Answer], str]]] = {
    Became.SENT: _sent,
    Became.REPEATED: _repeated,
    Became.STALE: _stale,
    Became.DEAD_LETTER: _letter,
    Became.REDRIVEN: _letter,
    Became.LETTER_GONE: _letter_gone,
    Became.WAITING: _waiting,
    Became.UNKNOWN: _unknown,
    Became.NOTHING: _nothing,
}


def _stands(account: Account, answer: Answer) -> str:
    """Why nothing moves; empty where it does."""
    if answer.group.members == 0:
        return f"no consumer is in the group {answer.group.name}"
    if answer.mapping.paused:
        return "the mapping says paused: true"
    if account.standing is Standing.NO_COMMIT:
        return "the group has committed nothing of this partition"
    return ""


def _then(outcome: Outcome, explanation: Explanation) -> str:
    """What becomes of it where it is handled now and is not sent; empty where it is."""
    told = outcome.told
    if told is None or told.verdict is Verdict.DEAD_LETTER:
        return f"it becomes a dead letter: {_rejected(outcome, explanation)}"
    return f"it is {_dropped(outcome)}: {reason(told, explanation)}" if told.verdict is Verdict.STALE else ""


def _dropped(outcome: Outcome) -> str:
    plan = None if outcome.told is None else outcome.told.plan
    goes_on = isinstance(plan, SendEvent) and plan.when_stale() is not None
    return "not sent, and what it says of the contact goes as an update" if goes_on else "dropped"


def _update_of(outcome: Outcome) -> bool:
    """Whether a send that does not go says something of its contact."""
    plan = None if outcome.told is None else outcome.told.plan
    return isinstance(plan, SendEvent) and plan.as_update() is not None


def _is_late_after(wait_s: float, outcome: Outcome, account: Account) -> bool:
    plan = None if outcome.told is None else outcome.told.plan
    if plan is None or isinstance(plan, Rejection):
        return False
    return plan.is_stale(account.explanation.clock_ms / 1000 + wait_s)


def _rejected(outcome: Outcome, explanation: Explanation) -> str:
    if outcome.told is None:
        return explanation.unreadable or "it cannot be read"
    return reason(outcome.told, explanation)


def _max_age(outcome: Outcome) -> str:
    return span(0 if outcome.told is None else outcome.told.rule.max_age_s or 0)
