"""What people write who come from other languages: what it would mean in JSONata, and how it is written there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from consumer.faults import nearest
from consumer.mapping.tokens import Token, tokens_of

__all__ = ["Misread", "hint_for_name", "hint_for_syntax", "misread"]

_OPERATORS: Final = {
    "!==": "write !=",
    "==": "JSONata compares with one =",
    "<>": "JSONata's is !=",
    "=~": "write $contains(text, /pattern/)",
    "=>": "write function($x) { ... }",
    "->": "write function($x) { ... }",
    "&&": "write and",
    "||": "write or",
    "?.": "write . alone: what is absent makes the rest absent, and no error",
    "**": "write $power(a, b)",
    "//": "a comment is written /* ... */",
    "!": "write $not(...)",
    "@": "a name with @ stands between backquotes",
    ";": "leave the semicolon out; several steps stand between ( and )",
    "{{": "leave {{ and }} out: the expression stands alone",
    "${": "leave ${ and } out: the expression stands alone",
    "%{": "leave %{ and } out: the expression stands alone",
    "<%": "leave <% and %> out: the expression stands alone",
}
"""Of other languages, and what JSONata has in their place; the first that fits counts."""
_WORDS: Final = {
    "is": "JSONata compares with =",
    "eq": "JSONata compares with =",
    "ne": "JSONata's is !=",
    "not": "write $not(...)",
    "like": "write $contains(text, pattern)",
    "contains": "write $contains(text, pattern)",
    "matches": "write $contains(text, /pattern/)",
    "then": "write CONDITION ? THIS : THAT",
    "else": "write CONDITION ? THIS : THAT",
    "if": "write CONDITION ? THIS : THAT",
}
_FUNCTIONS: Final = {
    "first": "write items[0]",
    "last": "write items[-1]",
    "includes": 'write "a" in items',
    "concat": "write a & b",
    "size": "write $count(items)",
    **dict.fromkeys(("coalesce", "default", "ifnull"), "write a ? a : b"),
    **dict.fromkeys(("date", "todate", "formatdate", "toisostring", "iso8601"), "write $isoDate(x)"),
    **dict.fromkeys(("md5", "sha1", "sha256"), "write $hash(text)"),
}
"""Of other languages, in lower case."""
_JOINING: Final = frozenset({"and", "or", "in"})
_BEFORE_BRACKET: Final = frozenset({"function", "λ", *_JOINING})
_TYPOGRAPHIC: Final = frozenset("“”„‟‘’‚‛«»")  # noqa: RUF001 - it is about them
_ALIKE: Final = 0.8
"""Of a name that is not called to that of a function, from 0 to 1: seldom is a function meant."""
_SPACES: Final = re.compile(r"[^\S \t\r\n]")
"""Those that JSONata takes for a part of a name, and a person cannot see."""


class Misread(NamedTuple):
    """Compiles, and means something else than whoever wrote it can have meant."""

    message: str
    position: int
    """Characters before it."""
    hint: str


def misread(source: str, functions: Sequence[str]) -> Misread | None:
    """The first such thing in an expression that compiles; ``functions`` are those that there are, without ``$``."""
    tokens = list(tokens_of(source))
    end = 0
    for index, token in enumerate(tokens):
        following = tokens[index + 1 : index + 3]
        space = _SPACES.search(source, end, token.position)
        if space is not None:
            return Misread("this space is no plain one, and counts as a letter here", space.start(), "type it anew")
        end = token.position + len(token.text)
        found = (
            _quote(token) or _call(token, following, functions) or _filter(tokens[index - 1 : index], token, following)
        )
        if found is not None:
            return found
    return None


def hint_for_syntax(source: str, position: int | None) -> str | None:
    """What is written in the place of what does not compile; the engine stops at its first or its last character."""
    if position is None:
        return None
    for operator, hint in _OPERATORS.items():
        if source.startswith(operator, position) or source[: position + 1].endswith(operator):
            return hint
    for sign in ("{{", "${", "%{"):
        if source.lstrip().startswith(sign):
            return _OPERATORS[sign]
    before = [token for token in tokens_of(source) if token.position < position]
    word = re.match(r"\w+", source[position:])
    if word is None or not before:
        return None
    return _hint_for_word(source, before[-1], word[0], position)


def hint_for_name(name: str, source: str, place: int, *, functions: Sequence[str], definitions: Sequence[str]) -> str:
    """What is meant by a variable or function that there is not, which stands at ``place``."""
    before, behind = source[:place].rstrip(), source[place + 1 + len(name) :].lstrip()
    if behind.startswith("(") or before.endswith("~>"):
        if name.casefold() in _FUNCTIONS:
            return _FUNCTIONS[name.casefold()]
        meant = nearest(name, [*definitions, *functions])
        return f"did you mean ${meant}?" if meant else "there are JSONata's functions, and what stands under define"
    if before.endswith("."):
        return f"a field of this name stands between backquotes: `${name}`"
    meant = nearest(name, definitions) or nearest(name, functions, likeness=_ALIKE)
    if meant is not None:
        return f"did you mean ${meant}?"
    other = f"of the environment it is $env.{name}" if name.isupper() else "a variable stands under define"
    return f"the field is {name}; {other}"


def _quote(token: Token) -> Misread | None:
    if token.kind != "other" or token.text not in _TYPOGRAPHIC:
        return None
    return Misread(
        "this quote is a typographic one, and counts as a letter here", token.position, "a text stands in \" or '"
    )


def _call(token: Token, following: Sequence[Token], functions: Sequence[str]) -> Misread | None:
    """A field is no function, whatever it is called."""
    name = token.text
    if token.kind != "operand" or name[0] in "$\"'`" or name in _BEFORE_BRACKET:
        return None
    if not following or following[0].text != "(":
        return None
    meant = nearest(name, functions)
    other = "functions begin with $ and take the value: $lowercase(name)"
    hint = _FUNCTIONS.get(name.casefold()) or (f"did you mean ${meant}(...)?" if meant else other)
    return Misread(f"{name} is a field, and no function that can be called", token.position, hint)


def _filter(before: Sequence[Token], token: Token, following: Sequence[Token]) -> Misread | None:
    """``a["b"]`` keeps all of ``a``, since a text is true."""
    if token.text != "[" or not before or not before[0].ends_value or len(following) < 2:
        return None
    name, closing = following
    if name.text[0] not in "\"'" or closing.text != "]":
        return None
    inner = name.text[1:-1]
    field = inner if re.fullmatch(r"[^\W\d]\w*", inner) else f"`{inner}`"
    return Misread(
        "a text between brackets is a filter that is always true", name.position, f"for the field write .{field}"
    )


def _hint_for_word(source: str, before: Token, word: str, position: int) -> str | None:
    if word.casefold() in _JOINING:
        return f"write {word.casefold()}"
    hint = _WORDS.get(word.casefold()) or _WORDS.get(before.text.casefold())
    if hint is not None or before.text == ")":
        return hint or _WORDS["if"]
    if before.kind in {"operand", "number"} and before.text[0] not in "\"'`$":
        return f"a name that is no plain word stands between backquotes: `{source[before.position : position]}{word}`"
    return None
