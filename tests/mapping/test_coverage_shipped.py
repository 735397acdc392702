"""The shipped mapping's own tests cover all of it: whatever is changed in it, one of them fails."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson
import pytest

from consumer.documents import Document, dotted, read_document
from consumer.faults import Faults
from consumer.mapping.cases import run_cases
from consumer.mapping.coverage import gaps_in
from consumer.mapping.rules import load_mapping

Keys: TypeAlias = tuple[str | int, ...]

SHIPPED: Final = (Path(__file__).parents[2] / "config" / "mapping.yaml").read_text()
SECTIONS: Final = ("event", "contact", "lists")
LEFT_OUT: Final = "left out"
"""In place of a value: its key goes too."""


def as_written(document: Document) -> Any:
    """The document's data, in which a date is the text that stands there: the form in which it can be JSON."""

    def plain(value: Any, keys: Keys) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner, (*keys, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner, (*keys, index)) for index, inner in enumerate(value)]
        written = document.scalar(keys)
        return written.text if isinstance(value, dt.date) and written is not None else value

    return plain(document.data, ())


DATA: Final = as_written(read_document(SHIPPED, "mapping.yaml"))


def expressions() -> Iterator[tuple[Keys, Any]]:
    """Each expression of the mapping: its place and what stands there."""
    for section in ("define", "contact"):
        yield from (((section, name), value) for name, value in DATA.get(section, {}).items())
    for index, rule in enumerate(DATA["rules"]):
        if "where" in rule:
            yield ("rules", index, "where"), rule["where"]
        for section in SECTIONS:
            yield from ((("rules", index, section, name), value) for name, value in rule.get(section, {}).items())


def others(keys: Keys, value: Any) -> tuple[Any, ...]:
    """Expressions that say something else than the one that stands there."""
    if keys[-1] == "where":
        return True, False, f"$not({value})"
    if "lists" in keys:
        return (not value,) if isinstance(value, bool) else (True, False)
    return ('"other@example.com"',) if keys == ("contact", "email") else ('"other"',)


def settled() -> Iterator[tuple[Keys, Any]]:
    """What stands in the rules beside expressions and decides what is sent: each with something else in its place."""
    for index, rule in enumerate(DATA["rules"]):
        at = ("rules", index)
        if "send" in rule:
            yield (*at, "send"), "other"
        if "max_age" in rule:
            yield (*at, "max_age"), None
        when = rule["when"]
        if isinstance(when, dict):
            yield from (((*at, "when", field), "other") for field in when)
        elif isinstance(when, list):
            yield from (((*at, "when", number), "other") for number in range(len(when)))
        else:
            yield (*at, "when"), "other"


OTHERS: Final = [(keys, other) for keys, value in expressions() for other in others(keys, value)]
FURTHER: Final = [*((keys, LEFT_OUT) for keys, _ in expressions() if len(keys) > 3), *settled()]


def changed(keys: Keys, change: Any) -> str:
    """The mapping with something else at one place."""
    data = copy.deepcopy(DATA)
    parent = data
    for key in keys[:-1]:
        parent = parent[key]
    if change == LEFT_OUT:
        del parent[keys[-1]]
    else:
        parent[keys[-1]] = change
    return orjson.dumps(data).decode()


def failing(text: str) -> list[str]:
    """The tests of a mapping that fail."""
    return [result.name for result in run_cases(load_mapping(text, "mapping.yaml")) if not result.passed]


def named(changes: list[tuple[Keys, Any]]) -> list[str]:
    """What pytest calls each of them."""
    return [f"{dotted(keys)}: {change}" for keys, change in changes]


@pytest.mark.parametrize(("keys", "other"), OTHERS, ids=named(OTHERS))
def test_another_expression_fails_a_test(keys: Keys, other: Any) -> None:
    """Whichever it is, in a mapping that is sound with the other one too."""
    assert failing(changed(keys, other))


@pytest.mark.parametrize(("keys", "change"), FURTHER, ids=named(FURTHER))
def test_any_other_change_of_what_is_sent_is_noticed(keys: Keys, change: Any) -> None:
    """It fails a test, or a test expects by then what no rule makes, which is a fault."""
    text = changed(keys, change)

    try:
        noticed = failing(text)
    except Faults as wrong:
        noticed = [fault.path for fault in wrong.faults if fault.path.startswith("tests")]

    assert noticed


def test_without_a_change_every_test_passes_and_no_rule_is_open() -> None:
    """Each is reached and makes a request; each condition is true in a test and false in another."""
    mapping = load_mapping(SHIPPED, "mapping.yaml")
    results = run_cases(mapping)

    assert [] == failing(orjson.dumps(DATA).decode()) == failing(SHIPPED)
    assert () == gaps_in(mapping, [result.told for result in results])
    assert len(mapping.rules) > 5
    assert len(OTHERS) > 15
