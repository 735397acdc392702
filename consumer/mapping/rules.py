"""``mapping.yaml`` to compiled rules, or to everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consumer.core.request import Call
from consumer.documents import Document, read_document
from consumer.faults import Faults, nearest
from consumer.mapping.case_faults import check_test, check_test_names
from consumer.mapping.expression import ExpressionFault, Members, Program, Source
from consumer.mapping.findings import Findings
from consumer.mapping.formats.format import FieldPath, Format
from consumer.mapping.formats.json import Json
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.grammar import JsonFormatText, MappingText, RuleText, TestText, json_schema
from consumer.mapping.plan import Recipients
from consumer.mapping.rule import Rule
from consumer.mapping.rule_faults import action_of, check_names, check_rule
from consumer.mapping.shape import Shape, read_shape
from consumer.mapping.when import When, matcher

__all__ = ["SEND_MAX_AGE_S", "CompiledMapping", "json_schema", "load_mapping"]

SEND_MAX_AGE_S = 86_400.0
"""Loops remembers an idempotency key for 24 h: an older event could trigger a workflow twice."""
_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """A mapping in which nothing is wrong."""

    digest: str
    """12 hexadecimal characters that follow from the file's text."""
    rules: tuple[Rule, ...]
    """Those in use, in the order in which they act."""
    cases: tuple[TestText, ...]
    """The mapping's own tests."""
    formats: Format | Mapping[str, Format] = field(repr=False)
    """One for every topic, or one for each."""
    recipients: Recipients | None = field(repr=False)
    """Whether an address may be written to; ``None``: every one."""
    paused: bool = False
    """Nothing is read and nothing leaves, for now."""
    idle: tuple[Rule, ...] = ()
    """Those that are disabled."""

    def format_of(self, topic: str) -> Format | None:
        """The format of a topic's events, ``None`` where the mapping knows none."""
        return self.formats if isinstance(self.formats, Format) else self.formats.get(topic)


def load_mapping(text: str, file: str, topics: Sequence[str] = ()) -> CompiledMapping:
    """Compiles the text of a mapping; ``file`` is what faults call it.

    ``topics`` are the names that are read, or one regular expression beginning with ``^``; where they are given, a map
    from topic to format must have them all and no other. Raises :class:`Faults` with all that is wrong.
    """
    document = read_document(text, file)
    shape = read_shape(document)
    findings = Findings(document)
    findings.faults += shape.faults
    if shape.mapping is None:
        raise Faults(findings.faults)
    compiled = _Compiler(document, shape, shape.mapping, findings).compiled(topics)
    if findings.faults:
        raise Faults(sorted(findings.faults, key=lambda fault: (fault.line or 0, fault.column or 0)))
    return compiled


