"""What a team has."""

from __future__ import annotations

from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.team import Team
from tests.sandbox.asking import received


def test_a_list_that_is_named_and_not_known_is_made_up_to_the_bound() -> None:
    """Known ones stay as they are."""
    team = Team(SandboxOptions(lists_max=3))
    before = dict(team.lists)
    team.learn_lists({**dict.fromkeys(before, True), "new": True, "newer": False})
    assert [*before, "new"] == list(team.lists)
    assert before.items() <= team.lists.items()


def test_a_request_shows_neither_body_nor_query_nor_headers() -> None:
    """It may stand in a traceback."""
    assert "example" not in repr(received({"email": "a@example.com"}, query={"email": "a@example.com"}))


def test_the_calendar_is_in_milliseconds() -> None:
    """As contacts and the journal have it."""
    assert 1_700_000_000_500 == received(now=0.5).wall_ms
