"""Lists that are given out a page at a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import urlencode

from consumer.sandbox.reply import Refused
from consumer.sandbox.team import Received

__all__ = ["page"]

_PER_PAGE = (10, 20, 50)
"""Least, default and most; Loops' OpenAPI document, ``perPage``."""


def page(found: Sequence[dict[str, object]], received: Received, path: str) -> dict[str, object]:
    """The page that the query asks for, with where the next one is. Raises :class:`Refused` (400) on a bad query."""
    per_page, start = _per_page(received.query.get("perPage")), _start(received.query.get("cursor"), len(found))
    data = list(found[start : start + per_page])
    cursor = _cursor(start + per_page) if start + per_page < len(found) else None
    following = urlencode({"perPage": per_page, "cursor": cursor or ""})
    address = f"http://{received.headers.get('host', 'localhost')}/api/v1{path}?{following}"
    pagination = {
        "totalResults": len(found),
        "returnedResults": len(data),
        "perPage": per_page,
        "totalPages": -(-len(found) // per_page),
        "nextCursor": cursor,
        "nextPage": address if cursor else None,
    }
    return {"pagination": pagination, "data": data}


def _per_page(text: str | None) -> int:
    least, default, most = _PER_PAGE
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise Refused(400, f"perPage must be between {least} and {most}.")
    return int(text)


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def _start(cursor: str | None, total: int) -> int:
    if cursor is None:
        return 0
    try:
        start = int(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        start = -1
    if not 0 <= start <= total:
        raise Refused(400, "Invalid cursor.")
    return start
