"""Counting contacts without keeping them."""

from __future__ import annotations

from consumer.preview.contacts import Contacts, hashed


def _counted(contacts: int, *, kept_max: int, times: int = 1) -> Contacts:
    found = Contacts(kept_max)
    for _ in range(times):
        for number in range(contacts):
            found.add(hashed(f"user-{number}"))
    return found


def test_up_to_the_bound_the_count_is_exact() -> None:
    """However often each comes."""
    found = _counted(1_000, kept_max=1_000, times=3)

    assert (1_000, True) == (found.count, found.is_exact)


def test_past_it_the_count_is_an_estimate_and_says_so() -> None:
    """Of a sample; within a tenth with a bound as small as this one."""
    found = _counted(50_000, kept_max=2_000, times=2)

    assert not found.is_exact
    assert 0.9 < found.count / 50_000 < 1.1


def test_texts_are_told_apart_where_one_ends() -> None:
    """And a text that is no Unicode has a hash too."""
    assert hashed("ab", "c") != hashed("a", "bc")
    assert 0 <= hashed("\ud800") < 2**64
