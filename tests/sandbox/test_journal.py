"""What was received."""

from __future__ import annotations

from typing import Any

from consumer.sandbox.journal import Entry, Journal


def entry(n: int, **more: Any) -> Entry:
    """An entry with this number."""
    blank: dict[str, Any] = dict.fromkeys(Entry.__slots__)
    return Entry(**{**blank, "n": n, "now": float(n), "call": "sendEvent", "took_effect": True, **more})


def journal_of(count: int, entries_max: int = 100) -> Journal:
    """A journal into which so many went."""
    journal = Journal(entries_max)
    for _ in range(count):
        journal.add(entry(journal.next_number()))
    return journal


def test_numbers_count_from_one_and_reading_goes_on_after_one() -> None:
    """In order, and no more than asked for."""
    journal = journal_of(5)
    assert [1, 2, 3, 4, 5] == [each.n for each in journal]
    assert [3, 4] == [each.n for each in journal.after(2, limit=2)]
    assert [] == journal.after(5)


def test_past_the_bound_the_oldest_go_and_a_reader_is_told() -> None:
    """How many it has missed."""
    found = journal_of(10, entries_max=4).document(3, 100)
    assert (3, 10, 10) == (found["dropped"], found["next"], found["last"])


def test_reading_in_pages_meets_every_entry_once() -> None:
    """``next`` is where to go on."""
    journal, at, met = journal_of(7), 0, list[int]()
    while entries := journal.after(at, 3):
        met += [each.n for each in entries]
        at = entries[-1].n
        assert at == journal.document(at - len(entries), 3)["next"]
    assert [1, 2, 3, 4, 5, 6, 7] == met


def test_clearing_forgets_and_the_numbers_go_on() -> None:
    """So that a reader's place stays right."""
    journal = journal_of(3)
    journal.clear()
    assert (0, 4, 3) == (len(journal), journal.next_number(), journal.last)
    assert {"entries": [], "next": 3, "last": 3, "dropped": 0} == journal.document(3, 10)


def test_events_are_those_that_took_effect() -> None:
    """Whatever was answered."""
    journal = Journal(10)
    journal.add(entry(1, status=None))
    journal.add(entry(2, took_effect=False))
    journal.add(entry(3, call="updateContact"))
    assert [1] == [each.n for each in journal.events()]


def test_an_entry_shows_no_address_in_its_repr() -> None:
    """A failed comparison in a test prints it."""
    shown = repr(entry(1, email="a@example.com", user_id="user-1", body={"email": "a@example.com"}))
    assert "example" not in shown
    assert "user-1" not in shown
