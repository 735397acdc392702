"""What is wrong with the mapping's own tests before they run: what they expect, no rule can make."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from consumer.core.request import Call
from consumer.faults import nearest
from consumer.mapping.event_time import milliseconds
from consumer.mapping.findings import Findings
from consumer.mapping.grammar import ExpectedText, TestText
from consumer.mapping.parts import Part
from consumer.mapping.rule import ANY, Rule

__all__ = ["check_test", "check_test_names"]

_CALLS = {"update": Call.UPDATE, "create": Call.CREATE, "delete": Call.DELETE}


def check_test_names(tests: Iterable[tuple[Part, int, TestText]]) -> None:
    """No two tests (each with its file, and its index there) have one name: a failure must say which it is."""
    seen: dict[str, tuple[Part, int]] = {}
    for part, index, test in tests:
        home, first = seen.setdefault(test.name, (part, index))
        if home is not part or first != index:
            where = f"tests[{first}]" if home is part else f"tests[{first}] of {home.file}"
            part.findings.add(("tests", index, "name"), f'{where} is called "{test.name}" too')


def check_test(
    index: int, test: TestText, rules: Sequence[Rule] | None, topics: Collection[str], findings: Findings
) -> None:
    """``rules`` are those in use, ``None`` where some are wrong; ``topics`` those that ``format`` lists, if it does."""
    at = ("tests", index)
    if test.at is not None and milliseconds(test.at) is None:
        findings.add((*at, "at"), "this is no time; allowed: ISO 8601, as 2026-05-01T10:00:00Z")
    if topics and test.topic not in topics:
        key = (*at, "topic") if test.topic is not None else at
        findings.add(key, f"format is a map from topic to name: topic must be one of {', '.join(sorted(topics))}")
    if not _is_json(test.given):
        findings.add((*at, "given"), "an event must be JSON: its keys text, its numbers finite")
    for number, expected in enumerate(test.expect):
        _check_expected((*at, "expect", number), expected, rules, findings)


def _check_expected(
    path: tuple[str | int, ...], expected: ExpectedText, rules: Sequence[Rule] | None, findings: Findings
) -> None:
    named = [name for name in ("send", *_CALLS) if getattr(expected, name) is not None]
    if len(named) != 1:
        findings.add(path, "a request is exactly one of send, update, create, delete")
        return
    if rules is None:
        return
    call = _CALLS.get(named[0], Call.SEND)
    makers = [rule for rule in rules if rule.call is call and rule.event_name == (expected.send or "")]
    if call is Call.UPDATE:
        makers += [rule for rule in rules if rule.terms.stale_update]
    if not makers:
        names = [rule.event_name for rule in rules if rule.call is Call.SEND]
        meant = nearest(expected.send, names) if expected.send is not None else None
        hint = f"did you mean {meant}?" if meant else None
        what = f'sends "{expected.send}"' if expected.send is not None else f"has {named[0]}: true"
        findings.add((*path, named[0]), f"no rule in use {what}", hint)
        return
    for section in ("event", "contact", "lists"):
        possible = {name for rule in makers for name in rule.members.get(section, ())}
        for name in getattr(expected, section):
            if name not in possible and not any(ANY in rule.members.get(section, ()) for rule in makers):
                meant = nearest(name, sorted(possible))
                hint = f"did you mean {meant}?" if meant else None
                findings.add((*path, section, name), f"no rule in use sets {section}.{name} there", hint, of_key=True)


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
