"""How the verdict of the demo is told: a table and one line, or a document for a program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumer.sandbox.arrivals import Arrival
from consumer.sandbox.verdict import DemoVerdict

__all__ = ["document", "last_line", "tell"]

_EXAMPLES_MAX: Final = 5


def tell(verdict: DemoVerdict, console: Console, *, log: Path | None) -> None:
    """Prints the table, what is wrong with some examples, where the consumer's ``log`` is kept, and the last line."""
    console.print()
    console.print(_table(verdict))
    console.print()
    for example in _examples(verdict):
        console.print(example, markup=False, soft_wrap=True)
    if log is not None:
        console.print(f"the consumer's log: {log}", markup=False, soft_wrap=True)
    style = "bold green" if verdict.ok else "bold red"
    console.print(last_line(verdict), style=style, markup=False, soft_wrap=True)


def last_line(verdict: DemoVerdict) -> str:
    """``OK: …`` or ``FAILED: …``."""
    if not verdict.ok:
        return f"FAILED: {', '.join(verdict.reasons())}"
    return (
        f"OK: {verdict.records:,} events, {verdict.requests.expected:,} requests received once each and in order,"
        f" {verdict.letters.expected:,} dead letters"
    )


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


def _table(verdict: DemoVerdict) -> Table:
    requests, letters = verdict.requests, verdict.letters
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("", "expected", "found", "missing", "twice", "out of order", "not expected"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    table.add_row(
        "requests",
        *_counts(requests.expected, requests.received),
        _wrong(len(requests.missing)),
        _wrong(len(requests.twice)),
        _wrong(len(requests.out_of_order)),
        _wrong(len(requests.unexpected)),
    )
    table.add_row(
        "dead letters",
        *_counts(letters.expected, letters.found),
        _wrong(letters.missing),
        _wrong(letters.twice),
        "",
        _wrong(letters.unexpected),
    )
    ends = sum(verdict.ends.values())
    table.add_row("committed", *_counts(ends, ends - verdict.behind()), _wrong(verdict.behind()))
    return table


def _examples(verdict: DemoVerdict) -> list[str]:
    """The first few requests of each kind that is wrong, a line each."""
    requests = verdict.requests
    kinds = (
        ("missing", requests.missing),
        ("twice", requests.twice),
        ("out of order", requests.out_of_order),
        ("not expected", requests.unexpected),
    )
    return [f"{name}: {_shown(each)}" for name, arrivals in kinds for each in arrivals[:_EXAMPLES_MAX]]


def _counts(*counts: int) -> tuple[str, ...]:
    return tuple(f"{count:,}" for count in counts)


def _wrong(count: int) -> Text:
    return Text(f"{count:,}", style="bold red" if count else "green")


def _shown(arrival: Arrival) -> str:
    return " ".join(part for part in (arrival.user_id, arrival.call, arrival.event_name, arrival.mark) if part)


def _documents(arrivals: Sequence[Arrival]) -> list[dict[str, Any]]:
    return [arrival._asdict() for arrival in arrivals]
