"""``loops-consumer why --json``: what is known of a person, for a program."""

from __future__ import annotations

from typing import Any

from consumer.adapters.letter_headers import iso
from consumer.cli.explain_plain import plain_request, plain_rule
from consumer.cli.letter_words import place
from consumer.cli.why_words import said, where_it_lies
from consumer.core.record import Rejection
from consumer.why.account import Account, Letter, Outcome
from consumer.why.answer import Answer, meant_by

__all__ = ["plain_answer"]


def plain_answer(answer: Answer) -> dict[str, Any]:
    """All of it, fit for JSON; what does not apply, or is not known, is null."""
    whom, coverage, group, found = answer.whom, answer.coverage, answer.group, answer.found
    return {
        "looked_for": {"emails": whom.emails, "user_ids": whom.user_ids, "left_out": whom.left_out},
        "read": {
            "topics": list(coverage.topics),
            "since": iso(coverage.since_ms),
            "until": iso(coverage.until_ms),
            "records": coverage.records,
            "of": coverage.of,
            "partitions": coverage.partitions,
            "partitions_of": coverage.partitions_of,
            "stopped": coverage.stopped,
            "not_decoded": dict(found.not_decoded),
            "left_out": found.left_out,
        },
        "group": {
            "name": group.name,
            "members": group.members,
            "has_committed": group.has_committed,
            "problem": group.problem,
        },
        "mapping": {"digest": answer.mapping.digest, "paused": answer.mapping.paused},
        "rate_per_s": answer.rate_per_s,
        "records": [_record(account, answer) for account in answer.accounts],
        "became": {became.value: count for became, count in answer.counts.items()},
        "unwanted": [_unwanted(name, count, answer) for name, count in found.unwanted.most_common()],
        "mentions": {"records": found.mentions_count, "places": [where_it_lies(at) for at in found.mentions]},
        "dead_letters_problem": answer.letters_problem,
        "contacts": None if answer.contacts is None else list(answer.contacts),
        "contacts_problem": answer.contacts_problem,
    }


def _record(account: Account, answer: Answer) -> dict[str, Any]:
    record, event = account.record, account.explanation.event
    return {
        "record": where_it_lies(record.position),
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "at": iso(record.timestamp_ms),
        "event": None if event is None else {"name": event.name, "id": event.id, "time": iso(event.time_ms or 0)},
        "unreadable": account.explanation.unreadable,
        "standing": account.standing.value,
        "rules": [_outcome(outcome, account, answer) for outcome in account.outcomes],
    }


def _outcome(outcome: Outcome, account: Account, answer: Answer) -> dict[str, Any]:
    told = outcome.told
    plan = None if told is None else told.plan
    rule = {"rule": outcome.rule} if told is None else plain_rule(told, account.explanation)
    request = None if plan is None or isinstance(plan, Rejection) else plain_request(plan)
    return {
        **rule,
        "became": outcome.became.value,
        "why": said(outcome, account, answer) or None,
        "request": request,
        "requests_ahead": outcome.ahead,
        "wait_s": answer.wait_s(outcome),
        "same_as": None if outcome.same_as is None else where_it_lies(outcome.same_as),
        "letter": None if outcome.letter is None else _letter(outcome.letter),
    }


def _letter(letter: Letter) -> dict[str, Any]:
    return {
        "letter": place(letter.at),
        "stage": letter.stage,
        "reason": letter.reason,
        "message": letter.message,
        "mapping": letter.mapping,
        "attempts": letter.attempts,
        "first_failed_at": iso(letter.first_failed_ms),
        "done": None if letter.fate is None else {"fate": letter.fate, "at": iso(letter.done_ms)},
    }


def _unwanted(name: str | None, count: int, answer: Answer) -> dict[str, Any]:
    meant = meant_by(name, answer.mapping)
    wants = None if meant is None else {"rule": meant.rule, "wants": meant.wants}
    return {"event": name, "records": count, "meant": wants}
