"""The files of one mapping, read as one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from consumer.faults import Faults
from consumer.mapping.parts import FILES_MAX, read_parts
from consumer.mapping.rules import CompiledMapping, load_mapping

RULE = "rules: [{name: %s, when: A, update: true}]\n"


class Folder:
    """Files in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """By their names."""
        self.files = files

    def read(self, name: str) -> str:
        """As from a disk."""
        if name not in self.files:
            raise FileNotFoundError(2, "No such file or directory")
        if self.files[name] == "\0":
            raise ValueError
        return self.files[name]

    def tests(self) -> list[str]:
        """Those below tests/."""
        return sorted(name for name in self.files if name.startswith("tests/"))


def loaded(main: str, **files: str) -> CompiledMapping:
    """A mapping ``a/m.yaml`` with files beside it, named without their suffix."""
    beside = Folder({f"{name.replace('__', '/')}.yaml": text for name, text in files.items()})
    return load_mapping(main, "a/m.yaml", beside=beside)


def faults(main: str, **files: str) -> list[str]:
    """The first line of each fault."""
    with pytest.raises(Faults) as wrong:
        loaded(main, **files)
    return [str(fault).split("\n", 1)[0] for fault in wrong.value.faults]


def test_rules_of_included_files_act_after_those_of_the_main_one() -> None:
    """In the order in which the files are listed."""
    mapping = loaded("format: segment\ninclude: [y.yaml, x.yaml]\n" + RULE % "main", x=RULE % "x", y=RULE % "y")

    assert ["main", "y", "x"] == [rule.name for rule in mapping.rules]


def test_the_main_file_may_have_no_rules_of_its_own() -> None:
    """Where it includes some."""
    assert 1 == len(loaded("format: segment\ninclude: [x.yaml]\n", x=RULE % "x").rules)


def test_definitions_of_included_files_are_the_main_ones_too() -> None:
    """The main one's may read them."""
    main = "format: segment\ninclude: [x.yaml]\ndefine: {b: $a & '!'}\n"
    main += "rules: [{name: r, when: A, update: true, contact: {p: $b}}]\n"

    assert 1 == len(loaded(main, x="define: {a: properties.plan}\n").rules)


def test_the_digest_follows_from_every_file_but_tests() -> None:
    """They change nothing of what is sent."""
    main = "format: segment\ninclude: [x.yaml]\n"
    test = "tests: [{name: t, given: {}, expect: []}]\n"
    one, other = loaded(main, x=RULE % "x"), loaded(main, x=RULE % "y")

    assert one.digest != other.digest
    assert one.digest == loaded(main, x=RULE % "x", tests__t=test).digest


@pytest.mark.parametrize(
    ("main", "files", "said"),
    (
        ("include: [x.yaml]\n", {}, ["a/m.yaml:2:11: include[0]: x.yaml cannot be read: No such file or directory"]),
        ("include: [x.yaml]\n", {"x": "\0"}, ["a/m.yaml:2:11: include[0]: x.yaml is not text in UTF-8"]),
        ("include: [x.yaml, x.yaml]\n", {"x": RULE % "x"}, ["a/m.yaml:2:19: include[1]: this file is included twice"]),
        ("include: [x.yaml]\n", {"x": "a: [\n"}, ['a/x.yaml:1:4: this "[" is not closed']),
        ("include: [x.yaml]\n", {"x": "[]\n"}, ["a/x.yaml:1:1: found an empty list; allowed: a mapping with rules"]),
        ("include: [x.yaml]\n", {"x": "format: json\n"}, ["a/x.yaml:1:1: format: unknown key"]),
        (
            "include: [x.yaml, y.yaml]\n",
            {"x": RULE % "r", "y": RULE % "r"},
            ['a/y.yaml:1:16: rules[0].name: rules[0] of a/x.yaml is called "r" too'],
        ),
        (
            "include: [x.yaml]\ndefine: {p: a}\n" + RULE % "r",
            {"x": "define: {p: b}\n"},
            ["a/m.yaml:3:10: define.p: $p is defined twice, first in a/x.yaml"],
        ),
        (RULE % "r", {"tests__t": "rules: []\n"}, ["a/tests/t.yaml:1:1: rules: unknown key"]),
        (
            RULE % "r" + "tests: [{name: t, given: {}, expect: []}]\n",
            {"tests__t": "tests: [{name: t, given: {}, expect: []}]\n"},
            ['a/tests/t.yaml:1:16: tests[0].name: tests[0] of a/m.yaml is called "t" too'],
        ),
    ),
)
def test_a_fault_stands_in_the_file_that_it_is_in(main: str, files: dict[str, str], said: list[str]) -> None:
    """With its place there."""
    assert set(said) <= set(faults("format: segment\n" + main, **files))


def test_a_mapping_has_a_bounded_number_of_files() -> None:
    """A folder of a million is a mistake."""
    names = [f"x{number}.yaml" for number in range(FILES_MAX + 1)]
    files = {name: f"rules: [{{name: {name}, when: A, update: true}}]\n" for name in names}

    parts = read_parts(f"format: segment\ninclude: [{', '.join(names)}]\n", "m.yaml", Folder(files))

    assert FILES_MAX == len(parts.included)
    assert [f"a mapping has at most {FILES_MAX} files"] == [fault.message for fault in parts.faults]
