"""How the verdict of the demo is told: a table and one line, or a document for a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from consumer.sandbox.arrivals import Arrival
from consumer.sandbox.verdict import DemoVerdict

__all__ = ["document", "examples", "last_line", "table"]

_EXAMPLES_MAX: Final = 5


def table(verdict: DemoVerdict) -> Table:
    """What had to be beside what was."""
    requests, letters = verdict.requests, verdict.letters
    found = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "expected", "found", "missing", "twice", "out of order", "not expected"):
        found.add_column(heading, justify="right" if heading else "left")
    differences = (requests.missing, requests.twice, requests.out_of_order, requests.unexpected)
    found.add_row("requests", *_counts(requests.expected, requests.received), *(_wrong(len(each)) for each in differences))
    found.add_row(
        "dead letters",
        *_counts(letters.expected, letters.found),
        _wrong(letters.missing),
        _wrong(letters.twice),
        "",
        _wrong(letters.unexpected),
    )
    ends = sum(verdict.ends.values())
    found.add_row("committed", *_counts(ends, ends - verdict.behind()), _wrong(verdict.behind()))
    return found


def last_line(verdict: DemoVerdict) -> str:
    """``OK: …`` or ``FAILED: …``."""
    if not verdict.ok:
        return f"FAILED: {', '.join(verdict.reasons())}"
    requests, letters = verdict.requests, verdict.letters
    return (
        f"OK: {verdict.records:,} events came to {requests.expected:,} requests, which Loops received once each and in"
        f" order, and to {letters.expected:,} dead letters"
    )


def examples(verdict: DemoVerdict) -> list[str]:
    """The first few requests of each kind that is wrong, a line each."""
    requests = verdict.requests
    kinds = (
        ("missing", requests.missing),
        ("twice", requests.twice),
        ("out of order", requests.out_of_order),
        ("not expected", requests.unexpected),
    )
    return [f"{name}: {_shown(each)}" for name, arrivals in kinds for each in arrivals[:_EXAMPLES_MAX]]


def document(verdict: DemoVerdict) -> dict[str, Any]:
    """For a program."""
    requests, letters = verdict.requests, verdict.letters
    return {
        "ok": verdict.ok,
        "reasons": list(verdict.reasons()),
        "records": verdict.records,
        "requests": {
            "expected": requests.expected,
            "received": requests.received,
            "missing": _documents(requests.missing),
            "twice": _documents(requests.twice),
            "outOfOrder": _documents(requests.out_of_order),
            "unexpected": _documents(requests.unexpected),
        },
        "deadLetters": {
            "expected": letters.expected,
            "found": letters.found,
            "missing": letters.missing,
            "twice": letters.twice,
            "unexpected": letters.unexpected,
        },
        "partitions": [
            {"partition": partition, "end": end, "committed": verdict.committed.get(partition)}
            for partition, end in sorted(verdict.ends.items())
        ],
        "exitCode": verdict.exit_code,
    }


def _counts(*counts: int) -> tuple[str, ...]:
    return tuple(f"{count:,}" for count in counts)


def _wrong(count: int) -> Text:
    return Text(f"{count:,}", style="bold red" if count else "green")


def _shown(arrival: Arrival) -> str:
    return " ".join(part for part in (arrival.user_id, arrival.call, arrival.event_name, arrival.mark) if part)


def _documents(arrivals: Sequence[Arrival]) -> list[dict[str, Any]]:
    return [arrival._asdict() for arrival in arrivals]
