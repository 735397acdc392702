"""A memory with a bound."""

from __future__ import annotations

from consumer.core.recent import Recent


def test_past_its_bound_the_oldest_is_forgotten() -> None:
    """Whoever is put again is the newest again."""
    recent: Recent[str, int] = Recent(2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        recent.put(key, value)
    assert (2, 3, None, 4) == (len(recent), recent.get("a"), recent.get("b"), recent.get("c"))


def test_what_is_dropped_is_not_remembered() -> None:
    """Nor need it have been."""
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.drop("a")
    recent.drop("b")
    assert (0, None) == (len(recent), recent.get("a"))
