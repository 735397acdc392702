"""Rules that are well formed and make no sense; the broken mappings beside show the texts."""

from __future__ import annotations

import pytest

from tests.mapping.making import faults_of


def paths_of(*rules: str) -> list[str]:
    """Where something is wrong with these rules."""
    return [
        fault.path for fault in faults_of("format: segment\nrules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules))
    ]


@pytest.mark.parametrize(
    "name",
    (
        "id",
        "listId",
        "softDeleteAt",
        "teamId",
        "updatedAt",
        "email",
        "userId",
        "eventName",
        "eventProperties",
        "mailingLists",
    ),
)
@pytest.mark.parametrize("section", ("event", "contact"))
def test_reserved_names_are_no_properties(section: str, name: str) -> None:
    """Neither Loops' own nor the members of its requests."""
    assert [f"rules[0].{section}.{name}"] == paths_of(f"name: a, when: A, send: a, {section}: {{{name}: x}}")


@pytest.mark.parametrize("name", ("plan", "firstName", "subscribed", "userGroup", "ID", "first name", "größe"))
def test_other_names_are(name: str) -> None:
    """Loops' standard ones among them."""
    assert [] == paths_of(f"name: a, when: A, send: a, contact: {{{name}: x}}")


@pytest.mark.parametrize(
    ("rule", "paths"),
    (
        ("when: A", ["rules[0]"]),
        ("when: A, update: false", ["rules[0]"]),
        ("when: A, send: a, create: true", ["rules[0].create"]),
        ("when: A, update: true, event: {}", ["rules[0].event"]),
        ("when: A, delete: true, contact: {}, lists: {}", ["rules[0].contact", "rules[0].lists"]),
        ("when: A, create: true, identity: userId", ["rules[0].identity"]),
        ("when: A, create: true, identity: email", []),
        ("when: A, delete: true, identity: userId", []),
        ("when: A, send: 'a:b'", ["rules[0].send"]),
        ("when: 'a:b', send: a", []),
        ("when: {a.b: c}, send: a", ["rules[0].when.a.b"]),
    ),
)
def test_a_rule_makes_one_call_with_what_goes_with_it(rule: str, paths: list[str]) -> None:
    """The others are named."""
    assert paths == paths_of(f"name: x, {rule}")


@pytest.mark.parametrize(
    ("list_id", "right"),
    (
        ("cm06f5v0e45nf0ml5754o9cix", True),
        ("clm2k8j4h6g0f8d6s4a2b0z8", True),
        ("Newsletter", False),
        ("product updates", False),
        ("cm06", False),
    ),
)
def test_a_list_is_named_by_its_id(list_id: str, right: bool) -> None:
    """Not by what people call it."""
    assert right == (not paths_of(f"name: a, when: A, send: a, lists: {{{list_id}: true}}"))


def test_names_and_ids_are_unique() -> None:
    """A name is an id where there is no other; disabled rules count."""
    rules = (
        "name: a, when: A, send: a",
        "name: b, id: a, when: A, send: a",
        "name: a, id: c, when: A, send: a, enabled: false",
    )

    assert ["rules[1].id", "rules[2].name"] == paths_of(*rules)
