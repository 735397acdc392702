"""One rule of the mapping to a compiled rule, or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from consumer.mapping.expression import ExpressionFault, Members, Program, Source
from consumer.mapping.findings import Findings
from consumer.mapping.formats.format import Format
from consumer.mapping.grammar import RuleText
from consumer.mapping.parts import Part
from consumer.mapping.rule import ANY, Rule
from consumer.mapping.rule_faults import action_of, check_rule
from consumer.mapping.rule_terms import max_age_of, terms_of
from consumer.mapping.scope import Scope
from consumer.mapping.when import When

__all__ = ["RuleCompiler"]

_SNAPSHOT: Final = ".snapshot"
"""How the name of an event ends that Debezium reads from a table as it stands."""

_OF_CALLS: Final = frozenset({"segment", "rudderstack"})
_CALLS: Final = frozenset({"identify", "page", "screen", "group", "alias"})
"""Kinds of calls beside ``track``."""

_SECTIONS: Final = ("event", "contact", "lists")


@dataclass(frozen=True, slots=True)
class RuleCompiler:
    """Compiles rules of one mapping."""

    contacts: Mapping[Format, Mapping[str, Source]]
    """For each format the expressions of email and userId."""
    scope: Scope

    def compiled(self, part: Part, index: int, text: RuleText) -> Rule | None:
        """The rule that stands at ``index`` in a file; ``None``, and faults there, where something is wrong with it."""
        findings = part.findings
        before = len(findings.faults)
        complete = ("rules",) not in part.faulty and not part.is_faulty("rules", index)
        check_rule(index, text, findings, complete=complete)
        where = findings.source(("rules", index, "where"), text.where, self.scope)
        sections = {name: self._section(part, index, name, getattr(text, name)) for name in _SECTIONS}
        call = action_of(text)
        self._check_snapshots(index, text, findings)
        self._check_calls(index, text, findings)
        if call is None or len(findings.faults) > before:
            return None
        filled = {name: found for name, found in sections.items() if found}
        try:
            programs = {
                form: Program(None if where == "true" else where, {**contact, **filled}, self.scope)
                for form, contact in self.contacts.items()
            }
        except ExpressionFault as fault:
            findings.add(("rules", index), fault.message)
            return None
        return Rule(
            id=text.id or text.name,
            name=text.name,
            call=call,
            when=_when(text),
            event_name=text.send or "",
            identity=text.identity,
            max_age_s=max_age_of(text, call),
            members={name: _names(found) for name, found in sections.items()},
            programs=programs,
            terms=terms_of(text),
            once=text.once,
        )

    def _check_calls(self, index: int, text: RuleText, findings: Findings) -> None:
        """A call of Segment's that is no track has no name: a rule about one by its kind's name would do nothing."""
        if not all(form.name in _OF_CALLS for form in self.contacts):
            return
        for name in _when(text).names:
            if name in _CALLS:
                hint = f"write when: {{type: {name}}}; for a track call of that name {{type: track, event: {name}}}"
                findings.add(("rules", index, "when"), f"{name} is a kind of call and no event's name", hint)

    def _check_snapshots(self, index: int, text: RuleText, findings: Findings) -> None:
        """A row of a snapshot never sends: a rule that is about nothing else would do nothing."""
        if text.send is None or not any(form.name == "debezium" for form in self.contacts):
            return
        for name in _when(text).names:
            if name.endswith(_SNAPSHOT):
                message = f"{name} sends nothing: a row of a snapshot tells what was so before"
                findings.add(("rules", index, "when"), message, "update: true sets the contact's properties")

    def _section(
        self, part: Part, index: int, name: str, values: str | Mapping[str, str | float | bool | None]
    ) -> Source | Members:
        path = ("rules", index, name)
        if isinstance(values, str):
            return part.findings.source(path, values, self.scope) or ""
        read = {key: part.findings.source((*path, key), value, self.scope) for key, value in values.items()}
        return {key: source for key, source in read.items() if source is not None}


def _names(section: Source | Members) -> Collection[str]:
    return (ANY,) if isinstance(section, str) else tuple(section)


def _when(text: RuleText) -> When:
    if isinstance(text.when, dict):
        fields = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in text.when.items()}
        return When(fields=fields)
    return When(names=(text.when,) if isinstance(text.when, str) else tuple(text.when))
