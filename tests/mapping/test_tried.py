"""What a mapping's own tests show of its rules."""

from __future__ import annotations

from consumer.mapping.sent_as import SentAs
from consumer.mapping.tried import tried
from tests.mapping.making import mapping_of

TESTS = (
    "format: segment\ntests:\n"
    "  - {name: one, given: {type: track, event: a, userId: u1, total: 3, at: 2026-05-01}, expect: []}\n"
    "  - {name: two, given: {type: track, event: a, userId: u1, total: much, at: 2026-05-02}, expect: []}\n"
    "  - {name: none, given: {type: track, event: b, userId: u1, total: true}, expect: []}\n"
    "  - {name: bad, given: {type: track, event: 7}, expect: []}\n"
)


def test_each_name_has_the_types_of_its_values_and_the_first_test_of_each() -> None:
    """By rule and section; whatever the tests expect. What cannot be read shows nothing."""
    mapping = mapping_of(
        "when: a, send: x, event: {total: total}, contact: {at: at}, lists: {cm06f5v0e45nf0ml5754o9cix: true}",
        "when: a, delete: true",
        top=TESTS,
    )

    assert {
        ("r0", "event"): {"total": {SentAs.SMALL_NUMBER: "one", SentAs.WORDS: "two"}},
        ("r0", "contact"): {"at": {SentAs.DATE: "one"}},
        ("r0", "lists"): {"cm06f5v0e45nf0ml5754o9cix": {SentAs.BOOLEAN: "one"}},
    } == tried(mapping)
