"""The files of one mapping: the main one, those that it includes, and the tests beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from consumer.documents import Document, read_document
from consumer.faults import Fault, Faults
from consumer.mapping.findings import Findings
from consumer.mapping.grammar import MappingText, PartText, RuleText, TestsText, TestText
from consumer.mapping.shape import Shape, read_shape
from consumer.mapping.wording import Keys

__all__ = ["FILES_MAX", "NOTHING_BESIDE", "Beside", "Part", "Parts", "read_parts"]

FILES_MAX = 100
"""Files of one mapping."""


class Beside(Protocol):
    """The files beside a mapping, by names relative to it."""

    def read(self, name: str) -> str:
        """The text of a file. Raises ``OSError``, and ``ValueError`` where it is no text."""

    def tests(self) -> Sequence[str]:
        """The files of tests, sorted."""


@dataclass(frozen=True, slots=True)
class _Nothing:
    """There are none."""

    def read(self, name: str) -> str:  # noqa: ARG002 - no name leads anywhere
        raise FileNotFoundError

    def tests(self) -> Sequence[str]:
        return ()


NOTHING_BESIDE: Beside = _Nothing()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One file, as far as it could be read."""

    document: Document
    findings: Findings
    define: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    rules: Sequence[RuleText] = ()
    tests: Sequence[TestText] = ()
    faulty: frozenset[Keys] = frozenset()

    @property
    def file(self) -> str:
        """What faults call it."""
        return self.document.file

    def is_faulty(self, *keys: str | int) -> bool:
        """Whether something at or below these keys has the wrong shape."""
        return any(found[: len(keys)] == keys for found in self.faulty)


@dataclass(frozen=True, slots=True)
class Parts:
    """All files of a mapping."""

    main: Part
    text: MappingText
    included: tuple[Part, ...]
    tests: tuple[Part, ...]
    names: tuple[str, ...]
    """Of all files beside the main one, relative to it."""

    def __iter__(self) -> Iterator[Part]:
        """In the order in which their rules act."""
        yield self.main
        yield from self.included
        yield from self.tests

    @property
    def faults(self) -> list[Fault]:
        """All of them, file by file, each file's from its top."""
        found = [sorted(part.findings.faults, key=lambda fault: (fault.line or 0, fault.column or 0)) for part in self]
        return [fault for faults in found for fault in faults]


def read_parts(text: str, file: str, beside: Beside) -> Parts:
    """Reads all files of a mapping; ``text`` is that of the main one, which faults call ``file``.

    Raises :class:`Faults` where the main one has no shape at all; all else is found later.
    """
    document = read_document(text, file)
    shape = read_shape(document, MappingText)
    if shape.text is None:
        raise Faults(shape.faults)
    main = _part(document, shape, shape.text)
    included = tuple(_included(main, shape.text.include, beside))
    names = (*shape.text.include, *beside.tests())
    return Parts(main, shape.text, included, tuple(_tests(main, beside)), names)


def _part(document: Document, shape: Shape[MappingText] | Shape[PartText], text: MappingText | PartText) -> Part:
    findings = Findings(document)
    findings.faults += shape.faults
    return Part(document, findings, text.define, text.rules, text.tests, shape.faulty)


def _included(main: Part, names: Sequence[str], beside: Beside) -> Iterator[Part]:
    for index, name in enumerate(names):
        if main.is_faulty("include"):
            return
        at = ("include", index)
        if name in names[:index]:
            main.findings.add(at, "this file is included twice")
        elif index >= FILES_MAX:
            main.findings.add(at, f"a mapping has at most {FILES_MAX} files")
        elif (document := _read(name, main, at, beside)) is not None:
            shape = read_shape(document, PartText)
            if shape.text is not None:
                yield _part(document, shape, shape.text)
            else:
                main.findings.faults += shape.faults


def _tests(main: Part, beside: Beside) -> Iterator[Part]:
    for name in beside.tests()[:FILES_MAX]:
        document = _read(name, main, (), beside)
        if document is None:
            continue
        shape = read_shape(document, TestsText)
        findings = Findings(document)
        findings.faults += shape.faults
        yield Part(document, findings, tests=() if shape.text is None else shape.text.tests, faulty=shape.faulty)


def _read(name: str, main: Part, at: Sequence[str | int], beside: Beside) -> Document | None:
    """A file beside the main one; ``None``, and a fault, where it cannot be read."""
    try:
        return read_document(beside.read(name), main.file[: main.file.rfind("/") + 1] + name)
    except OSError as error:
        main.findings.add(at, f"{name} cannot be read: {error.strerror or 'there is no such file'}")
    except ValueError:
        main.findings.add(at, f"{name} is not text in UTF-8")
    except Faults as wrong:
        main.findings.faults += wrong.faults
    return None
