"""What a test of the mapping expected beside what it got, line by line, and the rules that say why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

from consumer.mapping.cases import CaseResult, beginning_of
from consumer.mapping.explaining import RuleExplained, Verdict

__all__ = ["Line", "Row", "because", "rows_of"]

_Request: TypeAlias = Mapping[str, Any]
"""As a test writes it: first what it is, then its members."""

_NOTHING = "nothing"


class Line(NamedTuple):
    """One member of a request."""

    text: str
    differs: bool
    """The other side has no such line."""


class Row(NamedTuple):
    """One request of each side, or ``nothing``."""

    expected: Sequence[Line]
    got: Sequence[Line]


def rows_of(result: CaseResult) -> list[Row]:
    """The requests of both sides; those that begin alike stand beside each other, in their order."""
    rows = []
    for expected, got in _pairs(result.expected, result.got):
        one, other = _lines(expected), _lines(got)
        rows.append(
            Row([Line(line, line not in other) for line in one], [Line(line, line not in one) for line in other])
        )
    return rows


def because(result: CaseResult) -> list[RuleExplained]:
    """The rules that are about the event, and those that could have made what was expected."""
    wanted = set(_beginnings(result.expected))
    silent = {Verdict.WHEN, Verdict.DISABLED}
    return [told for told in result.told.rules if told.verdict not in silent or beginning_of(told.rule) in wanted]


def _pairs(one: Sequence[_Request], other: Sequence[_Request]) -> Iterator[tuple[_Request | None, _Request | None]]:
    if not one and not other:
        yield None, None
    for _, *ends in SequenceMatcher(a=_beginnings(one), b=_beginnings(other), autojunk=False).get_opcodes():
        for expected, got in zip_longest(one[slice(*ends[:2])], other[slice(*ends[2:])]):
            if expected is None or got is None or next(iter(expected)) == next(iter(got)):
                yield expected, got
            else:
                yield expected, None
                yield None, got


def _beginnings(requests: Sequence[_Request]) -> list[tuple[str, Any]]:
    """``send`` and its name, or the call."""
    return [next(iter(request.items())) for request in requests]


def _lines(request: _Request | None) -> list[str]:
    """A member a line; one of a section's members a line too, so that what differs can be seen."""
    if request is None:
        return [_NOTHING]
    lines = []
    for name, value in request.items():
        if isinstance(value, Mapping):
            lines += [f"{name}.{key}: {_written(inner)}" for key, inner in value.items()]
        else:
            lines.append(f"{name}: {_written(value)}")
    return lines


def _written(value: Any) -> str:
    """As JSON, in which 5.0 is 5."""
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, ensure_ascii=False)
