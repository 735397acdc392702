"""What of an event could become a property in Loops: with a name, an expression, and what is known of its values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from consumer.infer.quoting import camel_case, expression
from consumer.infer.shapes import Kind, Place, Shape, Shapes, key_of
from consumer.mapping.rule_faults import OWN_MEMBERS, RESERVED
from consumer.mapping.values import TEXT_LENGTH_MAX

__all__ = ["CANDIDATES_MAX", "Candidate", "candidates"]

CANDIDATES_MAX: Final = 15
"""Properties that are proposed for one event."""
_ALWAYS: Final = 0.95
"""In so much of the events something stands there if it is there always."""
_WORDS_SHOWN_MAX: Final = 60
"""Characters."""

_ROOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "segment": ("properties", "traits"),
    "rudderstack": ("properties", "traits"),
    "posthog": ("properties", "person_properties"),
    "amplitude": ("event_properties", "user_properties"),
    "mixpanel": ("properties",),
    "snowplow": ("unstruct_event_", "contexts_"),
    "cloudevents": ("data",),
    "debezium": ("after",),
}
"""By a format's name: the members that hold what a product says, one that ends with ``_`` standing for all that begin
so. Of other formats it may stand anywhere."""
_NOBODYS: Final = ("$", "mp_", "_key", "_headers")
"""What keys begin with of which the same can be said."""
_OF_LIBRARIES: Final = frozenset(
    {"distinct_id", "token", "time", "schema", "messageid", "timestamp", "sentat", "receivedat"}
)
"""Keys, in small letters, of what a library adds and no product means."""
_NO_PROPERTIES: Final = RESERVED | OWN_MEMBERS | {"subscribed"}
"""Who sends ``subscribed`` may join a person again who had left: that is no proposal."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of them."""

    name: str
    """The property's, as Loops writes them."""
    source: str
    """JSONata."""
    about: str
    """For a comment; shows only values that are nobody's own."""


def candidates(form: str, shapes: Shapes, apart_from: Collection[Place]) -> list[Candidate]:
    """Those of events of one name, in a format of this name: the most frequent, in the order in which they came.

    ``apart_from`` are places that say what event it is.
    """
    found: dict[str, tuple[float, Candidate]] = {}
    for place, shape in shapes.found.items():
        name, source = camel_case(key_of(place)), expression(place)
        if name is None or source is None or name in _NO_PROPERTIES or place in apart_from:
            continue
        if not _is_meant(form, place, shape):
            continue
        share = shapes.share(place)
        if name not in found:
            found[name] = share, Candidate(name, source, _about(shape, share))
    most = sorted(found, key=lambda name: -found[name][0])[:CANDIDATES_MAX]
    return [candidate for name, (_, candidate) in found.items() if name in most]


def _is_meant(form: str, place: Place, shape: Shape) -> bool:
    top = str(place[0])
    roots = _ROOTS.get(form, (top,))
    if not any(top == root or (root.endswith("_") and top.startswith(root)) for root in roots):
        return False
    if any(isinstance(step, str) and step.startswith(_NOBODYS) for step in place):
        return False
    return shape.kind not in {Kind.ADDRESS, Kind.LIST, Kind.NULL} and key_of(place).lower() not in _OF_LIBRARIES


def _about(shape: Shape, share: float) -> str:
    parts = [shape.kind.value]
    if words := _listed(shape.words):
        parts[0] += f": {words}"
    if shape.longest > TEXT_LENGTH_MAX:
        parts.append(f"up to {shape.longest} characters, of which Loops takes {TEXT_LENGTH_MAX}")
    if share < _ALWAYS:
        parts.append(f"in {share:.0%}")
    return "; ".join(parts)


def _listed(words: tuple[str, ...]) -> str:
    text = ", ".join(words)
    return text if len(text) <= _WORDS_SHOWN_MAX else ""
