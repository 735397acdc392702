"""A mapping that is to take the place of the one in use: compiled and tested, or refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from consumer.core.record import Batch
from consumer.core.rules import Rules
from consumer.faults import Fault, Faults
from consumer.mapping.cases import failing
from consumer.mapping.envelope import ValueDecoder
from consumer.mapping.message import Message
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector

__all__ = ["REASONS_MAX", "Refusal", "RefusalKind", "Renewal", "renewed", "rules_of"]

REASONS_MAX: Final = 20
"""Why a mapping is refused, in lines; what is over them is counted."""

RefusalKind: TypeAlias = Literal["faults", "tests"]


@dataclass(frozen=True, slots=True)
class Renewal:
    """One in which nothing is wrong."""

    rules: Rules
    select: Callable[[Sequence[Message]], Batch]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One with faults, or whose own tests fail."""

    kind: RefusalKind
    reasons: tuple[str, ...]
    """Each with its place, without the line itself and without what a test expected and got."""


def rules_of(mapping: CompiledMapping) -> Rules:
    """What the pipeline has to know of it."""
    return Rules(mapping.digest, frozenset(rule.id for rule in mapping.rules), mapping.paused)


def renewed(
    load: Callable[[], CompiledMapping], in_use: str, decoder: ValueDecoder | None = None
) -> Renewal | Refusal | None:
    """Loads a mapping and runs its tests; ``None`` where it is the one ``in_use`` (its digest).

    ``load`` may raise :class:`Faults`; ``decoder`` as ``Selector`` has it.
    """
    try:
        mapping = load()
    except Faults as wrong:
        return Refusal("faults", _bounded([_told(fault) for fault in wrong.faults]))
    if mapping.digest == in_use:
        return None
    if failed := failing(mapping):
        return Refusal("tests", _bounded([f"its test {name!r} fails" for name in failed]))
    return Renewal(rules_of(mapping), Selector(mapping, decoder).select)


def _told(fault: Fault) -> str:
    place = ":".join(str(part) for part in (fault.file, fault.line) if part is not None)
    return ": ".join(part for part in (place, fault.path, fault.message) if part)


def _bounded(reasons: list[str]) -> tuple[str, ...]:
    over = len(reasons) - REASONS_MAX
    return tuple(reasons) if over <= 0 else (*reasons[:REASONS_MAX], f"and {over} more")
