"""Golden topics: a topic's records, a mapping, and what Loops must hold when all of them have gone through.

A directory below ``golden/`` is one. ``mapping.yaml`` is its mapping, and ``expected.json`` was written by a person who
followed the pattern of the records, not by a program that maps: ``contacts`` by address, each with what is not as Loops
makes it; ``events`` by address in their order, each a name with its properties; ``dead_letters`` by reason; ``fates``,
how many records came to each. A line of ``topic.jsonl`` is a record:

- ``key``: text; records of one key keep their order.
- ``value``: an object or an array, written as JSON; text, as it is; or null. ``value_base64`` stands in its place for
  bytes.
- ``pack``: what is around the value, from the inside to the outside: ``wrapped`` (a JSON string), ``gzip``, ``zlib``,
  and ``cut``, which loses the last three bytes.
- ``headers``: texts by name, none by default.
- ``age``: how old the record is in Kafka, as ``26h``; ``0s`` by default.

In values and headers an event's time is ``{{now-90s}}``, which becomes ISO 8601 text. ``{{now-90s|space}}`` is without
T and Z; ``{{now-90s|s}}`` and ``{{now-90s|ms}}`` are numbers since 1970, and lose the quotes around them.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Producer

from consumer.sandbox.journal import Entry

__all__ = ["GoldenRecord", "GoldenTopic", "golden_topics", "held_contacts", "held_events", "produce"]

_UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGE: Final = r"(\d+)([smhd])"
_TIME: Final = re.compile(rf'"\{{\{{now-{_AGE}\|(s|ms)\}}\}}"|\{{\{{now-{_AGE}(?:\|(space|s|ms))?\}}\}}')
_AS_MADE: Final[Mapping[str, object]] = {
    "firstName": None,
    "lastName": None,
    "source": "API",
    "userGroup": "",
    "subscribed": True,
    "optInStatus": None,
    "mailingLists": {},
}
"""What Loops gives a contact of which nothing else was said."""
_PACK: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "wrapped": lambda value: json.dumps(value.decode()).encode(),
    "gzip": lambda value: gzip.compress(value, mtime=0),
    "zlib": zlib.compress,
    "cut": lambda value: value[:-3],
}
_DELIVERED_WITHIN_S: Final = 60


@dataclass(frozen=True, slots=True)
class GoldenRecord:
    """One record as it goes to Kafka."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, str | bytes | None]]
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class GoldenTopic:
    """One directory."""

    directory: Path

    @property
    def mapping(self) -> str:
        """The mapping's text."""
        return (self.directory / "mapping.yaml").read_text()

    @property
    def expected(self) -> dict[str, Any]:
        """What a person expects."""
        found: dict[str, Any] = json.loads((self.directory / "expected.json").read_text())
        return found

    def records(self, now: datetime) -> list[GoldenRecord]:
        """All records, in their order, as they would be written at this moment."""
        lines = (self.directory / "topic.jsonl").read_text().splitlines()
        return [_record(json.loads(line), now) for line in lines]


def golden_topics() -> Iterator[GoldenTopic]:
    """All that there are, by name."""
    return map(GoldenTopic, sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.is_dir()))


def produce(bootstrap_servers: str, topic: str, records: Iterable[GoldenRecord]) -> None:
    """Writes them; they are there when it returns."""
    producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 5, "log_level": 0})
    for record in records:
        producer.produce(topic, record.value, record.key, headers=record.headers, timestamp=record.timestamp_ms)
    left = producer.flush(_DELIVERED_WITHIN_S)
    if left:
        raise TimeoutError(f"{left} records were not taken within {_DELIVERED_WITHIN_S} s")


def held_contacts(contacts: Iterable[Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """By address, what of each contact is not as Loops makes it; custom properties that were reset are null."""
    return {
        str(contact["email"]): {
            name: value
            for name, value in contact.items()
            if name not in {"id", "email"} and (name not in _AS_MADE or value != _AS_MADE[name])
        }
        for contact in contacts
    }


def held_events(entries: Iterable[Entry], contacts: Iterable[Mapping[str, object]]) -> dict[str, list[dict[str, Any]]]:
    """By address, the events that took effect; those of a contact that is gone by what its request named."""
    addresses = {contact["userId"]: str(contact["email"]) for contact in contacts}
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        whom = entry.email or addresses.get(entry.user_id) or entry.user_id or ""
        found.setdefault(whom, []).append({str(entry.event_name): dict(entry.event_properties or {})})
    return found


def _record(line: Mapping[str, Any], now: datetime) -> GoldenRecord:
    count, unit = re.fullmatch(_AGE, line.get("age", "0s")).groups()  # type: ignore[union-attr]  # a bad age fails here
    return GoldenRecord(
        line["key"].encode(),
        _value(line, now),
        [(name, _timed(text, now).encode()) for name, text in line.get("headers", {}).items()],
        int((now - _age(count, unit)).timestamp() * 1000),
    )


def _value(line: Mapping[str, Any], now: datetime) -> bytes | None:
    if "value_base64" in line:
        return base64.b64decode(line["value_base64"])
    value = line["value"]
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    content = _timed(text, now).encode()
    for step in line.get("pack", ()):
        content = _PACK[step](content)
    return content


def _timed(text: str, now: datetime) -> str:
    def written(found: re.Match[str]) -> str:
        count, unit, form = found.groups()[:3] if found[1] else found.groups()[3:]
        moment = now - _age(count, unit)
        if form in {"s", "ms"}:
            return str(int(moment.timestamp() * (1000 if form == "ms" else 1)))
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f" if form == "space" else "%Y-%m-%dT%H:%M:%S.%fZ")

    return _TIME.sub(written, text)


def _age(count: str, unit: str) -> timedelta:
    return timedelta(seconds=int(count) * _UNITS_S[unit])
