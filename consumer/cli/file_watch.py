"""Does something at once, and again after each change of some files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple, TypeVar

__all__ = ["after_each_change"]

_POLL_S: Final = 0.3
"""Between two looks: at once for a person, and no load for a hundred files."""

_Result = TypeVar("_Result")


class _Stamp(NamedTuple):
    """What changes with a file, also where another one takes its place."""

    modified_ns: int
    size: int
    inode: int


def after_each_change(
    run: Callable[[], _Result], files: Callable[[], Iterable[Path]], stop: Event
) -> Iterator[_Result]:
    """What each run comes to, until ``stop`` is set.

    ``files`` is asked again at every look: one that appears or goes away is a change, unless the run itself has only
    then learned of it.
    """
    while True:
        before = _stamps(files())
        yield run()
        seen = {file: before.get(file, stamp) for file, stamp in _stamps(files()).items()}
        while _stamps(files()) == seen:
            if stop.wait(_POLL_S):
                return


def _stamps(files: Iterable[Path]) -> dict[Path, _Stamp | None]:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> _Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return _Stamp(found.st_mtime_ns, found.st_size, found.st_ino)
