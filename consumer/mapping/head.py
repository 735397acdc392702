"""Reads from a record only what tells whether a rule wants it: the event's name, and the fields that rules name.

What is read is a frozen struct: it is decoded, hashed and compared without a line of Python, and so is itself the key
of a memo that says which rules want such a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from consumer.mapping.formats.format import FieldPath, Format, value_at
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.when import Dispatch, FieldValue

__all__ = ["KEY_CHARACTERS_MAX", "MEMO_MAX", "Head", "Heads", "Unsure"]

MEMO_MAX: Final = 10_000
"""Different heads that are remembered."""
KEY_CHARACTERS_MAX: Final = 256
"""Of the texts in a head that is remembered; longer ones are worked out each time."""

Unsure: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError)
"""What the quick look raises where it cannot tell: then :meth:`Head.slow` decides. ``TypeError`` is a null value."""


class Head:
    """One format and the rules, as the hot path needs them.

    ``decode`` makes a head of a record's value and raises one of :data:`Unsure`; ``memo`` says which rules want it,
    and ``wanting`` works that out where it is not there.
    """

    def __init__(self, form: Format, rules: tuple[Rule, ...]) -> None:
        """Reads the parts of the format's event name, and each top-level field that a rule names."""
        self.form = form
        self._dispatch = Dispatch(rules)
        self._fields = _fields_of(rules)
        paths: dict[FieldPath, Any] = {(name,): _type_of(values) for name, values in self._fields.items()}
        paths.update(dict.fromkeys(form.name_paths, str | None))
        struct, self._getters = _struct(paths)
        self.decode: Callable[[Any], msgspec.Struct] = msgspec.json.Decoder(struct).decode
        self.memo: dict[msgspec.Struct, tuple[Rule, ...]] = {}

    def wanting(self, head: msgspec.Struct) -> tuple[Rule, ...]:
        """The rules that want a record with this head, from now on in the memo too. Raises :class:`Unreadable`."""
        if (known := self.memo.get(head)) is not None:
            return known
        get = self._getters
        parts = [get[path](head) for path in self.form.name_paths]
        name = self.form.event_name(parts)
        rules = self._dispatch.find(name, lambda field: get[field,](head))
        values = (getter(head) for getter in get.values())
        if sum(len(value) for value in values if isinstance(value, str)) <= KEY_CHARACTERS_MAX:
            if len(self.memo) >= MEMO_MAX:
                self.memo.clear()
            self.memo[head] = rules
        return rules

    def slow(self, value: bytes) -> tuple[Rule, ...]:
        """The same by decoding the whole value. Raises :class:`Unreadable` where it is not of the format."""
        document = self.form.document(value)
        name = self.form.event_name([value_at(document, path) for path in self.form.name_paths])
        return self._dispatch.find(name, document.get)


def _fields_of(rules: Iterable[Rule]) -> dict[str, set[type]]:
    found: dict[str, set[type]] = {}
    for rule in rules:
        for field, values in (rule.when.fields or {}).items():
            found.setdefault(field, set()).update(map(_family, values))
    return found


def _family(value: FieldValue) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def _type_of(families: set[type]) -> Any:
    """What is read of a field without doubt. As a key ``true`` equals 1, so such a field is left to the slow way."""
    if families >= {bool, float}:
        return str | None
    numbers = int | float | str | None
    return numbers if float in families else bool | str | None if bool in families else str | None


def _struct(paths: dict[FieldPath, Any]) -> tuple[type[msgspec.Struct], dict[FieldPath, Callable[[Any], Any]]]:
    """A struct that holds what stands at these paths, and how to get each out of it (``None`` where it is absent)."""
    below: dict[str, dict[FieldPath, Any]] = {}
    for path, kind in paths.items():
        below.setdefault(path[0], {})[path[1:]] = kind
    members: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    getters: dict[FieldPath, Callable[[Any], Any]] = {}
    for number, (key, inner) in enumerate(below.items()):
        member = f"member_{number}"
        rename[member] = key
        kind = inner.pop((), None)
        if inner:
            nested, nested_getters = _struct(inner)
            kind = nested | None if kind is None else nested | kind
            getters.update({(key, *path): _through(member, nested, get) for path, get in nested_getters.items()})
        if (key,) in paths:
            getters[key,] = _scalar(member)
        members.append((member, kind, None))
    return msgspec.defstruct("Read", members, frozen=True, gc=False, rename=rename), getters


def _scalar(member: str) -> Callable[[Any], Any]:
    def get(struct: Any) -> Any:
        found = getattr(struct, member)
        return None if isinstance(found, msgspec.Struct) else found

    return get


def _through(member: str, nested: type[msgspec.Struct], inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def get(struct: Any) -> Any:
        found = getattr(struct, member)
        return inner(found) if isinstance(found, nested) else None

    return get


class Heads(dict[str, Head | None]):
    """The head of each topic, made when it is asked for first; None where the mapping has no format for the topic."""

    def __init__(self, mapping: CompiledMapping) -> None:
        """None is made yet."""
        super().__init__()
        self._mapping = mapping

    def __missing__(self, topic: str) -> Head | None:
        form = self._mapping.format_of(topic)
        self[topic] = None if form is None else Head(form, self._mapping.rules)
        return self[topic]
