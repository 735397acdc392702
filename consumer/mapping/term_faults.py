"""What is wrong with what a rule says of its delivery: age, repetition, whom Loops does not know."""

from __future__ import annotations

from typing import TypeAlias

from consumer.mapping.findings import Findings
from consumer.mapping.grammar import RuleText
from consumer.mapping.rule_terms import MAX_AGE_OF_ONCE_S, max_age_s

__all__ = ["check_terms"]

_At: TypeAlias = tuple[str | int, ...]


def check_terms(at: _At, rule: RuleText, action: str | None, findings: Findings) -> None:
    """``at`` is the rule's place; ``action`` the one that it has, ``None`` where that is not clear."""
    if rule.once is not None:
        _check_once(at, rule, action, findings)
    if rule.stale == "update":
        _check_stale(at, rule, action, findings)
    if "on_unknown_contact" in rule.model_fields_set and rule.on_unknown_contact != "dead_letter":
        if action in {"create", "delete"}:
            findings.add((*at, "on_unknown_contact"), f"on_unknown_contact does not go with {action}", of_key=True)
        elif rule.identity == "email":
            message = "on_unknown_contact is about requests with a userId alone, and identity: email sends none"
            findings.add((*at, "on_unknown_contact"), message, of_key=True)


def _check_once(at: _At, rule: RuleText, action: str | None, findings: Findings) -> None:
    if action not in {"send", None}:
        findings.add((*at, "once"), f"once does not go with {action}", of_key=True)
    elif rule.max_age is None:
        hint = "write max_age: 24h, or less"
        message = "once needs a max_age: Loops remembers for 24 h what it has taken"
        findings.add((*at, "once"), message, hint, of_key=True)
    elif (age_s := max_age_s(rule.max_age)) is not None and age_s > MAX_AGE_OF_ONCE_S:
        message = "with once it is at most 24h: so long Loops remembers what it has taken"
        findings.add((*at, "max_age"), message)


def _check_stale(at: _At, rule: RuleText, action: str | None, findings: Findings) -> None:
    if action not in {"send", None}:
        findings.add((*at, "stale"), f"stale: update goes with send alone; an old {action} is dropped")
    elif "max_age" in rule.model_fields_set and rule.max_age is None:
        findings.add((*at, "stale"), "with max_age: null no event is ever stale")
    elif not rule.contact:
        findings.add((*at, "stale"), "there is nothing to update: the rule has no contact properties")
