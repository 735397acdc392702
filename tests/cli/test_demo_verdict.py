"""How the verdict is told."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import orjson
from rich.console import Console

from consumer.cli.demo_verdict import document, last_line, tell
from consumer.sandbox.arrivals import Arrival, Comparison
from consumer.sandbox.verdict import DemoVerdict, LetterCount

LOST = tuple(Arrival("usr_1", "sendEvent", "orderCompleted", f"ord_{number}") for number in range(9))
GOOD = DemoVerdict(3900, Comparison(200, 200), LetterCount(10, 10), {0: 2000, 1: 1900}, {0: 2000, 1: 1900})
BAD = replace(GOOD, requests=Comparison(200, 191, missing=LOST), committed={0: 2000})


def told(verdict: DemoVerdict, log: Path | None = None) -> list[str]:
    """The lines that are printed, on the narrowest usual terminal."""
    out = StringIO()
    tell(verdict, Console(file=out, width=80), log=log)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_last_line_of_a_good_run_begins_with_ok() -> None:
    """And fits on a terminal."""
    lines = told(GOOD)
    assert last_line(GOOD) == lines[-1]
    assert lines[-1].startswith("OK: 3,900 events, 200 requests ")
    assert 80 >= max(map(len, lines))


def test_the_last_line_of_a_bad_run_names_what_is_wrong() -> None:
    """All of it."""
    assert "FAILED: 9 missing, 1,900 records not committed" == told(BAD)[-1]


def test_the_table_says_what_had_to_be_and_what_was() -> None:
    """Requests, dead letters, commits."""
    rows = {line.split("  ")[0]: line.split()[-7:] for line in told(BAD) if line}
    assert ["requests", "200", "191", "9", "0", "0", "0"] == rows["requests"]
    assert ["dead", "letters", "10", "10", "0", "0", "0"] == rows["dead letters"]
    assert ["committed", "3,900", "2,000", "1,900"] == rows["committed"]


def test_a_few_of_what_is_wrong_are_shown_and_where_the_log_is() -> None:
    """Not hundreds."""
    lines = told(BAD, Path("some/consumer.log"))
    assert "missing: usr_1 sendEvent orderCompleted ord_0" in lines
    assert 5 == sum(line.startswith("missing: ") for line in lines)
    assert "the consumer's log: some/consumer.log" in lines


def test_a_program_gets_all_of_it() -> None:
    """As JSON."""
    found = orjson.loads(orjson.dumps(document(BAD)))
    assert (False, 9) == (found["ok"], len(found["requests"]["missing"]))
    assert ["9 missing", "1,900 records not committed"] == found["reasons"]
    assert {"partition": 1, "end": 1900, "committed": None} == found["partitions"][1]
    assert True is orjson.loads(orjson.dumps(document(GOOD)))["ok"]
