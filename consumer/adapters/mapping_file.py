"""The mapping's files, watched while the program runs.

1. Once a second they are read and compared with what they held. Neither their times nor their names count: a
   ConfigMap's files stay and a symbolic link behind them changes, and a time says nothing of a second change.
2. A change counts when two looks in a row have found the same, since a file that is half written may be a valid
   mapping with fewer rules: what the missing ones want would be passed over for good. One look is enough where
   somebody asked for it.
3. It is judged on a thread of its own. What changed meanwhile is judged anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from consumer.adapters.mapping_folder import MappingFolder, read_mapping, text_of
from consumer.logs import defect, logger, shown
from consumer.mapping.envelope import ValueDecoder
from consumer.mapping.format_choice import Lacks, lacks_nothing
from consumer.mapping.renewal import Refusal, Renewal, renewed
from consumer.ports import MappingListener

__all__ = ["LOOK_EVERY_S", "MappingFile"]

LOOK_EVERY_S: Final = 1.0

_log = logger("mapping")


class MappingFile:
    """Implements :class:`consumer.ports.MappingSource`. Use it on one event loop's thread alone."""

    def __init__(
        self,
        file: Path,
        topics: Sequence[str],
        environ: Mapping[str, str],
        in_use: str,
        *,
        decoder: ValueDecoder | None = None,
        lacks: Lacks = lacks_nothing,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Looks at nothing yet. ``in_use`` is the digest of the mapping that is.

        ``file``, ``topics``, ``environ`` and ``lacks`` as ``read_mapping`` has them, ``decoder`` as ``Selector`` does.
        """
        self.refused: Sequence[str] = ()
        """Why what the files hold now is not in use; empty where it is."""
        self._files = _Files(file)
        self._in_use = in_use
        self._look_every_s = look_every_s
        self._load = lambda: read_mapping(file, topics, environ, read=self._files.text, lacks=lacks)
        self._decoder = decoder
        self._judged: Contents | None = None
        self._asked = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    def start(self, listener: MappingListener) -> None:
        """Begins to look."""
        self._watching = self._watching or asyncio.get_running_loop().create_task(self._watch(listener))

    def look(self) -> None:
        """Looks now, and takes what is there for whole."""
        self._asked.set()

    def stop(self) -> None:
        """Looks no more; may be called twice."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self, listener: MappingListener) -> None:
        found = await asyncio.to_thread(self._files.look)
        asked = True
        while True:
            if found != self._judged and asked:
                await self._judge(listener)
            asked = await self._is_asked()
            before, found = found, await asyncio.to_thread(self._files.look)
            asked = asked or found == before

    async def _is_asked(self) -> bool:
        """Waits for the next look; returns whether somebody asked for it."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), self._look_every_s)
        asked = self._asked.is_set()
        self._asked.clear()
        return asked

    async def _judge(self, listener: MappingListener) -> None:
        self._judged, found = await asyncio.to_thread(self._renewed)
        if self._judged is None:
            return
        self.refused = tuple(map(shown, found.reasons)) if isinstance(found, Refusal) else ()
        match found:
            case Renewal(rules):
                self._in_use = rules.digest
                listener.mapping_found(found)
            case Refusal(kind):
                listener.mapping_refused(kind, self.refused)

    def _renewed(self) -> tuple[Contents | None, Renewal | Refusal | None]:
        """What the files hold, and what that comes to; no contents where they changed meanwhile."""
        self._files.forget()
        try:
            found = renewed(self._load, self._in_use, self._decoder)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mapping in use stays, and goes on
            _log.error("mapping_not_compiled", defect=defect(error))
            found = Refusal("faults", ("it cannot be compiled, which is a defect of this program: see its log",))
        return self._files.unchanged(), found


Contents = Mapping[Path, bytes | None]
"""The digest of each file; None for one that cannot be read."""


class _Files:
    """One mapping's files on disk. Used by one thread at a time."""

    def __init__(self, main: Path) -> None:
        self._main = main
        self._read: dict[Path, bytes | None] = {}
        """What each file held when the mapping was read, whether or not it is valid."""

    def forget(self) -> None:
        """The mapping is about to be read."""
        self._read.clear()

    def text(self, file: Path) -> str:
        """As ``text_of``; remembers what was there."""
        self._read[file] = None
        text = text_of(file)
        self._read[file] = _digest(text)
        return text

    def look(self) -> Contents:
        """What is there now: the files that were read, and every file of tests."""
        return {file: _found(file) for file in {self._main, *self._read, *self._tests()}}

    def unchanged(self) -> Contents | None:
        """What is there now, where that is what was read; else None."""
        found = self.look()
        return found if all(found[file] == digest for file, digest in self._read.items()) else None

    def _tests(self) -> Sequence[Path]:
        folder = self._main.parent
        try:
            return [folder / name for name in MappingFolder(folder).tests()]
        except OSError:
            return ()


def _found(file: Path) -> bytes | None:
    try:
        return _digest(text_of(file))
    except (OSError, ValueError):
        return None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
