"""Backoff."""

from __future__ import annotations

from consumer.core.backoff import BackoffPolicy


def test_the_bound_doubles_with_each_failure_up_to_its_own() -> None:
    """The longest waits after failures 1 to 9, in seconds."""
    policy = BackoffPolicy(min_s=0.5, max_s=60)
    longest = [policy.wait_s(failures, lambda: 1.0) for failures in range(1, 10)]
    assert [0.5, 1, 2, 4, 8, 16, 32, 60, 60] == longest


def test_the_wait_is_any_part_of_the_bound() -> None:
    """Full jitter: from nothing."""
    policy = BackoffPolicy(min_s=0.5, max_s=60)
    assert (0.0, 1.0) == (policy.wait_s(3, lambda: 0.0), policy.wait_s(3, lambda: 0.5))


def test_a_thousand_failures_do_not_overflow() -> None:
    """The exponent is bounded."""
    assert BackoffPolicy().wait_s(1000, lambda: 1.0) == 60.0
