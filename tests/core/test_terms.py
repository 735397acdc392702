"""What rules say of delivery."""

from __future__ import annotations

from consumer.core.terms import DEFAULT_TERMS, Priority, Terms


def test_a_rule_that_says_nothing_waits_for_nobody_and_lets_nothing_go() -> None:
    """Whom Loops does not know is a dead letter at once, and nothing is capped."""
    assert Terms() == DEFAULT_TERMS
    assert (Priority.NORMAL, False, False, 0.0, None) == (
        DEFAULT_TERMS.priority,
        DEFAULT_TERMS.once,
        DEFAULT_TERMS.unknown_dropped,
        DEFAULT_TERMS.unknown_wait_s,
        DEFAULT_TERMS.max_per_hour,
    )


def test_high_comes_before_normal_before_low() -> None:
    """As numbers, so that they sort."""
    assert [Priority.HIGH, Priority.NORMAL, Priority.LOW] == sorted(Priority)
