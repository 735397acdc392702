"""What holds of every format there is."""

from __future__ import annotations

import pytest

from consumer.mapping.formats.known import FORMATS
from consumer.mapping.head import Head
from tests.mapping.formats.law import KINDS, obeys
from tests.mapping.making import Message, mapping_of, wanted

DEEP = b'{"a":' * 3_000 + b"1" + b"}" * 3_000
DAMAGE = (b"", b"\x00", b"\xff\xfe{}", b"{", b"[]", b"5", b'"x"', b"null", b"{} {}", DEEP, b"\t" * 130, b"\t" * 200)


@pytest.mark.parametrize("name", FORMATS)
def test_a_null_value_is_filtered_before_any_format_sees_it(name: str) -> None:
    """A glance is unsure of it, and a tombstone is no event."""
    mapping = mapping_of("when: '*', send: x", top=f"format: {name}\ncontact: {{userId: id}}")
    head = Head(FORMATS[name], mapping.rules)

    with pytest.raises(TypeError):
        head.look(Message(None) if head.of_message else None)
    assert wanted(mapping, None) is None


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("value", DAMAGE, ids=range(len(DAMAGE)))
def test_damage_is_unreadable_in_both_ways_or_in_none(name: str, value: bytes) -> None:
    """And nothing else is raised."""
    assert obeys(FORMATS[name], {"event": KINDS[0], "data": KINDS[1]}, value)
