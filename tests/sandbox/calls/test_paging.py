"""Pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from consumer.sandbox.calls.paging import page
from consumer.sandbox.reply import Refused
from tests.sandbox.asking import received

FOUND: list[dict[str, object]] = [{"id": str(n)} for n in range(45)]


def test_following_the_cursor_meets_everything_once() -> None:
    """And ends with null."""
    met: list[dict[str, object]] = []
    cursor: dict[str, str] = {}
    while True:
        got: dict[str, Any] = page(FOUND, received(query=cursor), "/event-patterns")
        met += got["data"]
        if got["pagination"]["nextCursor"] is None:
            break
        cursor = {"cursor": got["pagination"]["nextCursor"]}
    assert FOUND == met
    assert (45, 5, 20, 3) == tuple(
        got["pagination"][name] for name in ("totalResults", "returnedResults", "perPage", "totalPages")
    )


def test_the_next_page_is_an_address_of_this_server() -> None:
    """A client that follows it stays here."""
    got: dict[str, Any] = page(FOUND, received(query={"perPage": "10"}), "/transactional")
    address = urlsplit(got["pagination"]["nextPage"])
    assert ("127.0.0.1:8025", "/api/v1/transactional") == (address.netloc, address.path)
    assert {"perPage": ["10"], "cursor": [got["pagination"]["nextCursor"]]} == parse_qs(address.query)


def test_nothing_is_one_empty_answer() -> None:
    """No pages."""
    got: dict[str, Any] = page([], received(), "/x")
    assert ([], 0, None) == (got["data"], got["pagination"]["totalPages"], got["pagination"]["nextPage"])


@pytest.mark.parametrize(
    "query",
    ({"perPage": "9"}, {"perPage": "51"}, {"perPage": "x"}, {"perPage": "²0"}, {"cursor": "?"}, {"cursor": "OTk5"}),
)
def test_a_bad_page_is_refused(query: dict[str, str]) -> None:
    """From 10 to 50, and a cursor that was given out."""
    with pytest.raises(Refused):
        page(FOUND, received(query=query), "/x")
