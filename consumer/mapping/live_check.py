"""What of a mapping does not go together with the team at Loops that it writes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import orjson

from consumer.core.record import Plan, Record, Rejection
from consumer.core.request import Call, DeleteContact, SendEvent
from consumer.documents import Path
from consumer.faults import Fault, nearest
from consumer.mapping.envelope import Unreadable
from consumer.mapping.grammar import TestText
from consumer.mapping.head import Heads
from consumer.mapping.plan import plans
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.sent_as import SentAs, sent_as, sent_by

__all__ = ["LiveCheck", "Places", "Team", "check_live"]

_LISTS_SHOWN_MAX: Final = 5
_LIKENESS: Final = 0.8
"""Of a name that may be meant. What a mapping names may well be new to Loops: trialStartedAt beside createdAt is."""

_IN_WORDS: Final = {"string": "text", "number": "a number", "boolean": "true or false", "date": "a date"}
_HINTS: Final = {
    "string": "$string(...) makes text of it",
    "number": "$number(...) makes a number of it",
    "boolean": 'a comparison makes one, as plan = "pro"',
    "date": "Loops takes 2026-05-01, 2026-05-01T10:00:00Z, or milliseconds since 1970",
}
_HINT_OF_SECONDS: Final = "seconds times 1000 are milliseconds"


@dataclass(frozen=True, slots=True)
class Team:
    """What a team at Loops has; types are ``string``, ``number``, ``boolean`` and ``date``."""

    properties: Mapping[str, str]
    """Of contacts, Loops' own among them: name to type."""
    lists: Mapping[str, str]
    """Mailing lists: id to name."""
    events: Mapping[str, Mapping[str, str]]
    """Of the events that the mapping sends those that Loops knows, each with its properties and their types."""
    event_names: frozenset[str]
    """Of all events that Loops knows."""


class Places(Protocol):
    """Knows where in the user's files a rule says something."""

    def fault(self, rule: Rule, keys: Path, message: str, hint: str | None = None, *, of_key: bool = False) -> Fault:
        """A fault at the value that stands there in the rule, or at its key."""


@dataclass(slots=True)
class LiveCheck:
    """What was found, in the order of the rules."""

    faults: list[Fault] = field(default_factory=list)
    """What cannot be meant so."""
    warnings: list[Fault] = field(default_factory=list)
    """What may be meant so."""


def check_live(mapping: CompiledMapping, team: Team, places: Places) -> LiveCheck:
    """Holds all that the rules in use write against what the team has."""
    checking = _Checking(mapping, team, places)
    for rule in mapping.rules:
        if rule.call is Call.SEND:
            checking.check_event(rule)
        checking.check_properties(rule, "contact", team.properties)
        for list_id in rule.members.get("lists", ()):
            checking.check_list(rule, list_id)
    return checking.found


