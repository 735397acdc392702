"""Answers: what a call says, what goes over the wire, and a request that is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import orjson

__all__ = ["HTML", "JSON", "TEXT", "Answered", "Ending", "Refused", "Reply", "failure", "json_reply"]

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class Ending(Enum):
    """How an exchange ends on the wire."""

    ANSWER = "answer"
    RESET = "reset"
    HANG = "hang"


class Reply(NamedTuple):
    """What goes over the wire. ``headers`` have lower-case names; with another ending than an answer nothing goes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ending: Ending = Ending.ANSWER
    wait_s: float = 0.0
    """Passes before the answer leaves."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call came to, before it is written as JSON; ``effect`` tells whether the team is another one now."""

    status: int
    document: object
    effect: bool = False


class Refused(Exception):  # noqa: N818 - a request that is refused is not an error of the sandbox
    """Ends a call with this status and document; its text names no contact."""

    def __init__(self, status: int, message: str, **more: object) -> None:
        """``more`` stands beside ``success`` and ``message`` in the document."""
        super().__init__(message)
        self.status = status
        self.document = failure(message, **more)


def failure(message: str, **more: object) -> dict[str, object]:
    """The document with which Loops refuses."""
    return {"success": False, "message": message, **more}


def json_reply(status: int, document: object, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply with this document."""
    return Reply(status, {"content-type": JSON, **(headers or {})}, orjson.dumps(document))
