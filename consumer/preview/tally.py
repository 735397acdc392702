"""The way of every record that a person looks at: counted by name, and planned where a rule wants it.

One that no rule wants costs what it costs the consumer: a glance at its name, and a look-up, which also counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from consumer.core.record import Plan, Record, Rejection
from consumer.mapping.envelope import Unreadable, ValueDecoder
from consumer.mapping.formats.format import Event
from consumer.mapping.head import MEMO_MAX, Head, Heads, Unsure
from consumer.mapping.message import Message, record_of
from consumer.mapping.plan import plans
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping
from consumer.preview.names import Names

__all__ = ["NO_VALUE", "UNREADABLE", "Looked", "Tally"]

UNREADABLE: Final = "(cannot be read)"
NO_VALUE: Final = "(no value)"
"""What stands in a name's place."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A record of which the rules make something, or that cannot be read. It holds personal data."""

    record: Record
    name: str
    """What its event is called."""
    plans: tuple[Plan, ...]
    event_id: str | None = field(default=None, repr=False)
    """The event's own."""


class _Seen:
    """All records at which a glance saw the same."""

    __slots__ = ("count", "name", "rules")

    def __init__(self, name: str, rules: tuple[Rule, ...]) -> None:
        self.count = 0
        self.name = name
        self.rules = rules


class Tally:
    """Counts and looks at records with one mapping. Used by one thread at a time."""

    def __init__(self, mapping: CompiledMapping, decoder: ValueDecoder | None = None) -> None:
        """``decoder`` as ``Head`` has it."""
        self._mapping = mapping
        self._heads = Heads(mapping, decoder)
        self._seen: dict[str, dict[Hashable, _Seen]] = {}
        self._names = Names()
        self.records = 0
        """How many were taken."""

    def take(self, messages: Sequence[Message]) -> list[Looked]:
        """Counts these, and gives those of which the rules make something, in their order. Raises ``NotYet``."""
        looked: list[Looked] = []
        topic: str | None = None
        head: Head | None = None
        look: Callable[[Any], Any] = _undecided
        of_message = False
        seen: dict[Hashable, _Seen] = {}
        for message in messages:
            name = message.topic()
            if name != topic:
                topic, head = name, self._heads[name or ""]
                seen = self._seen.setdefault(name or "", {})
                look, of_message = (_undecided, False) if head is None else (head.look, head.of_message)
            try:
                glance = look(message if of_message else message.value())
            except Unsure:
                self._take_whole(message, head, looked)
                continue
            same = seen.get(glance)
            if same is None and (same := self._first(glance, head, seen)) is None:
                self._take_whole(message, head, looked)
                continue
            same.count += 1
            if same.rules and head is not None:
                self._take_wanted(message, head, same, looked)
        self.records += len(messages)
        return looked

    @property
    def names(self) -> Names:
        """All that was counted so far, by name."""
        for seen in self._seen.values():
            self._fold(seen)
        return self._names

    def _first(self, glance: Hashable, head: Head | None, seen: dict[Hashable, _Seen]) -> _Seen | None:
        """What is the same for all that look like this one; ``None`` where its name is no name."""
        if head is None:
            return None
        try:
            rules, name = head.wanting(glance), head.called(glance)
        except Unreadable:
            return None
        if len(seen) >= MEMO_MAX:
            self._fold(seen)
            seen.clear()
        same = seen[glance] = _Seen(name, rules)
        return same

    def _fold(self, seen: dict[Hashable, _Seen]) -> None:
        for same in seen.values():
            if same.count:
                self._names.add(same.name, same.rules, same.count)
                same.count = 0

    def _take_wanted(self, message: Message, head: Head, same: _Seen, looked: list[Looked]) -> None:
        record = record_of(message)
        try:
            event = head.event(record)
        except Unreadable as reason:
            same.count -= 1
            self._take_unreadable(record, reason, looked)
            return
        if made := self._made(record, event, same.rules, head):
            looked.append(Looked(record, same.name, made, event.id))

    def _take_whole(self, message: Message, head: Head | None, looked: list[Looked]) -> None:
        """Takes one whose name a glance cannot tell."""
        if message.value() is None:
            self._names.add(NO_VALUE, ())
            return
        record = record_of(message)
        if head is None:
            self._take_unreadable(record, Unreadable("the mapping has no format for this topic"), looked)
            return
        try:
            event = head.event(record)
        except Unreadable as reason:
            self._take_unreadable(record, reason, looked)
            return
        name, rules = head.called_event(event), head.wanting_event(event)
        self._names.add(name, rules)
        if made := self._made(record, event, rules, head):
            looked.append(Looked(record, name, made, event.id))

    def _take_unreadable(self, record: Record, reason: Unreadable, looked: list[Looked]) -> None:
        self._names.add(UNREADABLE, ())
        looked.append(Looked(record, UNREADABLE, (Rejection("undecodable", str(reason)),)))

    def _made(self, record: Record, event: Event, rules: Sequence[Rule], head: Head) -> tuple[Plan, ...]:
        return plans(rules, event, record, head.form, self._mapping.recipients) if rules else ()


def _undecided(_value: Any, /) -> Any:
    raise TypeError
