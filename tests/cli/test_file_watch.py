"""Something is done again after each change of some files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from consumer.cli.file_watch import after_each_change


class Looks(Event):
    """Instead of time passing between two looks, this is done; after the last of it, it is stopped."""

    def __init__(self, *between: Callable[[], object]) -> None:
        """Nothing is done yet."""
        super().__init__()
        self._between = iter(between)

    def wait(self, timeout: float | None = None) -> bool:
        """Does the next."""
        assert timeout is not None
        todo = next(self._between, None)
        if todo is None:
            return True
        todo()
        return False


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that is watched, with all that lies beside it."""
    (tmp_path / "a.yaml").write_text("a")
    return tmp_path / "a.yaml"


def runs(file: Path, *between: Callable[[], object]) -> int:
    """How often it ran until nothing was left to do."""
    return len(list(after_each_change(lambda: None, file.parent.iterdir, Looks(*between))))


def nothing() -> None:
    """Does nothing."""


def test_it_runs_at_once_and_not_again_without_a_change(file: Path) -> None:
    """However often it looks."""
    assert 1 == runs(file, nothing, nothing)


def test_each_change_is_another_run(file: Path) -> None:
    """Of what is in it, of another file in its place, of one that appears or goes away."""
    stamp = file.stat()

    def replace_it() -> None:
        other = file.with_name("b.yaml")
        other.write_text("b")
        os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        other.replace(file)

    assert 2 == runs(file, replace_it)
    assert 2 == runs(file, lambda: file.write_text("longer"))
    assert 3 == runs(file, lambda: file.with_name("c.yaml").write_text("c"), nothing, file.unlink)


def test_a_change_while_it_runs_is_not_missed(file: Path) -> None:
    """It may have been read before that."""
    texts = iter(("during the run", "during the run"))

    def run() -> None:
        file.write_text(next(texts))

    ran = after_each_change(run, lambda: [file], Looks())

    assert ["first", "second"] == [name for name, _ in zip(("first", "second"), ran, strict=False)]


def test_what_a_run_learns_to_watch_is_no_change(file: Path) -> None:
    """It has just been read."""
    watched = [file]
    included = file.with_name("included.yaml")
    included.write_text("i")

    def files() -> Iterator[Path]:
        return iter(watched)

    ran = after_each_change(
        lambda: watched.append(included), files, Looks(nothing, lambda: included.write_text("more"))
    )

    assert 2 == len(list(ran))
