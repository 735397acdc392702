"""How the sandbox is read and steered."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from consumer.sandbox.control import control
from consumer.sandbox.reply import Reply
from tests.sandbox.asking import Asker


def asked(asker: Asker, method: str, path: str, body: object = None, **query: str) -> Reply:
    """What the sandbox itself answers."""
    sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
    return control(asker.model, method, path, query, sent, now=asker.at)


def read(asker: Asker, path: str, **query: str) -> Any:
    """The document of a good answer."""
    reply = asked(asker, "GET", path, **query)
    assert 200 == reply.status
    return orjson.loads(reply.body)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """One file, and a policy that says so."""
    reply = asked(Asker(), "GET", "/")
    assert (200, "text/html; charset=utf-8") == (reply.status, reply.headers["content-type"])
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    text = reply.body.decode().replace("http://www.w3.org/2000/svg", "")
    assert "http://" not in text
    assert "https://" not in text
    assert "innerHTML" not in text


def test_the_journal_is_read_from_where_a_reader_was() -> None:
    """And cleared."""
    asker = Asker()
    for name in ("a", "b", "c"):
        asker.send(eventName=name)
    first = read(asker, "/sandbox/journal", limit="2")
    rest = read(asker, "/sandbox/journal", after=str(first["next"]))
    assert ["a", "b"] == [each["event_name"] for each in first["entries"]]
    assert ["c"] == [each["event_name"] for each in rest["entries"]]
    assert 200 == asked(asker, "DELETE", "/sandbox/journal").status
    assert [] == read(asker, "/sandbox/journal")["entries"]


def test_contacts_are_listed_last_changed_first() -> None:
    """As find shows them, with the times."""
    asker = Asker()
    asker.send(email="a@example.com")
    asker.send(email="b@example.com", plan="pro")
    found = read(asker, "/sandbox/contacts")
    assert (2, ["b@example.com", "a@example.com"]) == (found["total"], [each["email"] for each in found["contacts"]])
    assert {**asker.contact("b@example.com"), "createdMs": 1_700_000_000_000}.items() <= found["contacts"][0].items()
    assert 1 == len(read(asker, "/sandbox/contacts", limit="1")["contacts"])


def test_the_rate_shows_the_limit_and_what_was_answered() -> None:
    """Sixty seconds, the running one last."""
    asker = Asker(rate_per_s=2)
    for _ in range(3):
        asker.send()
    found = read(asker, "/sandbox/rate")
    assert ("sliding", 2, 0, {"200": 2, "429": 1}) == tuple(
        found[name] for name in ("countedAs", "limit", "remaining", "byStatus")
    )
    assert (60, {"at": 0, "taken": 2, "throttled": 1, "failed": 0}) == (len(found["seconds"]), found["seconds"][-1])


def test_faults_are_added_listed_and_ended() -> None:
    """One or all."""
    asker = Asker()
    first = orjson.loads(asked(asker, "POST", "/sandbox/faults", {"status": 503, "body": "html", "share": 0.5}).body)
    asked(asker, "POST", "/sandbox/faults", {"hang": True, "path": "/events/*"})
    assert {"success": True, "id": 1} == first
    assert {"id": 1, "hits": 0, "status": 503, "body": "html", "share": 0.5} == read(asker, "/sandbox/faults")[
        "faults"
    ][0]
    assert 200 == asked(asker, "DELETE", "/sandbox/faults/1").status
    assert 404 == asked(asker, "DELETE", "/sandbox/faults/1").status
    assert [2] == [each["id"] for each in read(asker, "/sandbox/faults")["faults"]]
    asked(asker, "DELETE", "/sandbox/faults")
    assert {"faults": []} == read(asker, "/sandbox/faults")


def test_a_bad_fault_is_refused_with_all_that_is_wrong_and_the_nearest_name() -> None:
    """And puts nothing in force."""
    asker = Asker()
    reply = asked(asker, "POST", "/sandbox/faults", {"statsu": 500, "share": 2})
    message = orjson.loads(reply.body)["message"]
    assert 400 == reply.status
    assert "did you mean status?" in message
    assert "share:" in message
    assert {"faults": []} == read(asker, "/sandbox/faults")


def test_a_contact_is_suppressed_by_hand() -> None:
    """So that removing can be tried."""
    asker = Asker()
    asker.send()
    assert 200 == asked(asker, "POST", "/sandbox/suppressions", {"email": "a@example.com"}).status
    assert asker.ask("GET", "/contacts/suppression?email=a@example.com")[1]["isSuppressed"]
    assert 404 == asked(asker, "POST", "/sandbox/suppressions", {"email": "b@example.com"}).status


def test_the_state_has_everything_that_the_page_shows() -> None:
    """The entries from where it was, a hundred at most."""
    asker = Asker()
    for _ in range(150):
        asker.send()
    found = read(asker, "/sandbox/state", after="0")
    assert {"journal", "contacts", "rate", "faults", "events", "keyMemory"} == set(found)
    assert list(range(51, 151)) == [each["n"] for each in found["journal"]["entries"]]
    assert [{"name": "e", "seen": 150}] == found["events"]


@pytest.mark.parametrize(
    ("method", "path", "query", "status"),
    (
        ("GET", "/nope", {}, 404),
        ("GET", "/sandbox/faults/x", {}, 405),
        ("DELETE", "/sandbox/faults/x", {}, 404),
        ("PUT", "/sandbox/journal", {}, 405),
        ("GET", "/sandbox/journal", {"after": "-1"}, 400),
        ("GET", "/sandbox/journal", {"after": "9" * 40}, 400),
        ("POST", "/sandbox/faults", {}, 400),
        ("HEAD", "/", {}, 200),
    ),
)
def test_a_bad_request_says_so(method: str, path: str, query: dict[str, str], status: int) -> None:
    """Never a traceback."""
    assert status == asked(Asker(), method, path, **query).status
