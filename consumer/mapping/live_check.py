"""What of a mapping does not go together with the team at Loops that it writes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from consumer.core.request import Call
from consumer.documents import Path
from consumer.faults import Fault, nearest
from consumer.mapping.rule import ANY, Rule
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.sent_as import SentAs, sent_by
from consumer.mapping.tried import tried

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
        checking.check_lists(rule)
    return checking.found


@dataclass(frozen=True, slots=True)
class _Written:
    """A name under ``event``, ``contact`` or ``lists`` that a rule writes."""

    rule: Rule
    section: str
    name: str
    sent: Mapping[SentAs, str]
    """As what it is sent, each with a word on what shows that."""
    computed: bool
    """An expression makes the whole section, and a test showed the name."""

    @property
    def keys(self) -> Path:
        return (self.section,) if self.computed else (self.section, self.name)


class _Checking:
    def __init__(self, mapping: CompiledMapping, team: Team, places: Places) -> None:
        self.found = LiveCheck()
        self._team = team
        self._places = places
        self._named: set[tuple[str, str]] = set()
        """Names of which something is said already, each with what it is a name of."""
        self._tried = tried(mapping)

    def check_event(self, rule: Rule) -> None:
        name, known = rule.event_name, self._team.events.get(rule.event_name)
        if known is not None:
            self.check_properties(rule, "event", known, f" of {name}")
        elif self._is_first("send", name):
            meant = _twin(name, self._team.event_names) or _nearest(name, self._team.event_names)
            hint = f"did you mean {meant}?" if meant else None
            message = f"Loops does not know the event {name}; the first request makes it"
            self.found.warnings.append(self._places.fault(rule, ("send",), message, hint))

    def check_properties(self, rule: Rule, section: str, known: Mapping[str, str], of: str = "") -> None:
        """``of`` says whose they are, where several have some."""
        for written in self._written(rule, section):
            if written.name in known:
                self._check_type(written, known[written.name], of)
            elif self._is_first(section + of, written.name):
                self._tell_new(written, known, of)

    def check_lists(self, rule: Rule) -> None:
        lists = self._team.lists
        for written in self._written(rule, "lists"):
            if written.name in lists:
                continue
            shown = [f"{known} ({name})" for known, name in list(lists.items())[:_LISTS_SHOWN_MAX]]
            more = f" and {len(lists) - len(shown)} more" if len(lists) > len(shown) else ""
            hint = f"there are: {', '.join(shown)}{more}" if shown else "the team has no list"
            self._add(self.found.faults, written, f"Loops has no list {written.name}", hint)

    def _tell_new(self, written: _Written, known: Mapping[str, str], of: str) -> None:
        name, what = written.name, f"{written.section} property"
        if (twin := _twin(name, known)) is not None:
            found = self.found.faults if written.section == "contact" else self.found.warnings
            message = f"Loops has the {what} {twin}{of}; {name} would be another one beside it"
            self._add(found, written, message, f"did you mean {twin}?")
            return
        types = {kind.type_made for kind in written.sent} - {None}
        made = f", as a {types.pop()}" if len(types) == 1 else ""
        message = f"Loops does not know the {what} {name}{of}; the first request makes it{made}"
        meant = _nearest(name, known)
        self._add(self.found.warnings, written, message, f"did you mean {meant}?" if meant else None)

    def _check_type(self, written: _Written, kind: str, of: str) -> None:
        wrong = next((one for one in written.sent if not one.fits(kind)), None)
        if wrong is None:
            return
        what = f"the {written.section} property {written.name}{of}"
        message = f"{what} is {_IN_WORDS[kind]} in Loops, and is sent as {wrong.value}{written.sent[wrong]}"
        hint = _HINT_OF_SECONDS if wrong is SentAs.SMALL_NUMBER else _HINTS[kind]
        # Text can hold any value; and the properties of an event are as it says each time.
        is_fault = written.section == "contact" and kind != "string"
        found = self.found.faults if is_fault else self.found.warnings
        found.append(self._places.fault(written.rule, written.keys, message, hint))

    def _written(self, rule: Rule, section: str) -> Iterator[_Written]:
        names = rule.members.get(section, ())
        shown = self._tried.get((rule.id, section), {})
        if ANY in names:
            for name in shown:
                yield _Written(rule, section, name, {}, computed=True)
            return
        program = next(iter(rule.programs.values()))
        for name in names:
            told = sent_by(program.sources[f"{section}.{name}"], program.scope.definitions)
            sent = dict.fromkeys(sorted(told, key=str), "")
            for kind, test in shown.get(name, {}).items():
                sent.setdefault(kind, f' in the test "{test}"')
            yield _Written(rule, section, name, sent, computed=False)

    def _is_first(self, what: str, name: str) -> bool:
        """Whether nothing was said of it yet."""
        before = len(self._named)
        self._named.add((what, name))
        return len(self._named) > before

    def _add(self, found: list[Fault], written: _Written, message: str, hint: str | None) -> None:
        of_key = not written.computed
        found.append(self._places.fault(written.rule, written.keys, message, hint, of_key=of_key))


def _nearest(name: str, known: Iterable[str]) -> str | None:
    return nearest(name, sorted(known), likeness=_LIKENESS)


def _twin(name: str, known: Iterable[str]) -> str | None:
    """One that differs only in case, white space or punctuation."""
    letters = _letters(name)
    return next((other for other in known if _letters(other) == letters), None) if letters else None


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
