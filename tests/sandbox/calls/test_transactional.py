"""The calls under /transactional."""

from __future__ import annotations

from tests.sandbox.asking import Asker

ID = "cll42l54f20i1la0lfooe3z12"
GOOD: dict[str, object] = {
    "email": "a@example.com",
    "transactionalId": ID,
    "dataVariables": {"confirmationUrl": "https://example.com/c"},
}


def test_a_good_one_is_taken_once_for_a_key() -> None:
    """And makes a contact only where asked to."""
    asker = Asker()
    assert (200, {"success": True}) == asker.ask("POST", "/transactional", GOOD, key="k")
    assert 409 == asker.ask("POST", "/transactional", GOOD, key="k")[0]
    assert 0 == len(asker.model.team.contacts)
    assert 200 == asker.ask("POST", "/transactional", {**GOOD, "addToAudience": True}, key="k2")[0]
    assert 1 == len(asker.model.team.contacts)


def test_keys_of_events_are_others() -> None:
    """Each call has a memory of its own."""
    asker = Asker()
    assert (200, 200) == (asker.send("k"), asker.ask("POST", "/transactional", GOOD, key="k")[0])


def test_an_unknown_email_is_404_and_uses_no_key_up() -> None:
    """With the path of the bad member."""
    asker = Asker()
    status, found = asker.ask("POST", "/transactional", {**GOOD, "transactionalId": "x"}, key="k")
    assert (404, "transactionalId") == (status, found["error"]["path"])
    assert 200 == asker.ask("POST", "/transactional", GOOD, key="k")[0]


def test_each_kind_of_mistake_has_its_form() -> None:
    """As Loops' document has them."""
    asker = Asker()
    status, found = asker.ask("POST", "/transactional", {**GOOD, "dataVariables": {}})
    message = "Missing required data variable(s): confirmationUrl"
    assert (400, message, ID) == (status, found["message"], found["transactionalId"])
    bad: tuple[dict[str, object], ...] = (
        {"email": "x"},
        {"transactionalId": None},
        {"dataVariables": []},
        {"addToAudience": 1},
        {"attachments": [{"filename": "a"}]},
    )
    assert [400] * len(bad) == [asker.ask("POST", "/transactional", {**GOOD, **each})[0] for each in bad]


def test_the_published_ones_are_listed() -> None:
    """With their variables."""
    found = Asker().ask("GET", "/transactional")[1]
    assert [(ID, ["confirmationUrl"])] == [(each["id"], each["dataVariables"]) for each in found["data"]]
