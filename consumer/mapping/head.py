"""One topic's format and the rules: which rules want a record, told by a glance at it, and what the whole of it means.

What the glance reads is the key of a memo that says which rules want such a record.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final

import msgspec

from consumer.core.record import Headers, Record
from consumer.mapping.envelope import Unreadable, ValueDecoder, check_parts
from consumer.mapping.formats.format import Event, Format
from consumer.mapping.formats.glance import Glance, Kinds
from consumer.mapping.message import Message, headers_of
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.when import Dispatch, FieldValue

__all__ = ["KEY_CHARACTERS_MAX", "MEMO_MAX", "NO_NAME", "Head", "Heads", "Unsure"]

MEMO_MAX: Final = 10_000
"""Different glances that are remembered."""
KEY_CHARACTERS_MAX: Final = 256
"""Of the texts in a glance that is remembered; longer ones are worked out each time."""

NO_NAME: Final = "(no name)"
"""What an event is called that has none."""

Unsure: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError, Unreadable)
"""What a glance raises where it cannot tell: then :meth:`Head.event` decides. ``TypeError`` is a null value."""


class Head:
    """One topic's format and the rules, as the hot path needs them.

    ``look`` glances at a record and raises one of :data:`Unsure`; ``memo`` says which rules want such a one, and
    :meth:`wanting` works that out where it is not there. ``of_message`` says whether ``look`` takes the message, as
    it has to where headers or an envelope count, or its value alone.
    """

    def __init__(
        self,
        form: Format,
        rules: tuple[Rule, ...],
        topic: str = "",
        decoder: ValueDecoder | None = None,
        *,
        opened: bool = False,
    ) -> None:
        """``opened``: values come without their envelope, as those of the mapping's own tests do."""
        self.form = form
        self._dispatch = Dispatch(rules)
        self._glance: Glance = form.glance(_fields_of(rules, form.told_by))
        self._envelope = None if opened else form.envelope
        self._topic = topic
        self._decoder = decoder
        self.of_message = self._glance.of_headers or self._envelope is not None
        self.look: Callable[[Any], Hashable] = self._look if self.of_message else self._glance.read
        self.memo: dict[Hashable, tuple[Rule, ...]] = {}

    def wanting(self, seen: Hashable) -> tuple[Rule, ...]:
        """The rules that want a record at which a glance saw this, from now on in the memo too.

        Raises :class:`Unreadable`.
        """
        if (known := self.memo.get(seen)) is not None:
            return known
        glance = self._glance
        rules = self._dispatch.find(glance.name(seen), lambda field: glance.field(seen, field))
        if sum(len(text) for text in glance.texts(seen) if isinstance(text, str)) <= KEY_CHARACTERS_MAX:
            if len(self.memo) >= MEMO_MAX:
                self.memo.clear()
            self.memo[seen] = rules
        return rules

    def called(self, seen: Hashable) -> str:
        """What people call a record at which a glance saw this. Raises :class:`Unreadable`."""
        glance = self._glance
        return self._called(glance.name(seen), lambda field: glance.field(seen, field))

    def called_event(self, event: Event) -> str:
        """What people call an event which is decoded whole."""
        return self._called(event.name, event.document.get)

    def event(self, record: Record) -> Event:
        """What a record that has a value means. Raises :class:`Unreadable`, and ``NotYet`` as its envelope does."""
        value = self._opened(record.value or b"", record.headers)
        check_parts(value)
        return self.form.event(value, record.headers, record.key)

    def wanting_event(self, event: Event) -> tuple[Rule, ...]:
        """The rules that want an event which is decoded whole."""
        return self._dispatch.find(event.name, event.document.get)

    def _called(self, name: str | None, field: Callable[[str], object]) -> str:
        """Its name; else, as a rule's ``when`` would have it, what stands in the fields that tell such events apart."""
        if name is not None:
            return name
        found = ((each, field(each)) for each in self.form.told_by)
        told = ", ".join(f"{each}: {value}" for each, value in found if isinstance(value, str))
        return f"{{{told}}}" if told else NO_NAME

    def _look(self, message: Message) -> Hashable:
        value = message.value()
        if value is None:
            raise TypeError
        headers = headers_of(message)
        value = self._opened(value, headers)
        return self._glance.read(value, headers) if self._glance.of_headers else self._glance.read(value)

    def _opened(self, value: bytes, headers: Headers) -> bytes:
        envelope = self._envelope
        return value if envelope is None else envelope.open(value, headers, self._topic, self._decoder)


def _fields_of(rules: Iterable[Rule], told_by: Iterable[str]) -> dict[str, Kinds]:
    found: dict[str, set[type]] = {field: {str} for field in told_by}
    for rule in rules:
        for field, values in (rule.when.fields or {}).items():
            found.setdefault(field, set()).update(map(_kind, values))
    return {field: frozenset(kinds) for field, kinds in found.items()}


def _kind(value: FieldValue) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


class Heads(dict[str, Head | None]):
    """The head of each topic, made when it is asked for first; None where the mapping has no format for the topic."""

    def __init__(self, mapping: CompiledMapping, decoder: ValueDecoder | None = None, *, opened: bool = False) -> None:
        """None is made yet. ``decoder`` and ``opened`` as :class:`Head` has them."""
        super().__init__()
        self._mapping = mapping
        self._decoder = decoder
        self._opened = opened

    def __missing__(self, topic: str) -> Head | None:
        form = self._mapping.format_of(topic)
        rules = self._mapping.rules
        self[topic] = None if form is None else Head(form, rules, topic, self._decoder, opened=self._opened)
        return self[topic]
