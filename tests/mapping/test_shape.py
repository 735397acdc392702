"""Keys and kinds of values."""

from __future__ import annotations

from consumer.documents import read_document
from consumer.mapping.grammar import MappingText
from consumer.mapping.shape import Shape, read_shape


def shape_of(text: str) -> Shape[MappingText]:
    """The shape of a document."""
    return read_shape(read_document(text, "mapping.yaml"), MappingText)


def test_what_is_right_is_kept_where_something_else_is_wrong() -> None:
    """So that it can be looked at too, in the same go."""
    shape = shape_of(
        "format: segment\nrules:\n  - {name: a, when: A, sned: a, where: x}\n  - {name: b, when: 5, send: b}\n"
    )

    assert shape.text is not None
    assert ["a", "b"] == [rule.name for rule in shape.text.rules]
    assert {("rules", 0, "sned"), ("rules", 1, "when")} == shape.faulty


def test_a_missing_key_is_one_fault() -> None:
    """What stands behind it is not found wrong in addition."""
    shape = shape_of("format: segment\n")

    assert {("rules",)} == shape.faulty
    assert ["this key is missing; allowed: a list of at least one rule"] == [fault.message for fault in shape.faults]


def test_a_misspelt_key_is_not_missing_besides() -> None:
    """One mistake is one fault; the key counts as faulty all the same."""
    shape = shape_of("format: segment\nrule: [{name: a, when: A, send: a}]\n")

    assert ["unknown key"] == [fault.message for fault in shape.faults]
    assert "did you mean rules?" == shape.faults[0].hint
    assert {("rule",), ("rules",)} == shape.faulty


def test_dates_of_tests_are_what_was_written() -> None:
    """An event is JSON, in which they are text; elsewhere a date is a mistake."""
    test = "tests: [{name: t, at: 2026-05-01T10:00:00Z, given: {day: 2026-05-01, ts: 2026-05-01 10:00:00}, expect: []}]"
    shape = shape_of("format: segment\nrules: [{name: a, when: A, send: a}]\n" + test)

    assert shape.text is not None
    assert "2026-05-01T10:00:00Z" == shape.text.tests[0].at
    assert {"day": "2026-05-01", "ts": "2026-05-01 10:00:00"} == shape.text.tests[0].given
