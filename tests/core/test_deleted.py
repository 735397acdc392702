"""Contacts that were deleted lately."""

from __future__ import annotations

from consumer.core.deleted import IDENTIFIERS_MAX, KEPT_S, DeletedContacts


def test_what_happened_before_a_delete_is_told_from_what_happened_after() -> None:
    """By the events' own times; at the same moment is not before."""
    deleted = DeletedContacts()
    deleted.put(("ea@example.com", "ua"), 1_000, now=0.0)
    assert [True, False, False] == [deleted.after(("ua",), time_ms, now=1.0) for time_ms in (999, 1_000, 1_001)]


def test_either_identifier_names_it() -> None:
    """A request may bear one that the contact had, and one that another has."""
    deleted = DeletedContacts()
    deleted.put(("ea@example.com", "ua"), 1_000, now=0.0)
    lanes = (("ea@example.com",), ("eb@example.com", "ua"), ("eb@example.com", "ub"))
    assert [True, True, False] == [deleted.after(each, 1, now=1.0) for each in lanes]


def test_it_is_remembered_for_a_day() -> None:
    """From the delete itself, not from its event."""
    deleted = DeletedContacts()
    deleted.put(("ua",), 1_000, now=5.0)
    assert [True, False] == [deleted.after(("ua",), 1, now=now) for now in (KEPT_S + 4.9, KEPT_S + 5.0)]


def test_the_latest_of_two_deletes_counts() -> None:
    """Whichever came last, and as long as that one."""
    deleted = DeletedContacts()
    deleted.put(("ua",), 1_000, now=0.0)
    deleted.put(("ua",), 500, now=10.0)
    assert [True, False] == [deleted.after(("ua",), 999, now=now) for now in (KEPT_S + 9.0, KEPT_S + 10.0)]


def test_the_oldest_are_forgotten() -> None:
    """As many as there is room for are kept."""
    deleted = DeletedContacts()
    for number in range(IDENTIFIERS_MAX + 1):
        deleted.put((f"u{number}",), 1_000, now=0.0)
    assert [False, True] == [deleted.after((lane,), 1, now=1.0) for lane in ("u0", "u1")]
