"""A file of arrivals: CSV with a line that names its columns, or one JSON object a line.

``time`` is needed: seconds, or ISO 8601 (UTC where it says no zone); the earliest of the file is second 0. ``contact``,
``priority`` (high, normal, low) and ``kind`` (event, update) may be there: without a contact a record has one of its
own, and it is a normal event.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final, NamedTuple

import orjson

from consumer.core.terms import Priority
from consumer.faults import Fault, Faults, nearest
from consumer.planning.arrivals import Arrival, Kind

__all__ = ["read_arrivals"]

_MEMBERS: Final = ("time", "contact", "priority", "kind")
_FAULTS_MAX: Final = 20
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "priority": tuple(priority.name.lower() for priority in Priority),
    "kind": tuple(kind.value for kind in Kind),
}
_SECONDS_MAX: Final = 1e11
"""As seconds since 1970 that is the year 5138, as milliseconds 1973."""
_TIMES: Final = "seconds as 12.5, or ISO 8601 as 2026-05-01T10:00:00Z"


class _Row(NamedTuple):
    line: int
    values: Mapping[str, object]


class _Wrong(Exception):  # noqa: N818 - it says what is wrong
    """What is wrong, and where."""

    def __init__(self, message: str, member: str = "", hint: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message, self.member, self.hint, self.line = message, member, hint, line


def read_arrivals(text: str, file: str) -> list[Arrival]:
    """Every record of the file, which is called ``file``, in the order of their times. Raises :class:`Faults`."""
    found: list[tuple[Arrival, bool]] = []
    faults: list[Fault] = []
    for row in _rows(text):
        if isinstance(row, _Wrong):
            faults.append(Fault(row.message, file, row.member, row.line, hint=row.hint))
        else:
            try:
                found.append(_arrival(row, found[0][1] if found else None))
            except _Wrong as wrong:
                faults.append(Fault(wrong.message, file, wrong.member, row.line, hint=wrong.hint))
        if len(faults) == _FAULTS_MAX:
            break
    if not (found or faults):
        faults.append(Fault("holds no arrivals", file))
    if faults:
        raise Faults(faults)
    first = min(arrival.at_s for arrival, _ in found)
    return sorted((arrival._replace(at_s=arrival.at_s - first) for arrival, _ in found), key=attrgetter("at_s"))


def _rows(text: str) -> Iterator[_Row | _Wrong]:
    """Each line, or what is wrong with all of it."""
    text = text.removeprefix("\ufeff")
    return _of_objects(text) if text.lstrip().startswith("{") else _of_cells(text)


def _of_objects(text: str) -> Iterator[_Row | _Wrong]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            found = None
        if isinstance(found, dict):
            unknown = next((_unknown(name, number) for name in found if name not in _MEMBERS), None)
            yield unknown or _Row(number, found)
        else:
            yield _Wrong('is no JSON object on one line, as {"time": 0.5, "contact": "a"}', line=number)


def _of_cells(text: str) -> Iterator[_Row | _Wrong]:
    reader = csv.reader(text.splitlines())
    names: Sequence[str] = ()
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [cell.strip().casefold() for cell in cells]
                yield from _wrong_names(names, reader.line_num)
                if "time" not in names:
                    return
            elif len(cells) > len(names):
                message = f'found "{cells[len(names)].strip()}" behind the last column; allowed: {len(names)} cells'
                yield _Wrong(message, line=reader.line_num)
            else:
                known = zip(names, (cell.strip() or None for cell in cells), strict=False)
                yield _Row(reader.line_num, {name: cell for name, cell in known if name in _MEMBERS})
    except csv.Error as error:
        yield _Wrong(f"is no line of CSV: {error}", line=reader.line_num)


def _wrong_names(names: Sequence[str], line: int) -> Iterator[_Wrong]:
    """What is wrong with the columns."""
    if "time" not in names:
        message = f'the first line names the columns, and "time" is one of them; there may be {", ".join(_MEMBERS[1:])}'
        hint = "columns are parted by commas" if any(sign in name for name in names for sign in ";\t|") else None
        yield _Wrong(f"{message}, or one JSON object a line", hint=hint, line=line)
        return
    for at, name in enumerate(names):
        if name in names[:at]:
            yield _Wrong("names two columns", name, line=line)
        elif name not in _MEMBERS:
            yield _unknown(name, line)


def _unknown(name: str, line: int) -> _Wrong:
    meant = nearest(name, _MEMBERS)
    hint = f'did you mean "{meant}"?' if meant else None
    return _Wrong(f"unknown; allowed: {', '.join(_MEMBERS)}", name, hint, line)


def _arrival(row: _Row, as_date: bool | None) -> tuple[Arrival, bool]:
    """With its time as it stands there, and whether that is a date, as all others have to be then."""
    at, is_date = _time(row.values.get("time"))
    if as_date is not None and is_date is not as_date:
        raise _Wrong(f"is {'a date' if is_date else 'in seconds'} and the first one is not", "time")
    contact = row.values.get("contact")
    if contact is not None and (not isinstance(contact, str | int) or isinstance(contact, bool)):
        raise _Wrong("allowed: a text or a whole number", "contact")
    priority, kind = _choice(row, "priority", "normal"), _choice(row, "kind", "event")
    name = f"#{row.line}" if contact is None else str(contact)
    return Arrival(at, name, Priority[priority.upper()], Kind(kind)), is_date


def _choice(row: _Row, member: str, otherwise: str) -> str:
    found = row.values.get(member)
    if found is None:
        return otherwise
    if not isinstance(found, str) or found not in _CHOICES[member]:
        raise _Wrong(f'found "{found}"; allowed: {", ".join(_CHOICES[member])}', member)
    return found


def _time(found: object) -> tuple[float, bool]:
    """Seconds from whenever, and whether it was a date."""
    if found is None:
        raise _Wrong(f"is missing; allowed: {_TIMES}", "time")
    try:
        at = float(str(found))
    except ValueError:
        try:
            when = datetime.fromisoformat(str(found))
        except ValueError:
            raise _Wrong(f'found "{found}"; allowed: {_TIMES}', "time") from None
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp(), True
    if not math.isfinite(at):
        raise _Wrong(f'found "{found}"; allowed: {_TIMES}', "time")
    if abs(at) > _SECONDS_MAX:
        raise _Wrong(f'found "{found}", which looks like milliseconds; allowed: {_TIMES}', "time")
    return at, False
