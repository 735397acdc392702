"""Which events a rule is about, and for one event the rules that are about it, without asking each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

__all__ = ["Asked", "Dispatch", "FieldValue", "HasWhen", "When", "asked", "is_glob", "matcher"]

FieldValue: TypeAlias = str | int | float | bool
"""What a field is compared with; a text may be a glob."""


@dataclass(frozen=True, slots=True)
class When:
    """An event of one of these names, or one whose top-level fields are each one of these values."""

    names: tuple[str, ...] = ()
    """Names and globs."""
    fields: Mapping[str, tuple[FieldValue, ...]] | None = None


class HasWhen(Protocol):
    """A rule, as far as this module looks at it."""

    @property
    def when(self) -> When:
        """Which events it is about."""


R = TypeVar("R", bound=HasWhen)


def is_glob(text: str) -> bool:
    """Whether it stands for several texts: ``*`` any characters, ``?`` one. All others stand for themselves."""
    return "*" in text or "?" in text


def matcher(glob: str, *, fold: bool = False) -> Callable[[str], object]:
    """Tells whether a text is one of those that the glob stands for; with ``fold`` whatever its case."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in glob)
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if fold else 0)).fullmatch


class Dispatch(Generic[R]):
    """Rules by what they are about; exact names cost one look-up however many rules there are."""

    def __init__(self, rules: Sequence[R]) -> None:
        """``rules`` in the order in which they act."""
        self._rules = rules
        self._exact: dict[str, list[int]] = {}
        self._globs: list[tuple[Callable[[str], object], int]] = []
        self._fields: list[tuple[tuple[tuple[str, Callable[[object], object]], ...], int]] = []
        for index, rule in enumerate(rules):
            self._add(rule.when, index)

    def find(self, name: str | None, field: Callable[[str], object]) -> tuple[R, ...]:
        """The rules about an event of this name; ``field`` gives what stands in a top-level field, or ``None``."""
        found: set[int] = set()
        if name is not None:
            found.update(self._exact.get(name, ()))
            found.update(index for matches, index in self._globs if matches(name))
        found.update(index for tests, index in self._fields if all(test(field(key)) for key, test in tests))
        return tuple(self._rules[index] for index in sorted(found))

    def _add(self, when: When, index: int) -> None:
        for name in when.names:
            if is_glob(name):
                self._globs.append((matcher(name), index))
            else:
                self._exact.setdefault(name, []).append(index)
        if when.fields is not None:
            self._fields.append((tuple((key, _one_of(values)) for key, values in when.fields.items()), index))


class Asked(NamedTuple):
    """One thing that a rule asks of an event. What was seen is the event's: it is for whoever gave the event."""

    field: str | None
    """At the top of the event; ``None``: the event's name."""
    wanted: tuple[FieldValue, ...]
    """One of these, each of which may be a glob."""
    seen: object
    """``None``: there is nothing."""
    holds: bool


def asked(when: When, name: str | None, field: Callable[[str], object]) -> tuple[Asked, ...]:
    """All that a rule asks of an event of this name, and whether it holds; ``field`` as :class:`Dispatch` has it."""
    of_name = (Asked(None, when.names, name, bool(_one_of(when.names)(name))),) if when.names else ()
    fields = ((key, values, field(key)) for key, values in (when.fields or {}).items())
    return (*of_name, *(Asked(key, values, seen, bool(_one_of(values)(seen))) for key, values, seen in fields))


def _one_of(values: Iterable[FieldValue]) -> Callable[[object], object]:
    """Compares with kind: ``true`` is not 1, and 1 is 1.0, as in JSON."""
    exact = {_kind(value): value for value in values if not (isinstance(value, str) and is_glob(value))}
    globs = [matcher(value) for value in values if isinstance(value, str) and is_glob(value)]

    def test(found: object) -> object:
        if isinstance(found, str | int | float) and _kind(found) in exact:
            return True
        return isinstance(found, str) and any(matches(found) for matches in globs)

    return test


def _kind(value: FieldValue) -> tuple[bool, FieldValue]:
    return isinstance(value, bool), value
