"""Where a key or a value stands in a YAML text, and what is wrong with one that is none."""

from __future__ import annotations

import pytest

from consumer.documents import Path, Scalar, dotted, read_document
from consumer.faults import Fault, Faults

TEXT = """\
kafka:
  topics: [orders, users]  # two
  client: {sasl.username: "u", 5: x}
rules:
  - name: one
    when: "1"
  - name: two
on: 12
"""


def faults_of(text: str) -> tuple[Fault, ...]:
    """What is wrong with the text."""
    with pytest.raises(Faults) as found:
        read_document(text, "a.yaml")
    return found.value.faults


@pytest.mark.parametrize(
    ("path", "of_value", "of_key"),
    (
        (("kafka",), (2, 3), (1, 1)),
        (("kafka", "topics"), (2, 11), (2, 3)),
        (("kafka", "topics", 1), (2, 20), (2, 20)),
        (("kafka", "client", "sasl.username"), (3, 27), (3, 12)),
        (("kafka", "client", 5), (3, 35), (3, 32)),
        (("rules", 1, "name"), (7, 11), (7, 5)),
        (("on",), (8, 5), (8, 1)),
        ((), (1, 1), (1, 1)),
    ),
)
def test_each_key_and_value_has_its_place(path: Path, of_value: tuple[int, int], of_key: tuple[int, int]) -> None:
    """Line and column count from 1; an item of a list has no key, so its value stands for it."""
    document = read_document(TEXT, "a.yaml")

    assert of_value == document.place(path)
    assert of_key == document.place(path, of_key=True)


def test_what_is_absent_is_placed_at_its_nearest_parent() -> None:
    """A fault about something that is missing points at where it would be."""
    document = read_document(TEXT, "a.yaml")

    assert document.place(("rules", 1)) == document.place(("rules", 1, "when"))
    assert document.place(("rules",)) == document.place(("rules", 7))
    assert document.place(("kafka", "topics", 0)) == document.place(("kafka", "topics", 0, "x"))


def test_a_fault_shows_the_line_it_is_about() -> None:
    """With file, place, key and hint."""
    fault = read_document(TEXT, "a.yaml").fault(("rules", 0, "when"), "wrong", hint="do this")

    assert Fault("wrong", "a.yaml", "rules[0].when", 6, 11, '    when: "1"', "do this") == fault


def test_an_empty_document_is_no_data() -> None:
    """Nothing, and comments alone, are YAML."""
    assert read_document("", "a.yaml").data is None
    assert read_document("# nothing\n", "a.yaml").data is None
    assert read_document("", "a.yaml").fault(("x",), "wrong").line == 1


def test_yaml_is_version_1_2() -> None:
    """``on``, ``no`` and 0o17-like words are not booleans and octals as in YAML 1.1."""
    assert read_document("{on: no, a: 010}", "a.yaml").data == {"on": "no", "a": 10}


def test_a_key_that_stands_twice_is_a_fault_at_the_second() -> None:
    """The later one would win in silence."""
    (fault,) = faults_of("a: 1\nb: 2\na: 3\n")

    assert Fault("the key a stands twice, first in line 1", "a.yaml", "", 3, 1, "a: 3") == fault


def test_a_value_that_is_left_empty_is_placed_at_its_key() -> None:
    """YAML finds it in front of whatever comes next, which may be lines below."""
    document = read_document("a:\n  b:\n\n  # a comment\n  c: {}\n", "a.yaml")

    assert (2, 3) == document.place(("a", "b"))
    assert (5, 6) == document.place(("a", "c"))


@pytest.mark.parametrize(
    "text", ("a: \x00", "a: 2001-99-99", "a: 1\n--- \nb: 2\n", "!!python/object:os.system {}\n", "[" * 9000)
)
def test_other_broken_texts_are_faults_and_no_tracebacks(text: str) -> None:
    """Control characters, impossible dates, a second document, tags of other languages, endless nesting."""
    assert ["a.yaml"] == [fault.file for fault in faults_of(text)]


def test_a_path_is_written_with_dots_and_brackets() -> None:
    """As a user would write it."""
    assert dotted(("rules", 0, "when")) == "rules[0].when"
    assert not dotted(())


@pytest.mark.parametrize(
    ("text", "written"),
    (
        ("a: 2026-05-01", Scalar("2026-05-01", "", 1, 4)),
        ("a: 'it''s'", Scalar("it's", "'", 1, 4)),
        ("a: |\n  x\n", Scalar("x\n", "|", 1, 4)),
        ("a:", Scalar("", "", 1, 3)),
        ("a: [1]", None),
    ),
)
def test_a_value_is_there_as_it_was_written(text: str, written: Scalar | None) -> None:
    """Before it became a date or a number, and with its quotes."""
    document = read_document(text, "a.yaml")

    assert written == document.scalar(("a",))
    assert Scalar("a", "", 1, 1) == document.scalar(("a",), of_key=True)
