"""What is read of a record to tell the rules that want it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from consumer.mapping.formats.glance import EitherGlance, JsonGlance, SeenGlance


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


@pytest.mark.parametrize("number", (b"9223372036854775808", b"-9223372036854775809", b"1e400"))
def test_a_number_of_which_the_whole_document_makes_another_is_left_to_it(number: bytes) -> None:
    """Past 64 bits there are floats alone."""
    glance = JsonGlance([("n",)], first, {"a": frozenset({float})})

    with pytest.raises(msgspec.MsgspecError):
        glance.read(b'{"a": %s}' % number)
    assert 2**63 - 1 == glance.field(glance.read(b'{"a": 9223372036854775807}'), "a")


def test_of_two_ways_the_one_that_read_a_record_tells_of_it() -> None:
    """JSON is a struct, anything else is not."""
    of_json = JsonGlance([("n",)], first, {"a": frozenset({str})})
    of_others = SeenGlance(lambda value: (value.decode(), {"a": "A"}.get), ("a",), of_headers=False)
    glance = EitherGlance(
        lambda value: (of_json if value.startswith(b"{") else of_others).read(value), of_json, of_others
    )
    json, other = glance.read(b'{"n": "j", "a": "B"}'), glance.read(b"o")

    assert ("j", "B", {"j", "B"}) == (glance.name(json), glance.field(json, "a"), set(glance.texts(json)))
    assert ("o", "A", {"o", "A"}) == (glance.name(other), glance.field(other, "a"), set(glance.texts(other)))


def test_a_field_that_is_not_read_is_not_there() -> None:
    """Some formats leave out what can only be an object."""
    glance = JsonGlance([("n",)], first, {})

    assert glance.field(glance.read(b'{"a": "b"}'), "a") is None
    assert "x" == glance.getter(("n",))(glance.read(b'{"n": "x"}'))