class _Checking:
    def __init__(self, mapping: CompiledMapping, team: Team, places: Places) -> None:
        self.found = LiveCheck()
        self._team = team
        self._places = places
        self._named: set[tuple[str, str]] = set()
        """Names of which something is said already, each with what it is a name of."""
        self._tried = _tried(mapping)

    def check_event(self, rule: Rule) -> None:
        name, known = rule.event_name, self._team.events.get(rule.event_name)
        if known is not None:
            self.check_properties(rule, "event", known, f" of {name}")
        elif self._is_first("event", name):
            meant = _twin(name, self._team.event_names) or _nearest(name, self._team.event_names)
            hint = f"did you mean {meant}?" if meant else None
            message = f"Loops does not know the event {name}; the first request makes it"
            self.found.warnings.append(self._places.fault(rule, ("send",), message, hint))

    def check_properties(self, rule: Rule, section: str, known: Mapping[str, str], of: str = "") -> None:
        """``of`` says whose they are, where several have some."""
        for name in rule.members.get(section, ()):
            sent = self._sent(rule, section, name)
            if name in known:
                self._check_type(rule, (section, name), known[name], sent)
            elif self._is_first(section + of, name):
                self._tell_new(rule, (section, name), of, known, sent)

    def check_list(self, rule: Rule, list_id: str) -> None:
        lists = self._team.lists
        if list_id in lists:
            return
        shown = [f"{known} ({name})" for known, name in list(lists.items())[:_LISTS_SHOWN_MAX]]
        more = f" and {len(lists) - len(shown)} more" if len(lists) > len(shown) else ""
        hint = f"there are: {', '.join(shown)}{more}" if shown else "the team has no list"
        message = "Loops has no list with this id"
        self.found.faults.append(self._places.fault(rule, ("lists", list_id), message, hint, of_key=True))

    def _tell_new(
        self, rule: Rule, keys: tuple[str, str], of: str, known: Mapping[str, str], sent: Mapping[SentAs, str]
    ) -> None:
        section, name = keys
        if (twin := _twin(name, known)) is not None:
            found = self.found.faults if section == "contact" else self.found.warnings
            message = f"Loops has the {section} property {twin}{of}; {name} would be another one beside it"
            hint: str | None = f"did you mean {twin}?"
        else:
            found = self.found.warnings
            types = {kind.type_made for kind in sent} - {None}
            made = f", as a {types.pop()}" if len(types) == 1 else ""
            message = f"Loops does not know the {section} property {name}{of}; the first request makes it{made}"
            meant = _nearest(name, known)
            hint = f"did you mean {meant}?" if meant else None
        found.append(self._places.fault(rule, keys, message, hint, of_key=True))

    def _check_type(self, rule: Rule, keys: tuple[str, str], kind: str, sent: Mapping[SentAs, str]) -> None:
        wrong = next((one for one in sent if not one.fits(kind)), None)
        if wrong is None:
            return
        message = f"this {keys[0]} property is {_IN_WORDS[kind]} in Loops, and is sent as {wrong.value}{sent[wrong]}"
        hint = _HINT_OF_SECONDS if wrong is SentAs.SMALL_NUMBER else _HINTS[kind]
        # Text can hold any value; and the properties of an event are as it says each time.
        found = self.found.faults if keys[0] == "contact" and kind != "string" else self.found.warnings
        found.append(self._places.fault(rule, keys, message, hint))

    def _sent(self, rule: Rule, section: str, name: str) -> Mapping[SentAs, str]:
        """As what it is sent, each with a word on what shows that."""
        source = next(iter(rule.programs.values())).sources[f"{section}.{name}"]
        found = dict.fromkeys(sorted(sent_by(source), key=str), "")
        for kind, test in self._tried.get((rule.id, section, name), ()):
            found.setdefault(kind, f' in the test "{test}"')
        return found

    def _is_first(self, what: str, name: str) -> bool:
        """Whether nothing was said of it yet."""
        before = len(self._named)
        self._named.add((what, name))
        return len(self._named) > before


def _tried(mapping: CompiledMapping) -> Mapping[tuple[str, str, str], list[tuple[SentAs, str]]]:
    """By rule, section and name, as what the mapping's own tests send it, each with the test's name."""
    found: dict[tuple[str, str, str], list[tuple[SentAs, str]]] = {}
    heads = Heads(mapping, opened=True)
    for case in mapping.cases:
        for plan in _plans(case, heads):
            if isinstance(plan, Rejection | DeleteContact):
                continue
            event = plan.event if isinstance(plan, SendEvent) else {}
            for section, members in (("event", event), ("contact", plan.contact)):
                for name, value in members.items():
                    found.setdefault((plan.rule, section, name), []).append((sent_as(value), case.name))
    return found


def _plans(case: TestText, heads: Heads) -> tuple[Plan, ...]:
    """What the rules make of a test's event, at whatever time; nothing where it cannot be read."""
    topic = case.topic or ""
    record = Record(topic, 0, 0, 0, None, orjson.dumps(case.given))
    if (head := heads[topic]) is None:
        return ()
    try:
        event = head.event(record)
        return plans(head.wanting_event(event), event, record, head.form)
    except Unreadable:
        return ()


def _nearest(name: str, known: Iterable[str]) -> str | None:
    return nearest(name, sorted(known), likeness=_LIKENESS)


def _twin(name: str, known: Iterable[str]) -> str | None:
    """One that differs only in case, white space or punctuation."""
    letters = _letters(name)
    return next((other for other in known if _letters(other) == letters), None) if letters else None


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
