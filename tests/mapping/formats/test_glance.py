"""What is read of a record to tell the rules that want it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from consumer.mapping.formats.glance import JsonGlance, SeenGlance


def first(parts: Sequence[Any]) -> str | None:
    """The first part as the name."""
    return str(parts[0])


def test_a_name_and_fields_are_found_by_their_paths() -> None:
    """Deep ones too; what is there as an object is no value of a field."""
    glance = JsonGlance([("meta", "name")], first, {"kind": frozenset({str}), "meta": frozenset({str})})

    seen = glance.read(b'{"kind": "a", "meta": {"name": "n", "rest": [1, {}]}}')

    assert ("n", "a", None) == (glance.name(seen), glance.field(seen, "kind"), glance.field(seen, "meta"))
    assert {"a", "n"} <= set(glance.texts(seen))


def test_a_field_may_stand_below_an_envelope() -> None:
    """The first of the places that has it counts."""
    glance = JsonGlance([("op",)], first, {"op": frozenset({str})}, below=(("payload",), ()))

    assert "inner" == glance.field(glance.read(b'{"op": "outer", "payload": {"op": "inner"}}'), "op")
    assert "outer" == glance.field(glance.read(b'{"op": "outer"}'), "op")


def test_what_is_seen_without_json_is_a_key_that_tells_true_from_one() -> None:
    """And holds scalars alone."""

    def look(value: bytes) -> tuple[str | None, Callable[[str], object]]:
        return value.decode(), {"a": True if value == b"t" else 1, "b": [1]}.get

    glance = SeenGlance(look, ("a", "b"), of_headers=False)
    true, one = glance.read(b"t"), glance.read(b"o")

    assert true != one
    assert ("t", True, None) == (glance.name(true), glance.field(true, "a"), glance.field(true, "b"))
    assert ["o", 1, None] == list(glance.texts(one))