class _Compiler:
    """Looks at everything once, and notes each fault where it is; what it returns counts only without faults."""

    def __init__(self, document: Document, shape: Shape, text: MappingText, findings: Findings) -> None:
        self._digest = hashlib.sha256(document.text.encode()).hexdigest()[:12]
        self._faulty = shape.faulty
        self._text = text
        self._findings = findings

    def compiled(self, topics: Sequence[str]) -> CompiledMapping:
        formats = self._formats(topics)
        known = (formats,) if isinstance(formats, Format) else tuple(formats.values())
        contacts = self._contacts(known)
        rules = tuple(self._rule(index, rule, contacts) for index, rule in enumerate(self._text.rules))
        given = enumerate(self._text.rules)
        check_names([one for one in given if not self._is_faulty("rules", one[0], "name")], self._findings)
        sound = () if self._is_faulty("rules") else rules
        whole = [(rule, text.enabled) for rule, text in zip(rules, self._text.rules, strict=True) if rule is not None]
        used = tuple(rule for rule, enabled in whole if enabled)
        idle = tuple(rule for rule, enabled in whole if not enabled)
        self._cases(used if sound and None not in sound else None, formats)
        cases, recipients = tuple(self._text.tests), self._recipients()
        return CompiledMapping(self._digest, used, cases, formats, recipients, self._text.paused, idle)

    def _is_faulty(self, *keys: str | int) -> bool:
        """Whether something at or below these keys has the wrong shape."""
        return any(found[: len(keys)] == keys for found in self._faulty)

    def _formats(self, topics: Sequence[str]) -> Format | Mapping[str, Format]:
        given = self._text.format
        if not isinstance(given, dict):
            return _format(given)
        names = [topic for topic in topics if not topic.startswith("^")]
        if names and not self._is_faulty("format"):
            for topic in given:
                if topic not in names:
                    meant = nearest(topic, names)
                    hint = f"did you mean {meant}?" if meant else f"kafka.topics has: {', '.join(names)}"
                    self._findings.add(("format", topic), "this topic is not read", hint, of_key=True)
            for topic in names:
                if topic not in given:
                    self._findings.add(("format",), f"the topic {topic} is read and has no format", of_key=True)
        return {topic: _format(one) for topic, one in given.items()}

    def _contacts(self, formats: Sequence[Format]) -> dict[Format, dict[str, Source]]:
        """For each format the expressions of email and userId, the mapping's own or the format's."""
        text = self._text.contact
        own: dict[str, Source | None] = {}
        for name in ("email", "userId"):
            if name in text.model_fields_set:
                value = getattr(text, name)
                own[name] = None if value is None else self._findings.source(("contact", name), value)
        found: dict[Format, dict[str, Source]] = {}
        for form in formats:
            both = {"email": form.email, "userId": form.user_id, **own}
            found[form] = {name: source for name, source in both.items() if source is not None}
            if not any((both["email"], both["userId"], self._is_faulty("contact"), *text.model_dump().values())):
                message = f"{form.name} does not say who an event is about"
                self._findings.add(
                    ("format",), message, "write contact: {email: PATH, userId: PATH}, one or both", of_key=True
                )
        return found

    def _rule(self, index: int, text: RuleText, contacts: Mapping[Format, Mapping[str, Source]]) -> Rule | None:
        """The rule, or ``None`` where something is wrong with it."""
        before = len(self._findings.faults)
        complete = ("rules",) not in self._faulty and not self._is_faulty("rules", index)
        check_rule(index, text, self._findings, complete=complete)
        where = self._findings.source(("rules", index, "where"), text.where)
        sections: dict[str, Members] = {}
        for section in ("event", "contact", "lists"):
            values = getattr(text, section)
            read = {name: self._findings.source(("rules", index, section, name), values[name]) for name in values}
            sections[section] = {name: source for name, source in read.items() if source is not None}
        call = action_of(text)
        if call is None or len(self._findings.faults) > before:
            return None
        try:
            programs = {form: _program(where, {**contact, **sections}) for form, contact in contacts.items()}
        except ExpressionFault as fault:
            self._findings.add(("rules", index), fault.message)
            return None
        return Rule(
            id=text.id or text.name,
            name=text.name,
            call=call,
            when=_when(text),
            event_name=text.send or "",
            identity=text.identity,
            max_age_s=_max_age_s(text, call),
            members={section: tuple(members) for section, members in sections.items()},
            programs=programs,
        )

    def _cases(self, used: Sequence[Rule] | None, formats: Format | Mapping[str, Format]) -> None:
        topics = () if isinstance(formats, Format) else tuple(formats)
        check_test_names((test for test in self._text.tests if test.name != "-"), self._findings)
        for index, test in enumerate(self._text.tests):
            if not self._is_faulty("tests", index):
                check_test(index, test, used, topics, self._findings)

    def _recipients(self) -> Recipients | None:
        globs = self._text.recipients
        if globs is None:
            return None
        for index, glob in enumerate(globs):
            if "@" not in glob and "*" not in glob and not self._is_faulty("recipients"):
                hint = f"for everyone there: *@{glob}" if "." in glob else None
                self._findings.add(("recipients", index), "this is no address and stands for none", hint)
        matchers = [matcher(glob, fold=True) for glob in globs]
        return lambda address: any(matches(address) for matches in matchers)


def _format(given: str | JsonFormatText) -> Format:
    if isinstance(given, str):
        return FORMATS[given]
    return Json(
        name_paths=(_path(given.event),),
        id_path=None if given.id is None else _path(given.id),
        time_paths=(_path(given.time),),
    )


def _path(dotted: str) -> FieldPath:
    return tuple(dotted.split("."))


def _program(where: Source | None, members: Members) -> Program:
    return Program(None if where == "true" else where, {name: member for name, member in members.items() if member})


def _when(text: RuleText) -> When:
    if isinstance(text.when, dict):
        fields = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in text.when.items()}
        return When(fields=fields)
    return When(names=(text.when,) if isinstance(text.when, str) else tuple(text.when))


def _max_age_s(text: RuleText, call: Call) -> float | None:
    if "max_age" in text.model_fields_set:
        return None if text.max_age is None else float(text.max_age[:-1]) * _UNITS_S[text.max_age[-1]]
    return SEND_MAX_AGE_S if call is Call.SEND else None
