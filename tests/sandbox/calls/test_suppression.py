"""The calls under /contacts/suppression."""

from __future__ import annotations

from tests.sandbox.asking import Asker

WHO = "/contacts/suppression?email=a@example.com"


def suppressed() -> Asker:
    """A team with one contact, mail to whom is suppressed."""
    asker = Asker()
    asker.ask("PUT", "/contacts/update", {"email": "a@example.com", "userId": "u1"})
    asker.model.team.contacts.newest(1)[0].suppressed = True
    return asker


def test_the_status_names_the_contact_and_the_quota() -> None:
    """Before and after a removal."""
    asker = suppressed()
    found = asker.ask("GET", WHO)[1]
    assert ("u1", True, {"limit": 100, "remaining": 100}) == (
        found["contact"]["userId"],
        found["isSuppressed"],
        found["removalQuota"],
    )
    status, removed = asker.ask("DELETE", WHO)
    assert (200, True, {"limit": 100, "remaining": 99}) == (status, removed["success"], removed["removalQuota"])
    assert asker.ask("GET", WHO)[1]["isSuppressed"] is False


def test_who_is_not_suppressed_cannot_be_removed() -> None:
    """400."""
    asker = suppressed()
    asker.ask("DELETE", WHO)
    assert 400 == asker.ask("DELETE", WHO)[0]


def test_a_hundred_removals_in_thirty_days_are_all() -> None:
    """Then they come back."""
    asker = suppressed()
    contact = asker.model.team.contacts.newest(1)[0]
    statuses = []
    for at in [0.0] * 101 + [30 * 86_400.0]:
        asker.at, contact.suppressed = at, True
        statuses.append(asker.ask("DELETE", WHO)[0])
    assert [200] * 100 + [400, 200] == statuses


def test_nobody_is_404_and_a_bad_query_400() -> None:
    """In both methods."""
    asker = Asker()
    for method in ("GET", "DELETE"):
        assert 404 == asker.ask(method, WHO)[0]
        assert 400 == asker.ask(method, "/contacts/suppression")[0]
        assert 400 == asker.ask(method, WHO + "&userId=u1")[0]
