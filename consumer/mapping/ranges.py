"""The ranges of a JSONata expression: ``[a..b]`` is built in memory before any limit of the engine can stop it.

On an engine whose time limit was 20 ms, ``$sum([1..10000000])`` ran for 1.1 s; so a range must show how long it is.
"""

from __future__ import annotations

import re

from consumer.mapping.tokens import Token, tokens_of

__all__ = ["RANGE_ITEMS_MAX", "unbounded_range"]

RANGE_ITEMS_MAX = 1000
"""Items of one range."""


def unbounded_range(source: str) -> int | None:
    """Where the first range stands whose bounds are not whole numbers close enough together; ``None``: nowhere.

    ``source`` must be an expression that the engine compiles. The position counts characters from 0.
    """
    tokens = list(tokens_of(source))
    for index, token in enumerate(tokens):
        if token.kind != "range":
            continue
        low = _bound(tokens[:index][::-1], {"[", ","})
        high = _bound(tokens[index + 1 :], {"]", ","}, sign_first=True)
        if low is None or high is None or high - low >= RANGE_ITEMS_MAX:
            return token.position
    return None


def _bound(tokens: list[Token], end: set[str], *, sign_first: bool = False) -> int | None:
    """The whole number that these tokens begin with, read away from the dots, up to one of ``end``."""
    found = [token.text for token in tokens[:3]]
    negative = len(found) == 3 and found[0 if sign_first else 1] == "-"
    if negative:
        found.remove("-")
    if len(found) < 2 or found[1] not in end or not re.fullmatch(r"\d{1,9}", found[0]):
        return None
    return -int(found[0]) if negative else int(found[0])
