"""A mapping is read from its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.adapters.mapping_folder import MAPPING_BYTES_MAX, MappingFolder, read_mapping, text_of
from consumer.faults import Faults

MAIN = """
format: segment
env: [STAGE]
include: [more.yaml]
rules: [{name: a, when: A, send: a, event: {stage: $env.STAGE}}]
"""
MORE = "rules: [{name: b, when: B, update: true}]\n"
TESTS = "tests: [{name: t, given: {type: track, event: B, userId: u1}, expect: [{update: true, userId: u1}]}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mapping of three files."""
    (tmp_path / "mapping.yaml").write_text(MAIN)
    (tmp_path / "more.yaml").write_text(MORE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/b.yaml").write_text(TESTS)
    (tmp_path / "tests/notes.txt").write_text("not a test")
    return tmp_path


def test_all_files_of_a_mapping_are_read(folder: Path) -> None:
    """What it includes, and the tests beside it."""
    mapping = read_mapping(folder / "mapping.yaml", (), {"STAGE": "prod"})

    assert ["a", "b"] == [rule.name for rule in mapping.rules]
    assert ["t"] == [case.name for case in mapping.cases]
    assert ("more.yaml", "tests/b.yaml") == mapping.files


def test_whoever_reads_a_mapping_can_be_told_which_files(folder: Path) -> None:
    """All of them, in any order."""
    seen: list[Path] = []

    def noting(file: Path) -> str:
        seen.append(file)
        return text_of(file)

    read_mapping(folder / "mapping.yaml", (), {"STAGE": "prod"}, read=noting)

    assert {folder / name for name in ("mapping.yaml", "more.yaml", "tests/b.yaml")} == set(seen)


def test_a_fault_names_the_file_that_it_is_in(folder: Path) -> None:
    """By a path that an editor opens."""
    (folder / "more.yaml").write_text("rules: [{name: b, when: B, update: maybe}]\n")

    with pytest.raises(Faults) as wrong:
        read_mapping(folder / "mapping.yaml", (), {"STAGE": "prod"})

    assert [str(folder / "more.yaml")] == [fault.file for fault in wrong.value.faults]


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    """The hint is the caller's."""
    with pytest.raises(Faults, match="No such file or directory\n    look here"):
        read_mapping(tmp_path / "mapping.yaml", (), {}, hint="look here")


@pytest.mark.parametrize("content", (b"\xff\xfe", b"#" * (MAPPING_BYTES_MAX + 1)), ids=("not utf-8", "too long"))
def test_what_is_no_text_of_a_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    """As an image, or a dump."""
    (tmp_path / "mapping.yaml").write_bytes(content)

    with pytest.raises(Faults, match="is not text in UTF-8"):
        read_mapping(tmp_path / "mapping.yaml", (), {})
    with pytest.raises(ValueError, match=r"^$|codec"):
        MappingFolder(tmp_path).read("mapping.yaml")


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    """The digest is of the text, not of where it was edited."""
    (tmp_path / "a").write_bytes(b"x: 1\r\ny: 2\r\n")

    assert "x: 1\ny: 2\n" == text_of(tmp_path / "a")


def test_without_a_folder_of_tests_there_are_none(tmp_path: Path) -> None:
    """It need not be there."""
    assert () == MappingFolder(tmp_path).tests()
