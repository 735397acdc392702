"""Gathers what is wrong with a mapping, each thing with its place, down to the character of an expression."""

from __future__ import annotations

import re
from dataclasses import replace

from consumer.documents import Document, Path, Scalar
from consumer.faults import Fault
from consumer.mapping.expression import ExpressionFault, Source, source_of
from consumer.mapping.scope import NO_SCOPE, Scope

__all__ = ["Findings"]

_BARE_NAME = re.compile(r"[^\W\d]\w*")
_LITERALS = frozenset({"true", "false", "null"})
_YES_AND_NO = {**dict.fromkeys(("yes", "on", "y"), "true"), **dict.fromkeys(("no", "off", "n"), "false")}
"""What older YAML takes for true and false, and this one for text: here it would be a field that no event has."""


class Findings:
    """The faults of one document, in the order in which they were found."""

    def __init__(self, document: Document) -> None:
        """None so far."""
        self._document = document
        self.faults: list[Fault] = []

    def add(self, path: Path, message: str, hint: str | None = None, *, of_key: bool = False) -> None:
        """Something is wrong at ``path``."""
        self.faults.append(self._document.fault(path, message, hint=hint, of_key=of_key))

    def source(self, path: Path, value: str | float | bool | None, scope: Scope = NO_SCOPE) -> Source | None:
        """The expression that stands at ``path``; ``None``, and a fault, where it cannot be used in this scope."""
        written = self._document.scalar(path)
        if value is None and written is not None and not written.text:
            resets = len(path) > 3 and path[2] == "contact"
            hint = (
                "write null to reset a property, or take the line away"
                if resets
                else "write one, or take the line away"
            )
            self.add(path, "there is no value", hint, of_key=True)
            return None
        if isinstance(value, str) and written is not None and self._lost_its_quotes(path, value, written):
            message = f"YAML takes the quotes away: this is the field {value}, not the text"
            self.add(path, message, f"for the text write '\"{value}\"', for the field leave the quotes away")
            return None
        if isinstance(value, str) and (meant := _YES_AND_NO.get(value.lower())) is not None:
            self.add(
                path,
                f"this is the field {value}, and neither true nor false",
                f"write {meant}; for the field `{value}`",
            )
            return None
        try:
            return source_of(value, scope)
        except ExpressionFault as fault:
            self._add_expression(path, str(value), fault, written)
            return None

    def _lost_its_quotes(self, path: Path, value: str, written: Scalar) -> bool:
        """Whether a lone word is quoted beside a key that is not: in files that quote everything it says nothing."""
        key = self._document.scalar(path, of_key=True)
        quoted = written.quote in {"'", '"'} and key is not None and not key.quote
        identifier = path[-1] in {"email", "userId"} and len(path) == 2
        return quoted and not identifier and value not in _LITERALS and _BARE_NAME.fullmatch(value) is not None

    def _add_expression(self, path: Path, source: str, fault: ExpressionFault, written: Scalar | None) -> None:
        found = self._document.fault(path, fault.message, hint=fault.hint)
        if written is not None:
            line, column = self._place_in(source, fault.position, written)
            lines = self._document.text.splitlines()
            shown = lines[line - 1] if line <= len(lines) else found.source
            hint = fault.hint or _comment_hint(shown or "", written)
            found = replace(found, line=line, column=column, source=shown, hint=hint)
        self.faults.append(found)

    def _place_in(self, source: str, position: int, written: Scalar) -> tuple[int, int]:
        """Line and column of a character of an expression; of its first one where YAML's writing hides the others."""
        lines = self._document.text.splitlines()
        before = source[:position]
        if written.quote in {"|", ">"}:
            row = before.count("\n")
            within = source.split("\n")[row]
            line = written.line + 1 + row
            if within and line <= len(lines) and within in lines[line - 1]:
                return line, lines[line - 1].index(within) + 1 + position - (before.rfind("\n") + 1)
            return written.line, written.column
        start = written.column + len(written.quote)
        if lines[written.line - 1][start - 1 :].startswith(before):
            return written.line, start + position
        return written.line, written.column


def _comment_hint(line: str, written: Scalar) -> str | None:
    rest = line[written.column - 1 + len(written.text) :]
    if not written.quote and rest.lstrip().startswith("#"):
        return "YAML takes ' #' for the beginning of a comment: quote the expression"
    return None
