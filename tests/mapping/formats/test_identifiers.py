"""Who an identifier stands for."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.mapping.expression import Program
from consumer.mapping.formats.identifiers import (
    address_in,
    distinct_address,
    distinct_user_id,
    first_of,
    user_id_in,
)

UUID = "018f3c00-0000-7000-8000-000000000003"
DEVICE = "17b845b08de74-033c497ed2753c-35667c03-1fa400-17b845b08df8d1"


def found(source: str, event: dict[str, Any]) -> Any:
    """What the expression finds; ``None`` for nothing."""
    made = Program(None, {"it": source}).evaluate(event, now_ms=0)
    assert made is not None
    return made.get("it")


@pytest.mark.parametrize(
    ("event", "value"),
    (
        ({"a": "1", "b": "2"}, "1"),
        ({"a": "", "b": "2"}, "2"),
        ({"a": None, "c": "3"}, "3"),
        ({"c": ""}, ""),
        ({}, None),
    ),
)
def test_the_first_that_is_not_empty_counts(event: dict[str, Any], value: str | None) -> None:
    """Null and empty texts are nothing."""
    assert value == found(first_of(("a", "b"), "c"), event)


@pytest.mark.parametrize(
    ("identifier", "address", "user_id"),
    (
        ("u1", None, "u1"),
        ("a@example.com", "a@example.com", None),
        (7, None, 7),
        (None, None, None),
        (["a@b"], None, ["a@b"]),
    ),
)
def test_what_has_an_at_is_an_address_and_no_user_id(identifier: Any, address: Any, user_id: Any) -> None:
    """What is no text is left as it is, for the request to say so."""
    assert (address, user_id) == (
        found(address_in("user.id"), {"user": {"id": identifier}}),
        found(user_id_in("user.id"), {"user": {"id": identifier}}),
    )


@pytest.mark.parametrize(
    "anonymous",
    (
        UUID,
        UUID.upper(),
        DEVICE,
        f"$device:{UUID}",
        "$device:x-and-what-else-there-is",
        "$posthog_cookieless",
        "cookieless_YWJjZGVmZ2hpag",
    ),
)
def test_a_visitor_whom_nobody_knows_has_no_user_id(anonymous: str) -> None:
    """UUIDs, device ids of then and now, and what stands for a visitor without a cookie."""
    event = {"distinct_id": anonymous, "properties": {}}

    assert found(distinct_user_id("distinct_id"), event) is None
    assert found(distinct_address("distinct_id"), event) is None


@pytest.mark.parametrize(
    "known",
    (
        "usr_42",
        "5f1d7f3e9b1e8a0012345678",
        "a-b-c-d-e",
        "customer-eu-west-production-000000000042",
        "018f3c00000070008000000000000003",
        "cookies and cream, and more of them",
        "dead-beef-cafe-0001-0002",
        "dead-beef-cafe-0001-0002-0003-0004-0005-0006",
        "aaaaaaaaaaaa-bbbbbbbbbbbb-cccccccccccc",
        "$42",
        42,
    ),
)
def test_anything_else_is_a_user_id(known: Any) -> None:
    """Dashes and digits alone make no device."""
    assert known == found(distinct_user_id("distinct_id"), {"distinct_id": known})


def test_the_id_of_the_device_is_no_user_id() -> None:
    """However it looks: some libraries make others."""
    event = {"distinct_id": "phone-7", "properties": {"$device_id": "phone-7"}}

    assert found(distinct_user_id("distinct_id"), event) is None
    assert "phone-7" == found(distinct_user_id("distinct_id"), {"distinct_id": "phone-7"})


def test_whom_the_product_has_named_is_known() -> None:
    """Even where its own ids are UUIDs, or addresses."""
    event = {"distinct_id": DEVICE, "properties": {"$user_id": UUID, "$device_id": UUID}}

    assert UUID == found(distinct_user_id("distinct_id"), event)
    assert "a@example.com" == found(
        distinct_address("distinct_id"), {"distinct_id": DEVICE, "properties": {"$user_id": "a@example.com"}}
    )
    assert "u1" == found(distinct_user_id("distinct_id"), {"distinct_id": "u1", "properties": {"$user_id": ""}})
