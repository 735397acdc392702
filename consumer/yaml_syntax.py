"""What is wrong with a text that is no YAML, in words: none of them repeats a value, which may be a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    ScalarToken,
)

from consumer.faults import Fault

__all__ = ["QUOTING", "syntax_fault"]

QUOTING = "quote a value that holds ': ' or ' #', or that begins with one of { [ * & ! % @ `"
"""The hint where nothing better is known."""
_TEMPLATE = "leave {{ and }} out: this file is no template"

_NO_SPACE = re.compile(r"\s*(?:-\s+)*[\"']?[A-Za-z0-9_.-]+[\"']?(?P<colon>:)(?![\s/]|$)")
_CLOSING = {"{": "}", "[": "]"}
_REASONS = (
    ("found undefined alias", "there is no anchor for this alias", QUOTING),
    ("scanning an alias", "an alias (*) needs a name", QUOTING),
    ("scanning an anchor", "an anchor (&) needs a name", QUOTING),
    ("tag", "a tag (!) of this name is not known", QUOTING),
    ("escape", "this escape is not known in double quotes", "in single quotes a backslash stands for itself"),
    ("another document", "a second document begins here", "a file holds one: leave the line --- out"),
)
"""What ruamel's own words hold, and what is said in their place, with a hint."""


class _Said(NamedTuple):
    """A reason and its place; both count from 0."""

    reason: str
    line: int
    column: int
    hint: str | None = QUOTING


@dataclass(frozen=True, slots=True)
class _Broken:
    """The text and where the parser gave up."""

    text: str
    lines: Sequence[str]
    words: str
    line: int
    column: int

    def at(self, number: int) -> str:
        """A line, empty past the end."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def before(self, number: int) -> int | None:
        """The last line above that says something."""
        said = (each for each in range(number - 1, -1, -1) if self.at(each).split("#", 1)[0].strip())
        return next(said, None)

    def said(self, reason: str, hint: str | None = QUOTING) -> _Said:
        """A reason for the very place."""
        return _Said(reason, self.line, self.column, hint)


def syntax_fault(error: MarkedYAMLError, text: str, file: str) -> Fault:
    """The fault that ruamel's error stands for, at the line to mend, which is often not where it gave up."""
    if isinstance(error, DuplicateKeyError):
        said = _twice(error, text)
    else:
        mark, above = error.problem_mark or error.context_mark, error.context_mark
        if mark is None:
            return Fault("this is not YAML", file, hint=QUOTING)
        words = f"{error.context or ''} | {error.problem or ''}"
        broken = _Broken(text, text.splitlines(), words, mark.line, mark.column)
        start = None if above is None else (above.line, above.column)
        said = _tab(broken) or _quote(broken, start) or _bracket(broken) or _key(broken, start) or _other(broken)
    lines = text.splitlines()
    source = lines[said.line] if said.line < len(lines) else None
    return Fault(said.reason, file, "", said.line + 1, said.column + 1, source, said.hint)


def _twice(error: MarkedYAMLError, text: str) -> _Said:
    mark = error.problem_mark
    place = (0, 0) if mark is None else (mark.line, mark.column)
    found = _first_of(YAML(typ="safe", pure=True).compose(text), place)
    reason = "a key stands twice" if found is None else f"the key {found[0]} stands twice, first in line {found[1] + 1}"
    return _Said(reason, place[0], place[1], None)


def _first_of(node: Node | None, place: tuple[int, int]) -> tuple[str, int] | None:
    """The name of the key at that place, and the line of the first key of that name beside it."""
    inner: list[Node] = []
    if isinstance(node, MappingNode):
        names = [key for key, _ in node.value if isinstance(key, ScalarNode)]
        second = next((key for key in names if (key.start_mark.line, key.start_mark.column) == place), None)
        if second is not None:
            first = next(key for key in names if key.value == second.value)
            return second.value, first.start_mark.line
        inner = [value for _, value in node.value]
    elif isinstance(node, SequenceNode):
        inner = node.value
    return next((found for each in inner if (found := _first_of(each, place)) is not None), None)


def _tab(broken: _Broken) -> _Said | None:
    line = broken.at(broken.line)
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return _Said("a tab cannot indent; use spaces", broken.line, indent.index("\t"), None)
    return broken.said("a tab cannot stand here; use spaces", None) if r"'\t'" in broken.words else None


def _quote(broken: _Broken, start: tuple[int, int] | None) -> _Said | None:
    hint = "end the value with the quote that it begins with"
    if "quoted scalar" in broken.words and "unexpected" in broken.words and start is not None:
        return _Said("this quote is not closed", *start, hint)
    if "but found '<scalar>'" not in broken.words:
        return None
    quoted = [token for token in _tokens(broken) if isinstance(token, ScalarToken) and not token.plain]
    if quoted and quoted[-1].end_mark.line == broken.line:
        mark = quoted[-1].start_mark
        if mark.line < broken.line:  # it was closed by the quote that opens a later value
            return _Said("this quote is not closed", mark.line, mark.column, hint)
        return broken.said("something stands behind the closing quote", "quote all of the value, or nothing of it")
    return None


