"""The calls under /event-patterns."""

from __future__ import annotations

from tests.sandbox.asking import Asker


def test_a_name_that_was_sent_is_found_by_name_and_by_id() -> None:
    """With its properties; a name is decoded from the path."""
    asker = Asker()
    asker.send(eventName="Trial Started/2", eventProperties={"plan": "pro", "at": "2026-05-01"})
    status, found = asker.ask("GET", "/event-patterns/by-name/Trial%20Started%2F2")
    assert (200, "Trial Started/2", None) == (status, found["eventName"], found["incomingWebhookPlatform"])
    assert [{"name": "plan", "type": "string"}, {"name": "at", "type": "date"}] == found["eventProperties"]
    assert (200, found) == asker.ask("GET", f"/event-patterns/{found['id']}")


def test_the_list_has_no_properties_and_is_paged() -> None:
    """Ten at least."""
    asker = Asker()
    for n in range(12):
        asker.send(eventName=f"e{n}")
    found = asker.ask("GET", "/event-patterns?perPage=10")[1]
    assert (10, 12) == (len(found["data"]), found["pagination"]["totalResults"])
    assert {"id", "eventName", "incomingWebhookPlatform"} == set(found["data"][0])


def test_unknown_is_404_and_impossible_is_400() -> None:
    """By name and by id."""
    asker = Asker()
    asker.send(eventName="paid")
    addresses = ("by-name/Paid", "by-name/a%3Ab", "cm0", "not-an-id")
    assert [404, 400, 404, 400] == [asker.ask("GET", f"/event-patterns/{each}")[0] for each in addresses]
