"""The catalogue of contact properties."""

from __future__ import annotations

import pytest

from consumer.sandbox.properties import PropertyCatalogue, label
from consumer.sandbox.reply import Refused
from consumer.sandbox.values import PropertyType


def test_a_label_is_the_key_in_words() -> None:
    """As Loops writes it."""
    assert "Favorite color" == label("favoriteColor")


def test_a_new_property_is_made_of_the_type_that_its_first_value_shows() -> None:
    """And keeps it; null shows none."""
    catalogue = PropertyCatalogue(10)
    catalogue.learn({"plan": "pro", "seats": 3, "gone": None, "firstName": "x"})
    catalogue.learn({"plan": 1})
    assert [("plan", "string"), ("seats", "number")] == [
        (each["key"], each["type"]) for each in catalogue.listed(custom_only=True)
    ]


def test_all_has_those_of_every_team_too() -> None:
    """The custom ones come last."""
    catalogue = PropertyCatalogue(10)
    catalogue.create("plan", PropertyType.STRING)
    keys = [each["key"] for each in catalogue.listed(custom_only=False)]
    assert {"email", "firstName", "userId", "subscribed"} < set(keys)
    assert "plan" == keys[-1]


@pytest.mark.parametrize("name", ("email", "firstName", "plan", "id", "teamId"))
def test_a_name_that_is_taken_or_reserved_is_refused(name: str) -> None:
    """Made by hand."""
    catalogue = PropertyCatalogue(10)
    catalogue.create("plan", PropertyType.STRING)
    with pytest.raises(Refused):
        catalogue.create(name, PropertyType.STRING)


def test_there_are_no_more_than_the_bound() -> None:
    """Whether by hand or by use."""
    catalogue = PropertyCatalogue(1)
    catalogue.learn({"a": 1, "b": 2})
    assert ["a"] == [each["key"] for each in catalogue.listed(custom_only=True)]
    with pytest.raises(Refused):
        catalogue.create("c", PropertyType.STRING)
