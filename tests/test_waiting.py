"""The deadline helper."""

from __future__ import annotations

import pytest

from tests.waiting import until, until_async


def test_the_first_true_value_is_returned() -> None:
    """A condition is asked until it is true."""
    values = iter((0, None, "", "ready", "later"))

    assert until(lambda: next(values), 5, "a value") == "ready"


def test_a_condition_that_is_true_at_once_needs_no_time() -> None:
    """A deadline that has passed does not hide a true value."""
    assert until(lambda: 7, 0, "a value") == 7


def test_the_deadline_says_what_was_missing() -> None:
    """A test that waits in vain names what it waited for."""
    with pytest.raises(TimeoutError, match=r"not within 0\.02 s: the broker answers"):
        until(lambda: False, 0.02, "the broker answers")


async def test_a_loop_waits_for_a_function_or_a_coroutine() -> None:
    """Both kinds of condition are asked until they are true."""
    values = iter((0, 0, 3))

    async def ask() -> int:
        return next(values)

    assert await until_async(ask, 5, "a value") == 3
    assert await until_async(lambda: 4, 5, "a value") == 4


async def test_a_loop_keeps_the_deadline() -> None:
    """The asynchronous sibling gives up too."""
    with pytest.raises(TimeoutError, match="the answer"):
        await until_async(lambda: False, 0.02, "the answer")
