"""The calls under /contacts/properties."""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Asker

PROPERTIES = "/contacts/properties"


def test_a_property_made_by_hand_is_listed() -> None:
    """With its label."""
    asker = Asker()
    assert (200, {"success": True}) == asker.ask("POST", PROPERTIES, {"name": "trialEndsAt", "type": "date"})
    expected = [{"key": "trialEndsAt", "label": "Trial ends at", "type": "date"}]
    assert (200, expected) == asker.ask("GET", f"{PROPERTIES}?list=custom")
    assert expected[0] in asker.ask("GET", PROPERTIES)[1]


@pytest.mark.parametrize(
    "body",
    (
        {},
        {"name": "x"},
        {"name": "", "type": "string"},
        {"name": "x", "type": "text"},
        {"name": "x", "type": []},
        {"name": "email", "type": "string"},
        {"name": "updatedAt", "type": "date"},
    ),
)
def test_a_bad_property_is_refused(body: dict[str, object]) -> None:
    """Bad type, no name, taken, reserved."""
    assert 400 == Asker().ask("POST", PROPERTIES, body)[0]


def test_the_list_is_all_or_custom() -> None:
    """All where it is not said."""
    asker = Asker()
    assert asker.ask("GET", PROPERTIES) == asker.ask("GET", f"{PROPERTIES}?list=all")
    assert 400 == asker.ask("GET", f"{PROPERTIES}?list=mine")[0]
