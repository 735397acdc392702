"""The law of every format: what a glance at a record tells is what the whole record says, or it tells nothing."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st

from consumer.core.record import Headers
from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.format import Format
from consumer.mapping.head import Unsure

__all__ = ["JSON_VALUES", "JUNK", "KINDS", "NAMES", "Told", "meant", "obeys", "told", "written"]

Told = tuple[str | None, tuple[tuple[bool, object], ...]]
"""A name; and for each field whether it is true or false, and its value, as 1 and true are one to Python."""

KINDS = (
    frozenset({str}),
    frozenset({float}),
    frozenset({bool}),
    frozenset({str, float}),
    frozenset({bool, float}),
)
"""What rules may compare a field with."""

NAMES = st.sampled_from(("Trial Started", "x", "com.acme:paid", "", "é", "{}"))
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, width=32) | NAMES
JSON_VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)
JUNK = st.binary(max_size=60) | st.text(alphabet='{}[]":,\\\t0e.-dataevntproi\x00', max_size=60).map(str.encode)


def written(event: Any) -> bytes:
    """As a producer writes it; numbers of any size."""
    return json.dumps(event, ensure_ascii=False).encode()


def told(form: Format, fields: dict[str, frozenset[type]], value: bytes, headers: Headers = ()) -> Told | None:
    """What a glance tells; ``None`` where it is unsure."""
    glance = form.glance(fields)
    try:
        seen = glance.read(value, headers) if glance.of_headers else glance.read(value)
        assert isinstance(hash(seen), int)
        assert all(isinstance(text, object) for text in glance.texts(seen))
        return glance.name(seen), tuple(_kinded(glance.field(seen, field)) for field in fields)
    except Unsure:
        return None


def meant(form: Format, fields: Collection[str], value: bytes, headers: Headers = ()) -> Told | None:
    """What the whole record says; ``None`` where it is unreadable."""
    try:
        event = form.event(value, headers, None)
    except Unreadable:
        return None
    return event.name, tuple(_kinded(event.document.get(field)) for field in fields)


def obeys(form: Format, fields: dict[str, frozenset[type]], value: bytes, headers: Headers = ()) -> bool:
    """Whether both agree; of a record that is unreadable as a whole a glance may have read what is not damaged."""
    whole = meant(form, fields, value, headers)
    return whole is None or told(form, fields, value, headers) in (None, whole)


def _kinded(found: Any) -> tuple[bool, object]:
    return isinstance(found, bool), found if isinstance(found, str | int | float) else None
