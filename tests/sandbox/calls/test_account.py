"""/api-key and /lists."""

from __future__ import annotations

from tests.sandbox.asking import Asker


def test_the_key_tells_the_teams_name() -> None:
    """As the probe asks."""
    assert (200, {"success": True, "teamName": "Ours"}) == Asker(team_name="Ours").ask("GET", "/api-key")


def test_lists_are_those_of_the_options() -> None:
    """A description may be null."""
    found = Asker().ask("GET", "/lists")[1]
    assert {"id", "name", "description", "isPublic"} == set(found[0])
    assert None in [each["description"] for each in found]
