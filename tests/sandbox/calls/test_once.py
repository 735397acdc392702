"""Calls with an idempotency key."""

from __future__ import annotations

import pytest

from consumer.sandbox.calls.once import once
from consumer.sandbox.keys import KeyMemory
from consumer.sandbox.options import KeyMode
from consumer.sandbox.reply import Answered, Refused
from tests.sandbox.asking import received


class Counted:
    """A call that counts how often it is carried out, and refuses a body that is bad."""

    def __init__(self, mode: KeyMode) -> None:
        """With a memory of that mode."""
        self.done = 0
        self._keys = KeyMemory(mode, 86_400.0, 100)

    def ask(self, key: str | None, **body: object) -> int:
        """The status."""

        def act() -> Answered:
            self.done += 1
            if "status" in body:
                raise Refused(int(str(body["status"])), "bad")
            return Answered(200, {"success": True}, effect=True)

        try:
            return once(self._keys, received(body, key=key), act).status
        except Refused as refused:
            return refused.status


def test_without_a_key_each_time_counts() -> None:
    """An empty one is none."""
    call = Counted(KeyMode.ANY)
    assert [200] * 4 == [call.ask(key) for key in (None, None, "", "")]
    assert 4 == call.done


@pytest.mark.parametrize(
    ("mode", "repeat", "other"), ((KeyMode.ANY, 409, 409), (KeyMode.SUCCESS, 409, 409), (KeyMode.BODY, 200, 409))
)
def test_a_used_key_is_not_carried_out_again(mode: KeyMode, repeat: int, other: int) -> None:
    """Only ``body`` tells bodies apart, by what they mean and not by how they are written."""
    call = Counted(mode)
    answers = [call.ask("k", a=1, b=2), call.ask("k", b=2, a=1), call.ask("k", a=2)]
    assert ([200, repeat, other], 1) == (answers, call.done)


@pytest.mark.parametrize(("mode", "then"), ((KeyMode.ANY, 409), (KeyMode.SUCCESS, 200), (KeyMode.BODY, 409)))
def test_whether_a_refusal_uses_the_key_up(mode: KeyMode, then: int) -> None:
    """The same key with a better body."""
    call = Counted(mode)
    assert [400, then] == [call.ask("k", status=400), call.ask("k")]


@pytest.mark.parametrize("mode", tuple(KeyMode))
def test_404_uses_no_key_up(mode: KeyMode) -> None:
    """Nor does anything else that is neither 200 nor 400."""
    call = Counted(mode)
    assert [404, 200] == [call.ask("k", status=404), call.ask("k")]


def test_a_key_has_a_hundred_characters_at_most() -> None:
    """Longer ones are refused and nothing is done."""
    call = Counted(KeyMode.ANY)
    assert ([200, 400], 1) == ([call.ask("k" * 100), call.ask("k" * 101)], call.done)
