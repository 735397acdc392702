"""The tokens of a JSONata expression, for what the engine does not tell of one. It must be one that compiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Token", "tokens_of"]

_TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/)
    |(?P<number>(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<operand>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\$?[^\W\d]\w*|\$\w*)
    |(?P<range>\.\.)
    |(?P<other>\*\*|.)""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:\\.|[^/\\])+/[im]*")
_WORD_OPERATORS = frozenset({"and", "or", "in"})


class Token(NamedTuple):
    """One of them; ``kind`` is ``number``, ``operand``, ``range``, ``regex``, ``wildcard`` or ``other``."""

    kind: str
    text: str
    position: int
    """Characters before it."""

    @property
    def ends_value(self) -> bool:
        """Whether a slash behind it divides, and does not begin a regular expression."""
        if self.kind == "operand":
            return self.text not in _WORD_OPERATORS
        return self.kind in {"number", "regex", "wildcard"} or self.text in {")", "]", "}"}


def tokens_of(source: str) -> Iterator[Token]:
    """All but white space and comments, in order."""
    position, ended = 0, False
    while position < len(source):
        regex = None if ended else _REGEX.match(source, position)
        if source.startswith("/*", position):
            regex = None
        match = regex or _TOKEN.match(source, position)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        kind = "regex" if match is regex else str(match.lastgroup)
        if kind == "other" and match[0] in {"*", "**", "%"} and not ended:
            kind = "wildcard"
        if kind != "space":
            token = Token(kind, match[0], position)
            ended = token.ends_value
            yield token
        position = match.end()
