"""What is wrong with a rule although its keys and kinds of values are right."""

from __future__ import annotations

import re
from collections.abc import Iterable

from consumer.core.request import Call
from consumer.mapping.findings import Findings
from consumer.mapping.grammar import RuleText
from consumer.mapping.parts import Part
from consumer.mapping.term_faults import check_terms
from consumer.mapping.values import LIST_ID

__all__ = ["OWN_MEMBERS", "RESERVED", "action_of", "check_names", "check_rule"]

RESERVED = frozenset({"id", "listId", "softDeleteAt", "teamId", "updatedAt"})
"""Loops' reference: names that a property cannot have."""
OWN_MEMBERS = frozenset({"email", "userId", "eventName", "eventProperties", "mailingLists"})
"""Members of Loops' flat bodies that are no properties: one of them would overwrite who it is about."""
EVENT_NAME_LENGTH_MAX = 498
_EXPRESSION = re.compile(r"\$\w+\(|\$\{|\{\{")

_ACTIONS = {"send": Call.SEND, "update": Call.UPDATE, "create": Call.CREATE, "delete": Call.DELETE}
_NOT_WITH = {
    "update": ("event",),
    "create": ("event",),
    "delete": ("event", "contact", "lists"),
}


def action_of(rule: RuleText) -> Call | None:
    """The one call that the rule makes; ``None`` where it names none, or several."""
    calls = [_ACTIONS[name] for name in _actions(rule)]
    return calls[0] if len(calls) == 1 else None


def check_names(rules: Iterable[tuple[Part, int, RuleText]]) -> None:
    """No two rules (each with its file, and its index there) have one name or one id; disabled ones count."""
    names: dict[str, tuple[Part, int]] = {}
    ids: dict[str, tuple[Part, int]] = {}
    for part, index, rule in rules:
        twice = names.setdefault(rule.name, (part, index))
        if twice != (part, index):
            part.findings.add(("rules", index, "name"), f'{_named(twice, part)} is called "{rule.name}" too')
            continue
        key = "name" if rule.id is None else "id"
        twice = ids.setdefault(rule.id or rule.name, (part, index))
        if twice != (part, index):
            part.findings.add(("rules", index, key), f'{_named(twice, part)} has the id "{rule.id or rule.name}" too')


def _named(rule: tuple[Part, int], seen_from: Part) -> str:
    part, index = rule
    return f"rules[{index}]" if part is seen_from else f"rules[{index}] of {part.file}"


def check_rule(index: int, rule: RuleText, findings: Findings, *, complete: bool) -> None:
    """Looks at everything but expressions. A rule that is not ``complete`` has lost keys that were wrong."""
    at = ("rules", index)
    actions = _actions(rule)
    _check_actions(at, rule, findings, complete=complete)
    _check_when((*at, "when"), rule, findings)
    if len(actions) == 1:
        _check_members(at, rule, actions[0], findings)
    for section in ("event", "contact"):
        for name in getattr(rule, section):
            _check_property((*at, section, name), name, findings)
    check_terms(at, rule, actions[0] if len(actions) == 1 else None, findings)
    if isinstance(rule.lists, str) and LIST_ID.fullmatch(rule.lists):
        findings.add((*at, "lists"), "this is the id of a list alone", f"write lists: {{{rule.lists}: true}}")
    for name in rule.lists if isinstance(rule.lists, dict) else ():
        if LIST_ID.fullmatch(name) is None:
            hint = "Loops shows it in the settings of its lists; it is not the list's name"
            findings.add((*at, "lists", name), "allowed: a list's id, as cm06f5v0e45nf0ml5754o9cix", hint, of_key=True)


def _actions(rule: RuleText) -> list[str]:
    return [name for name in _ACTIONS if getattr(rule, name) not in {None, False}]


def _check_actions(at: tuple[str | int, ...], rule: RuleText, findings: Findings, *, complete: bool) -> None:
    actions = _actions(rule)
    if "send" in rule.model_fields_set and rule.send is None:
        findings.add((*at, "send"), "there is no value; allowed: the name of an event in Loops", of_key=True)
    elif complete and not actions:
        findings.add(at, "this rule does nothing; allowed: exactly one of send, update, create, delete")
    for name in actions[1:]:
        message = f"a rule makes one call, and this one has {actions[0]} already"
        findings.add((*at, name), message, "make two rules of it", of_key=True)
    if rule.send is not None:
        _check_event_name((*at, "send"), rule.send, findings)


def _check_members(at: tuple[str | int, ...], rule: RuleText, action: str, findings: Findings) -> None:
    for name in _NOT_WITH.get(action, ()):
        if name in rule.model_fields_set:
            findings.add((*at, name), f"{name} does not go with {action}", of_key=True)
    if action == "create" and rule.identity == "userId":
        findings.add((*at, "identity"), "create needs an email; allowed: both or email")


def _check_event_name(path: tuple[str | int, ...], name: str, findings: Findings) -> None:
    if _EXPRESSION.match(name):
        hint = "write a rule for each name, and text without $ and {{"
        findings.add(path, "this looks like an expression, and send takes a name alone", hint)
    if ":" in name:
        findings.add(path, 'found ":" in the name of an event, which Loops does not take')
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > EVENT_NAME_LENGTH_MAX:
        allowed = f"1 to {EVENT_NAME_LENGTH_MAX} printable characters, without a space at either end"
        findings.add(path, f"this is no name of an event; allowed: {allowed}")


def _check_when(path: tuple[str | int, ...], rule: RuleText, findings: Findings) -> None:
    if not isinstance(rule.when, dict):
        return
    for field in rule.when:
        if "." in field:
            message = "when looks at fields at the top alone"
            findings.add((*path, field), message, "use where for deeper ones", of_key=True)


def _check_property(path: tuple[str | int, ...], name: str, findings: Findings) -> None:
    if name in RESERVED:
        findings.add(path, f"{name} is a name that Loops keeps for itself", of_key=True)
    elif name in {"email", "userId"}:
        hint = "who it is about stands under contact at the top of the file"
        findings.add(path, f"{name} says who it is about and is no property", hint, of_key=True)
    elif name in OWN_MEMBERS:
        findings.add(path, f"{name} is a member of Loops' request and no property", of_key=True)
    elif not name.strip() or name != name.strip():
        findings.add(path, "a property needs a name, without a space at either end", of_key=True)
