"""The memory of idempotency keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.sandbox.keys import KeyMemory, Use
from consumer.sandbox.options import KeyMode

DAY = 86_400.0


@pytest.mark.parametrize(
    ("mode", "status", "same_body", "other_body"),
    (
        (KeyMode.ANY, 200, Use.USED, Use.USED),
        (KeyMode.ANY, 400, Use.USED, Use.USED),
        (KeyMode.SUCCESS, 200, Use.USED, Use.USED),
        (KeyMode.SUCCESS, 400, Use.NEW, Use.NEW),
        (KeyMode.BODY, 200, Use.REPEAT, Use.USED),
        (KeyMode.BODY, 400, Use.REPEAT, Use.USED),
    ),
)
def test_what_uses_a_key_up_depends_on_the_mode(mode: KeyMode, status: int, same_body: Use, other_body: Use) -> None:
    """A 200 always does."""
    keys = KeyMemory(mode, DAY, 100)
    keys.settle("k", b"one", status, now=0.0)
    assert (same_body, other_body) == (keys.look("k", b"one", now=1.0), keys.look("k", b"two", now=1.0))


@pytest.mark.parametrize("mode", tuple(KeyMode))
@pytest.mark.parametrize("status", (401, 403, 404, 405, 429, 500))
def test_other_answers_never_use_a_key_up(mode: KeyMode, status: int) -> None:
    """In no mode."""
    keys = KeyMemory(mode, DAY, 100)
    keys.settle("k", b"", status, now=0.0)
    assert Use.NEW is keys.look("k", b"", now=0.0)


def test_a_key_is_forgotten_after_24_hours() -> None:
    """Not before."""
    keys = KeyMemory(KeyMode.ANY, DAY, 100)
    keys.settle("k", b"", 200, now=10.0)
    assert (Use.USED, Use.NEW) == (keys.look("k", b"", now=DAY + 9.0), keys.look("k", b"", now=DAY + 10.0))


def test_past_the_bound_the_oldest_key_is_forgotten() -> None:
    """The memory stays as large as it may be."""
    keys = KeyMemory(KeyMode.ANY, DAY, 2)
    for key in "abc":
        keys.settle(key, b"", 200, now=0.0)
    assert [Use.NEW, Use.USED, Use.USED] == [keys.look(key, b"", now=0.0) for key in "abc"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from((200, 400, 404, 429)), st.integers(0, 60_000))))
def test_the_memory_agrees_with_a_list_of_all_that_happened(requests: list[tuple[str, int, int]]) -> None:
    """A key is used if a use of it lies less than 24 hours back."""
    keys, used, now = KeyMemory(KeyMode.ANY, DAY, 1000), list[tuple[str, int]](), 0
    for key, status, later in requests:
        now += later
        expected = any(each == key and now - at < DAY for each, at in used)
        assert expected == (keys.look(key, b"", now=now) is Use.USED)
        if not expected:
            keys.settle(key, b"", status, now=now)
            used += [(key, now)] * (status in (200, 400))
