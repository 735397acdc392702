"""``mapping.yaml``, and the files that it includes, to compiled rules, or to everything that is wrong with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consumer.faults import Faults
from consumer.mapping.case_faults import check_test, check_test_names
from consumer.mapping.definitions import scope_of
from consumer.mapping.expression import ExpressionFault, Program, Source
from consumer.mapping.format_choice import Lacks, formats_of, lacks_nothing
from consumer.mapping.formats.format import Format
from consumer.mapping.grammar import TestText, json_schema
from consumer.mapping.parts import NOTHING_BESIDE, Beside, Parts, read_parts
from consumer.mapping.plan import Recipients
from consumer.mapping.rule import Rule
from consumer.mapping.rule_compiling import RuleCompiler
from consumer.mapping.rule_faults import check_names
from consumer.mapping.scope import Scope
from consumer.mapping.when import matcher

__all__ = ["CompiledMapping", "json_schema", "load_mapping"]


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """A mapping in which nothing is wrong."""

    digest: str
    """12 hexadecimal characters that follow from the text of its files and the variables that it lists."""
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
    contacts: Mapping[Format, Program] = field(default_factory=dict, repr=False)
    """For each format an object of ``email`` and ``userId`` alone: who a record is about that no rule wants."""
    files: tuple[str, ...] = ()
    """What was read beside the main file: what it includes, and its tests; names relative to it."""

    def format_of(self, topic: str) -> Format | None:
        """The format of a topic's events, ``None`` where the mapping knows none."""
        return self.formats if isinstance(self.formats, Format) else self.formats.get(topic)


def load_mapping(
    text: str,
    file: str,
    topics: Sequence[str] = (),
    *,
    beside: Beside = NOTHING_BESIDE,
    environ: Mapping[str, str] | None = None,
    lacks: Lacks = lacks_nothing,
) -> CompiledMapping:
    """Compiles the text of a mapping; ``file`` is what faults call it, and ``beside`` has what it includes.

    ``topics`` are the names that are read, or one regular expression beginning with ``^``; where they are given, a map
    from topic to format must have them all and no other. ``environ`` has the variables that ``env`` may list, and
    ``lacks`` says of an encoding what is missing to decode it. Raises :class:`Faults` with all that is wrong.
    """
    parts = read_parts(text, file, beside)
    compiled = _Compiler(parts, environ or {}).compiled(topics, lacks)
    if faults := parts.faults:
        raise Faults(faults)
    return compiled


class _Compiler:
    """Looks at everything once, and notes each fault where it is; what it returns counts only without faults."""

    def __init__(self, parts: Parts, environ: Mapping[str, str]) -> None:
        self._parts = parts
        self._text = parts.text
        self._main = parts.main
        self._environ = environ

    def compiled(self, topics: Sequence[str], lacks: Lacks) -> CompiledMapping:
        parts, main, text = self._parts, self._main, self._text
        formats = formats_of(text.format, topics, main.findings, sound=not main.is_faulty("format"), lacks=lacks)
        known = (formats,) if isinstance(formats, Format) else tuple(formats.values())
        scope = scope_of((*parts.included, main), text.env, self._environ, main)
        contacts = self._contacts(known, scope)
        compiler = RuleCompiler(contacts, scope)
        given = [(part, index, rule) for part in parts for index, rule in enumerate(part.rules)]
        self._check_count(given)
        rules = [compiler.compiled(*one) for one in given]
        check_names(one for one in given if not one[0].is_faulty("rules", one[1], "name"))
        sound = None not in rules and not any(part.is_faulty("rules") for part in parts)
        whole = [(rule, one[2].enabled) for rule, one in zip(rules, given, strict=True) if rule is not None]
        used = tuple(rule for rule, enabled in whole if enabled)
        self._check_tests(used if sound else None, formats)
        return CompiledMapping(
            self._digest(scope),
            used,
            tuple(test for part in parts for test in part.tests),
            formats,
            self._recipients(),
            text.paused,
            tuple(rule for rule, enabled in whole if not enabled),
            _programs(contacts, scope),
            parts.names,
        )

    def _digest(self, scope: Scope) -> str:
        digest = hashlib.sha256(self._main.document.text.encode())
        for part in self._parts.included:
            digest.update(f"\0{part.file}\0{part.document.text}".encode())
        for name, value in scope.environment.items():
            digest.update(f"\0{name}={value}".encode())
        return digest.hexdigest()[:12]

    def _check_count(self, given: Sequence[object]) -> None:
        if not given and not self._main.is_faulty("rules"):
            self._main.findings.add(("rules",), "found an empty list; allowed: a list of at least one rule")

    def _contacts(self, formats: Sequence[Format], scope: Scope) -> dict[Format, dict[str, Source]]:
        """For each format the expressions of email and userId, the mapping's own or the format's."""
        text, findings = self._text.contact, self._main.findings
        own: dict[str, Source | None] = {}
        for name in ("email", "userId"):
            if name in text.model_fields_set:
                value = getattr(text, name)
                own[name] = None if value is None else findings.source(("contact", name), value, scope)
        found: dict[Format, dict[str, Source]] = {}
        for form in formats:
            both = {"email": form.email, "userId": form.user_id, **own}
            found[form] = {name: source for name, source in both.items() if source is not None}
            if not any((both["email"], both["userId"], self._main.is_faulty("contact"), *text.model_dump().values())):
                message = f"{form.name} does not say who an event is about"
                hint = "write contact: {email: PATH, userId: PATH}, one or both"
                findings.add(("format",), message, hint, of_key=True)
        return found

    def _check_tests(self, used: Sequence[Rule] | None, formats: Format | Mapping[str, Format]) -> None:
        topics = () if isinstance(formats, Format) else tuple(formats)
        tests = [(part, index, test) for part in self._parts for index, test in enumerate(part.tests)]
        check_test_names(one for one in tests if one[2].name != "-")
        for part, index, test in tests:
            if not part.is_faulty("tests", index):
                check_test(index, test, used, topics, part.findings)

    def _recipients(self) -> Recipients | None:
        globs = self._text.recipients
        if globs is None:
            return None
        for index, glob in enumerate(globs):
            if "@" not in glob and "*" not in glob and not self._main.is_faulty("recipients", index):
                hint = f"for everyone there: *@{glob}" if "." in glob else None
                self._main.findings.add(("recipients", index), "this is no address and stands for none", hint)
        matchers = [matcher(glob, fold=True) for glob in globs]
        return lambda address: any(matches(address) for matches in matchers)


def _programs(contacts: Mapping[Format, Mapping[str, Source]], scope: Scope) -> Mapping[Format, Program]:
    try:
        return {form: Program(None, contact, scope) for form, contact in contacts.items()}
    except ExpressionFault:
        return {}  # of which every rule has a fault, too
