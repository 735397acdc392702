"""Asks a head twice which rules want a record: by a glance, and by decoding all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consumer.core.record import Headers, Record
from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.format import Format
from consumer.mapping.head import Head, Unsure
from tests.mapping.making import Message, mapping_of

__all__ = ["assert_both_ways_agree", "glanced", "head_of", "whole"]


def head_of(form: Format, *whens: str) -> Head:
    """A head for rules that differ in what they are about alone, called ``r0``, ``r1`` and so on."""
    rules = mapping_of(*(f"when: {when}, update: true" for when in whens)).rules
    return Head(form, rules)


def glanced(head: Head, value: bytes, headers: Headers = ()) -> Any:
    """Names of the rules; that the value is unreadable; or that it cannot tell."""
    try:
        seen = head.look(Message(value, with_headers=headers) if head.of_message else value)
    except Unsure:
        return "unsure"
    try:
        return [rule.name for rule in head.wanting(seen)]
    except Unreadable:
        return "unreadable"


def whole(head: Head, value: bytes, headers: Headers = (), key: bytes | None = b"key") -> Any:
    """Names of the rules, or that the value is unreadable, by decoding everything."""
    try:
        event = head.event(Record("events", 0, 0, 0, key, value, headers))
    except Unreadable:
        return "unreadable"
    return [rule.name for rule in head.wanting_event(event)]


def assert_both_ways_agree(heads: Sequence[Head], value: bytes, headers: Headers = ()) -> None:
    """Where the glance tells anything it tells what the whole does, the first time and from the memo.

    What is damaged where the glance does not look is unreadable to the whole alone.
    """
    for head in heads:
        all_of_it = whole(head, value, headers)
        for _ in range(2):
            found = glanced(head, value, headers)
            assert found in ("unsure", all_of_it) or (all_of_it == "unreadable" and isinstance(found, list))
