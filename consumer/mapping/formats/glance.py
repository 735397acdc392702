"""Reads from a record only what tells whether a rule wants it: the event's name, and the fields that rules name.

What is read is hashable, so that it is itself the key of a memo. Of JSON it is a frozen struct: it is decoded, hashed
and compared without a line of Python.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Protocol, TypeAlias

import msgspec

__all__ = ["EitherGlance", "FieldPath", "Glance", "JsonGlance", "Kinds", "Seen", "SeenGlance"]

FieldPath: TypeAlias = tuple[str, ...]
"""Keys from the top of the document."""

Kinds: TypeAlias = frozenset[type]
"""What rules compare a field with: any of ``str``, ``bool``, and ``float`` for every number."""

_INTEGER: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""Larger ones are floats in the whole document, and perhaps other numbers."""


class Glance(Protocol):
    """One format and the fields that rules name, as the hot path needs them."""

    of_headers: bool
    """Whether :attr:`read` takes the record's headers beside its value."""

    read: Callable[..., Hashable]
    """Reads a value (bytes out of their envelope), with headers where it says so.

    Raises what :data:`consumer.mapping.head.Unsure` lists where it cannot tell; then the whole record is decoded.
    """

    def name(self, read: Any, /) -> str | None:
        """The event's name, of what was read. Raises ``Unreadable`` where it should be text and is not."""

    def field(self, read: Any, key: str, /) -> object:
        """What stands in a top-level field that rules name; ``None`` for nothing, an array or an object."""

    def texts(self, read: Any, /) -> Iterable[object]:
        """All that was read, the texts among it."""


class JsonGlance:
    """Of JSON, by paths."""

    of_headers = False

    def __init__(
        self,
        name_paths: Sequence[FieldPath],
        name: Callable[[Sequence[Any]], str | None],
        fields: Mapping[str, Kinds],
        below: Sequence[FieldPath] = ((),),
        flags: Iterable[FieldPath] = (),
    ) -> None:
        """``name`` makes the event's name of what stands at ``name_paths``: text, or at ``flags`` true or false too.

        A field stands at the first of ``below`` that has it: the document's top, unless the format says otherwise.
        """
        paths: dict[FieldPath, Any] = {
            (*above, field): _type_of(kinds) for field, kinds in fields.items() for above in below
        }
        paths.update(dict.fromkeys(name_paths, str | None))
        paths.update(dict.fromkeys(flags, bool | str | None))
        struct, self._getters = _struct(paths)
        self.read: Callable[..., Hashable] = msgspec.json.Decoder(struct).decode
        self._name = name
        self._name_paths = name_paths
        self._fields = {field: tuple(self._getters[*above, field] for above in below) for field in fields}

    def name(self, read: Any, /) -> str | None:
        """The event's name."""
        return self._name([self._getters[path](read) for path in self._name_paths])

    def field(self, read: Any, key: str, /) -> object:
        """The first of the places that has it; ``None`` for a field that is not read."""
        return next((found for get in self._fields.get(key, ()) if (found := get(read)) is not None), None)

    def texts(self, read: Any, /) -> Iterable[object]:
        """All that was read."""
        return (get(read) for get in self._getters.values())

    def getter(self, path: FieldPath) -> Callable[[Any], Any]:
        """Gets out of what was read what stands at one of the paths, without a search."""
        return self._getters[path]


class Seen(NamedTuple):
    """What was read without a struct: a name, and for each field whether it is ``true`` or ``false``, and what it is.

    Python holds 1 and ``true`` for equal; as a key they must not be.
    """

    name: str | None
    fields: tuple[tuple[bool, object], ...] = ()


class SeenGlance:
    """Of anything else: headers, columns."""

    def __init__(
        self,
        look: Callable[..., tuple[str | None, Callable[[str], object]]],
        fields: Iterable[str],
        *,
        of_headers: bool,
    ) -> None:
        """``look`` takes a value (and headers) and gives the event's name, and what stands in each field."""
        names = tuple(fields)
        self._index = {name: index for index, name in enumerate(names)}
        self.of_headers = of_headers

        def read(*record: Any) -> Seen:
            name, field = look(*record)
            if not names:
                return Seen(name)
            return Seen(name, tuple((isinstance(found := field(each), bool), _scalar_or_none(found)) for each in names))

        self.read: Callable[..., Hashable] = read

    def name(self, read: Any, /) -> str | None:
        """As it was read."""
        found: str | None = read.name
        return found

    def field(self, read: Any, key: str, /) -> object:
        """As it was read."""
        return read.fields[self._index[key]][1]

    def texts(self, read: Any, /) -> Iterable[object]:
        """The name and the fields."""
        return (read.name, *(value for _, value in read.fields))


class EitherGlance:
    """Of records of which some are JSON and some are not: what was read tells which it was."""

    def __init__(
        self, read: Callable[..., Hashable], of_json: JsonGlance, of_others: SeenGlance, *, of_headers: bool = False
    ) -> None:
        """``read`` reads a value (and headers) with one of the two."""
        self.of_headers = of_headers
        self.read = read
        self._of_json = of_json
        self._of_others = of_others

    def name(self, read: Any, /) -> str | None:
        """As the one that read it says."""
        return self._of(read).name(read)

    def field(self, read: Any, key: str, /) -> object:
        """As the one that read it says."""
        return self._of(read).field(read, key)

    def texts(self, read: Any, /) -> Iterable[object]:
        """As the one that read it says."""
        return self._of(read).texts(read)

    def _of(self, read: Any) -> Glance:
        return self._of_others if isinstance(read, Seen) else self._of_json


def _scalar_or_none(value: object) -> object:
    return value if isinstance(value, str | int | float) else None


def _type_of(kinds: Kinds) -> Any:
    """What is read of a field without doubt. As a key ``true`` equals 1, so such a field is left to the slow way."""
    if kinds >= {bool, float}:
        return str | None
    numbers = _INTEGER | float | str | None
    return numbers if float in kinds else bool | str | None if bool in kinds else str | None


def _struct(paths: Mapping[FieldPath, Any]) -> tuple[type[msgspec.Struct], dict[FieldPath, Callable[[Any], Any]]]:
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
