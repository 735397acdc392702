"""Faults on request."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from consumer.sandbox.faults import FAULTS_MAX, FaultBody, FaultBook, InjectedFault, NoMoreRoom, Plan
from consumer.sandbox.reply import Ending


def planned(book: FaultBook, path: str = "/events/send", body: bytes = b"{}", *, now: float = 0.0) -> Plan:
    """What a POST would meet."""
    return book.plan("POST", path, body, now=now)


def book_with(*faults: InjectedFault, seed: int = 0) -> FaultBook:
    """A book with these."""
    book = FaultBook(seed)
    for fault in faults:
        book.add(fault, now=0.0)
    return book


def test_without_faults_nothing_happens() -> None:
    """And nothing takes time."""
    assert Plan() == planned(FaultBook(0))


@pytest.mark.parametrize(
    ("fault", "hit", "missed"),
    (
        (InjectedFault(status=500, path="/events/*"), "/events/send", "/contacts/update"),
        (InjectedFault(status=500, path="/api-key"), "/api-key", "/api-key2"),
    ),
)
def test_a_fault_concerns_the_paths_it_names(fault: InjectedFault, hit: str, missed: str) -> None:
    """A star stands for anything."""
    book = book_with(fault)
    assert (1, None) == (planned(book, hit).fault, planned(book, missed).fault)


def test_a_fault_can_concern_one_method_or_one_body() -> None:
    """So that one contact alone fails."""
    book = book_with(InjectedFault(status=500, method="PUT"), InjectedFault(status=500, body_contains="poison"))
    assert 1 == book.plan("PUT", "/contacts/update", b"", now=0.0).fault
    assert (2, None) == (planned(book, body=b'{"userId":"poison"}').fault, planned(book).fault)


def test_a_share_is_drawn_from_the_seed() -> None:
    """The same requests fail in every run, about as many as asked for, and others with another seed."""
    runs = []
    for seed in (1, 1, 2):
        book = book_with(InjectedFault(status=500, share=0.3), seed=seed)
        runs.append([planned(book).fault is not None for _ in range(1000)])
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    assert 240 < sum(runs[0]) < 360


def test_one_fault_more_changes_no_other_ones_lots() -> None:
    """Each draws for itself."""
    alone = book_with(InjectedFault(latency_ms=1, share=0.5))
    both = book_with(InjectedFault(latency_ms=1, share=0.5), InjectedFault(latency_ms=16, share=0.5))
    lots = [(planned(alone).after_s, planned(both).after_s) for _ in range(100)]
    assert {0.0, 0.001} == {one for one, _ in lots}
    assert all((two in (one, one + 0.016)) for one, two in lots)


def test_a_fault_ends_after_its_count_its_time_or_its_removal() -> None:
    """Then it is not listed any more."""
    book = FaultBook(0)
    book.add(InjectedFault(status=500, count=2), now=0.0)
    assert [1, 1, None] == [planned(book).fault for _ in range(3)]
    book.add(InjectedFault(status=500, for_s=60), now=0.0)
    assert (2, None) == (planned(book, now=59.9).fault, planned(book, now=60.0).fault)
    number = book.add(InjectedFault(status=500), now=60.0)
    assert (True, False) == (book.remove(number), book.remove(number))
    assert [] == book.standing(now=60.0)


def test_times_add_up_and_the_first_fault_with_an_answer_decides() -> None:
    """The second is not even hit."""
    book = FaultBook(0, latency_s=0.02)
    for fault in (InjectedFault(latency_ms=30), InjectedFault(status=503, latency_ms=50), InjectedFault(status=500)):
        book.add(fault, now=0.0)
    plan = planned(book)
    assert (503, 2) == (plan.reply.status if plan.reply else None, plan.fault)
    assert pytest.approx(0.1) == plan.after_s
    assert [1, 1, 0] == [each.hits for each in book.standing(now=0.0)]


def test_jitter_comes_before_the_request_counts_and_stays_within_its_bound() -> None:
    """The ordinary one and a fault's own."""
    book = FaultBook(0, jitter_s=0.1)
    ordinary = [planned(book).before_s for _ in range(200)]
    assert all(0 <= each <= 0.1 for each in ordinary)
    assert 150 < len(set(ordinary))
    book.add(InjectedFault(jitter_ms=1000), now=0.0)
    assert any(planned(book).before_s > 0.1 for _ in range(50))


@pytest.mark.parametrize(
    ("body", "kind", "start"),
    (
        (FaultBody.JSON, "application/json; charset=utf-8", b'{"success":false'),
        (FaultBody.HTML, "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        (FaultBody.TEXT, "text/plain; charset=utf-8", b"Something went wrong."),
        (FaultBody.EMPTY, None, b""),
    ),
)
def test_a_status_comes_with_the_body_that_was_asked_for(body: FaultBody, kind: str | None, start: bytes) -> None:
    """Loops' own, a proxy's page, plain text, or none."""
    reply = InjectedFault(status=502, body=body, retry_after=7).reply()
    assert (502, kind, "7") == (reply.status, reply.headers.get("content-type"), reply.headers["retry-after"])
    assert reply.body.startswith(start)


def test_an_injected_401_is_the_one_that_loops_gives() -> None:
    """Its old member too."""
    expected = {"success": False, "message": "Invalid API key", "error": "Invalid API key"}
    assert expected == orjson.loads(InjectedFault(status=401).reply().body)


@pytest.mark.parametrize(
    ("fault", "ending"), ((InjectedFault(hang=True), Ending.HANG), (InjectedFault(reset=True), Ending.RESET))
)
def test_hang_and_reset_answer_nothing(fault: InjectedFault, ending: Ending) -> None:
    """Only how it ends is told."""
    assert (ending, b"") == (fault.reply().ending, fault.reply().body)


@pytest.mark.parametrize(
    "wrong",
    (
        {},
        {"share": 0.5},
        {"status": 500, "hang": True},
        {"hang": True, "reset": True},
        {"status": 200},
        {"status": 99},
        {"status": 500, "share": 0},
        {"status": 500, "count": 0},
        {"status": 500, "retry_after": "1\r\nx: y"},
        {"latency_ms": -1},
        {"statsu": 500},
    ),
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """A misspelt name too."""
    with pytest.raises(ValidationError):
        InjectedFault(**wrong)


def test_there_are_no_more_faults_than_the_bound() -> None:
    """Those that are over make room."""
    book = book_with(*(InjectedFault(status=500, for_s=1) for _ in range(FAULTS_MAX)))
    with pytest.raises(NoMoreRoom):
        book.add(InjectedFault(status=500), now=0.5)
    book.add(InjectedFault(status=500), now=1.0)
    assert 1 == len(book.standing(now=1.0))
