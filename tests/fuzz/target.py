"""One target of the fuzzer, a process of its own: ``python -m tests.fuzz.target NAME CORPUS [options]``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["consumer"]):
    from consumer.core.completions import decode
    from consumer.core.record import Record
    from consumer.faults import Faults
    from consumer.mapping.envelope import Envelope, Unreadable
    from consumer.mapping.formats.known import FORMATS
    from consumer.mapping.head import Head, Unsure
    from consumer.mapping.message import message_of
    from consumer.mapping.rules import load_mapping

from tests.fuzz.seeds import headers_and_value, seeds_of

TOO_SLOW_S: Final = 2.0
"""Of one input under instrumentation, which takes some twenty times as long; the bound itself is asserted without it,
in ``tests/mapping/formats/test_format_bounds.py``."""

MAPPING: Final = """
format: {name: FORMAT, event: meta.name}
contact: {email: email, userId: userId}
rules:
  - {name: a, when: [Trial Started, "trial*"], send: a, event: {plan: properties.plan, at: $isoDate(timestamp)}}
  - {name: b, when: {type: [identify, 5, true]}, where: traits.plan != "free", update: true, contact: {x: traits.x}}
"""


class TooSlow(Exception):  # noqa: N818 - it says what the input was
    """An input took too long."""


def of_format(name: str) -> Callable[[bytes], None]:
    """A glance and the whole agree, and a request comes of it or a reason."""
    text = MAPPING.replace("FORMAT", name)
    mapping = load_mapping(text if name == "json" else text.replace(", event: meta.name", ""), "m.yaml")
    form = mapping.format_of("t")
    assert form is not None
    head = Head(form, mapping.rules, "t")

    def one(data: bytes) -> None:
        headers, value = headers_and_value(data)
        record = Record("t", 0, 0, 0, b"key", value, headers)
        seen = None
        with suppress(*Unsure):
            seen = head.look(message_of(record) if head.of_message else value)
        try:
            event = head.event(record)
        except Unreadable:
            return
        with suppress(Unreadable):
            assert seen is None or head.wanting(seen) == head.wanting_event(event)

    return one


def of_envelope(data: bytes) -> None:
    """Whatever the envelope, bytes come out or a reason."""
    choice, value = data[:1] or b"\0", data[1:]
    compression = (None, "gzip", "zlib")[choice[0] % 3]
    with suppress(Unreadable):
        Envelope(compression, None, wrapped=bool(choice[0] & 4)).open(value, (), "t", None)  # type: ignore[arg-type]  # one of the three


def of_mapping(data: bytes) -> None:
    """A mapping that a person wrote compiles, or its faults are said."""
    with suppress(Faults, UnicodeDecodeError):
        load_mapping(data.decode(), "m.yaml")


def of_completions(data: bytes) -> None:
    """What stands beside an offset says something, or is damaged."""
    with suppress(UnicodeDecodeError):
        decode(data.decode(), offset=7)


def bounded(one: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The same, and not for long."""

    def run(data: bytes) -> None:
        began = time.perf_counter()
        one(data)
        if time.perf_counter() - began > TOO_SLOW_S:
            raise TooSlow

    return run


def main() -> None:
    """Never returns: the fuzzer ends the process."""
    name, corpus, *options = sys.argv[1:]
    others = {"envelope": of_envelope, "mapping": of_mapping, "completions": of_completions}
    target = of_format(name) if name in FORMATS else others[name]
    for number, seed in enumerate(seeds_of(name)):
        Path(corpus, f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], corpus, *options], bounded(target))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