def _bracket(broken: _Broken) -> _Said | None:
    """One that is open although a line follows that is indented no deeper, or the text ends."""
    line = broken.at(broken.line)
    opened = _opened(broken)
    if opened is not None:
        sign, (row, column) = opened
        wrong_end = line[broken.column : broken.column + 1] in {"}", "]"}
        outside = broken.line > row and _indent(line) <= _indent(broken.at(row))
        if wrong_end or outside or not line.strip():
            hint = f'end it with "{_CLOSING[sign]}", or quote a value that begins with "{sign}"'
            return _Said(f'this "{sign}" is not closed', row, column, hint)
        hint = _TEMPLATE if "{{" in line[: broken.column + 2] else QUOTING
        return broken.said("this cannot stand between brackets without quotes", hint)
    if re.search(r"but found '[}\]]'", broken.words):
        return broken.said(f'this "{line[broken.column]}" closes nothing')
    return None


def _opened(broken: _Broken) -> tuple[str, tuple[int, int]] | None:
    """The innermost bracket that is open where the parser gave up."""
    stack: list[tuple[str, tuple[int, int]]] = []
    for token in _tokens(broken):
        place = (token.start_mark.line, token.start_mark.column)
        if isinstance(token, FlowMappingStartToken | FlowSequenceStartToken):
            stack.append(("{" if isinstance(token, FlowMappingStartToken) else "[", place))
        elif stack and isinstance(token, FlowMappingEndToken | FlowSequenceEndToken):
            stack.pop()
    return stack[-1] if stack else None


def _tokens(broken: _Broken) -> list[Any]:
    """Those that stand before the place."""
    found = []
    try:
        for token in YAML(typ="safe", pure=True).scan(broken.text):
            if (token.start_mark.line, token.start_mark.column) >= (broken.line, broken.column):
                break
            found.append(token)
    except (YAMLError, ValueError):
        pass  # it ends where the parser ended
    return found


def _key(broken: _Broken, start: tuple[int, int] | None) -> _Said | None:
    if "could not find expected ':'" in broken.words and start is not None:
        return _no_space(broken, start[0]) or _no_key(broken, *start)
    if "mapping values are not allowed" in broken.words:
        return _second_colon(broken)
    if re.search(r"expected <block end>, but found '(<block|-|\?)", broken.words):
        return _indented(broken)
    return None


def _no_key(broken: _Broken, line: int, column: int) -> _Said:
    if re.match(r"\s*-[^\s-]", broken.at(line)):
        return _Said("a space is needed after the dash", line, _indent(broken.at(line)), None)
    return _Said("this is neither a key with its value nor an item of a list", line, column, "write it as key: value")


def _second_colon(broken: _Broken) -> _Said:
    line = broken.at(broken.line)
    if re.search(r":\s", line[: broken.column]):
        return broken.said("a second ': ' cannot stand in a value without quotes")
    above = broken.before(broken.line)
    if above is None:
        return broken.said("a ': ' cannot stand here")
    missing = _no_space(broken, above)
    if missing is not None:
        return missing
    if _indent(line) > _key_column(broken.at(above)):
        return _indented(broken)
    return broken.said("a ': ' cannot stand here")


def _no_space(broken: _Broken, number: int) -> _Said | None:
    """At the first of such lines one below the other: all of them are one value for YAML."""
    found = None
    at: int | None = number
    while at is not None and (match := _NO_SPACE.match(broken.at(at))) is not None:
        found = _Said("a space is needed after the colon", at, match.start("colon"), None)
        at = broken.before(at)
    return found


def _indented(broken: _Broken) -> _Said:
    column = _indent(broken.at(broken.line))
    above = broken.before(broken.line)
    hint = None
    if above is not None:
        beside = _key_column(broken.at(above))
        hint = f"line {above + 1} begins in column {beside + 1}, this one in column {column + 1}"
        if beside == column:
            hint = "items of a list and keys cannot stand side by side"
    return _Said("this line is indented differently from its neighbours", broken.line, column, hint)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _key_column(line: str) -> int:
    """Where a line's key begins, behind the dashes of a list."""
    found = re.match(r"\s*(?:-\s+)*", line)
    return found.end() if found else 0


def _other(broken: _Broken) -> _Said:
    character = re.search(r"found character '(.)' that cannot start any token", broken.words)
    if character is not None:
        return broken.said(f"a value cannot begin with {character[1]} without quotes")
    for words, reason, hint in _REASONS:
        if words in broken.words:
            return broken.said(reason, hint)
    return broken.said("this is not YAML")
