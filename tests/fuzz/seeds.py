"""What the fuzzer begins with: records as products write them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from consumer.core.record import Headers
from tests.kafka.golden_topic import GoldenTopic

__all__ = ["headers_and_value", "seeds_of"]

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = ROOT / "tests/kafka/golden"
EVERY: Final = 3
"""Of a golden topic's records: each kind is there several times."""

HEADERS: Final = (
    b"ce_specversion=1.0\nce_type=trial.started\nce_source=/a\nce_id=1\nce_time=2026-05-01T10:00:00Z\n\n",
    b"content-type=application/cloudevents+json\n\n",
    b"eventType=Trial Started\nid=1\n\n",
    b"\n\n",
)


def headers_and_value(data: bytes) -> tuple[Headers, bytes]:
    """Of made-up bytes: lines of ``name=value`` up to an empty one are headers, and the rest is the value.

    Without an empty line, or where they begin as JSON does, there are no headers.
    """
    head, empty, value = data.partition(b"\n\n")
    if not empty or data[:1] in {b"{", b'"', b"["}:
        return (), data
    pairs = (line.partition(b"=") for line in head.split(b"\n")[:20])
    return tuple((name.decode("utf-8", "replace"), text) for name, _, text in pairs if name), value


def seeds_of(target: str) -> Iterator[bytes]:
    """For a format its golden topic, where there is one; for the rest what they read."""
    if target == "mapping":
        for file in [ROOT / "config/mapping.yaml", *sorted((ROOT / "tests/mapping/broken").glob("*.yaml"))]:
            yield file.read_bytes()
        return
    if target == "envelope":
        yield b"\1" + gzip.compress(b'{"a":1}')
        yield b"\2" + zlib.compress(b'{"a":1}')
        yield b'\4"{\\"a\\":1}"'
        return
    yield b'{"type":"track","event":"Trial Started","meta":{"name":"trial"},"properties":{"plan":"pro"}}'
    if (GOLDEN / target).exists():
        records = GoldenTopic(GOLDEN / target).records(datetime(2026, 5, 1, 10, tzinfo=UTC))[::EVERY]
        yield from (record.value for record in records if record.value is not None)
    yield from (headers + b'{"type":"x","data":{"plan":"pro"}}' for headers in HEADERS)
