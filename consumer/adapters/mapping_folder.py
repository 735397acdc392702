"""A mapping on disk: the file that the settings name, and what lies beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from consumer.faults import Fault, Faults
from consumer.mapping.format_choice import Lacks, lacks_nothing
from consumer.mapping.rules import CompiledMapping, load_mapping

__all__ = ["MAPPING_BYTES_MAX", "MappingFolder", "read_mapping", "text_of"]

MAPPING_BYTES_MAX = 4 * 1024 * 1024
"""Of one file: what is longer is some other file."""

_TESTS = "tests"


def text_of(file: Path) -> str:
    """What the file holds. Raises ``OSError``, and ``ValueError`` where it is no text, or too long for a mapping."""
    with file.open("rb") as stream:
        found = stream.read(MAPPING_BYTES_MAX + 1)
    if len(found) > MAPPING_BYTES_MAX:
        raise ValueError
    return found.decode("utf-8").replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class MappingFolder:
    """The folder of a mapping, as :class:`consumer.mapping.parts.Beside` has it."""

    folder: Path
    text: Callable[[Path], str] = text_of

    def read(self, name: str) -> str:
        """The text of a file. Raises ``OSError``, and ``ValueError`` where it is no text."""
        return self.text(self.folder / name)

    def tests(self) -> Sequence[str]:
        """``tests/*.yaml``, sorted."""
        found = sorted((self.folder / _TESTS).glob("*.yaml"))
        return tuple(f"{_TESTS}/{file.name}" for file in found if file.is_file())


def read_mapping(
    file: Path,
    topics: Sequence[str],
    environ: Mapping[str, str],
    *,
    hint: str | None = None,
    read: Callable[[Path], str] = text_of,
    lacks: Lacks = lacks_nothing,
) -> CompiledMapping:
    """Reads and compiles a mapping; ``topics``, ``environ`` and ``lacks`` as ``load_mapping`` has them.

    Each of its files is taken by ``read``, which does what :func:`text_of` does. Raises :class:`Faults` with all that
    is wrong; ``hint`` is what to do where there is no such file.
    """
    try:
        text = read(file)
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(file), hint=hint)]) from None
    except ValueError:
        raise Faults([Fault("is not text in UTF-8", str(file))]) from None
    beside = MappingFolder(file.parent, read)
    return load_mapping(text, str(file), topics, beside=beside, environ=environ, lacks=lacks)
