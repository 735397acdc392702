"""Faults on request: what shall go wrong, with which requests, and how often. The same seed gives the same faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from random import Random
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from consumer.sandbox.reply import HTML, TEXT, Ending, Reply, failure, json_reply

__all__ = ["FaultBody", "FaultBook", "InjectedFault", "NoMoreRoom", "Plan", "Standing"]

FAULTS_MAX = 100
_OK = 200
_HTML_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"


class NoMoreRoom(Exception):  # noqa: N818 - says what is wrong
    """There are :data:`FAULTS_MAX` faults already."""


class FaultBody(Enum):
    """What comes with an injected status: Loops' own form, a proxy's page, plain text, or nothing."""

    JSON = "json"
    HTML = "html"
    TEXT = "text"
    EMPTY = "empty"


class InjectedFault(BaseModel):
    """One thing that goes wrong.

    Which requests: ``path`` (relative to the base address, ``*`` and ``?`` as in file names), ``method``,
    ``body_contains``, and of those ``share``, from 0 to 1, the first ``count`` that are hit, for ``for_s`` seconds.
    What: ``status`` with ``body``, ``message`` and ``retry_after``; or ``hang``; or ``reset``; and ``jitter_ms`` at
    most before the request is counted, ``latency_ms`` before it is answered. ``after_effect``: the request does its
    work first; otherwise it never comes as far as the team's limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    path: str = Field(default="*", min_length=1, max_length=500)
    method: str | None = Field(default=None, pattern=r"^[A-Z]{1,20}$")
    body_contains: str | None = Field(default=None, min_length=1, max_length=500, repr=False)
    share: float = Field(default=1.0, gt=0, le=1)
    count: int | None = Field(default=None, ge=1)
    for_s: float | None = Field(default=None, gt=0)
    status: int | None = Field(default=None, ge=200, le=599)
    body: FaultBody = FaultBody.JSON
    message: str | None = Field(default=None, max_length=1000)
    retry_after: str | int | None = None
    hang: bool = False
    reset: bool = False
    after_effect: bool = False
    latency_ms: float = Field(default=0, ge=0, le=600_000)
    jitter_ms: float = Field(default=0, ge=0, le=600_000)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        endings = sum((self.status is not None, self.hang, self.reset))
        if endings > 1:
            raise ValueError("only one of status, hang and reset can be")
        if not endings and not self.latency_ms and not self.jitter_ms:
            raise ValueError("nothing would go wrong: give status, hang, reset, latency_ms or jitter_ms")
        if self.status == _OK and self.body is FaultBody.JSON:
            raise ValueError("status 200 needs a body that Loops would not send: html, text or empty")
        if self.retry_after is not None and not str(self.retry_after).isprintable():
            raise ValueError("retry_after must be printable")
        return self

    @property
    def decides(self) -> bool:
        """Whether it takes the place of the answer; otherwise it only takes time."""
        return self.status is not None or self.hang or self.reset

    def reply(self) -> Reply:
        """What goes over the wire in the place of the answer."""
        if self.status is None:
            return Reply(0, {}, b"", Ending.HANG if self.hang else Ending.RESET)
        headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        text = self.message or _MESSAGES.get(self.status, "Something went wrong.")
        if self.body is FaultBody.JSON:
            more = {"error": text} if self.status == _UNAUTHORIZED else {}
            return json_reply(self.status, failure(text, **more), headers)
        if self.body is FaultBody.EMPTY:
            return Reply(self.status, headers, b"")
        if self.body is FaultBody.HTML:
            return Reply(self.status, {"content-type": HTML, **headers}, _HTML_PAGE.format(self.status).encode())
        return Reply(self.status, {"content-type": TEXT, **headers}, text.encode())


_UNAUTHORIZED = 401
_MESSAGES = {401: "Invalid API key", 429: "Rate limit exceeded.", 500: "Internal server error."}


@dataclass(slots=True)
class Standing:
    """A fault that is in force; ``until`` in seconds of the sandbox's clock."""

    id: int
    fault: InjectedFault
    until: float | None
    random: Random = field(repr=False)
    hits: int = 0

    def over(self, now: float) -> bool:
        """Whether its time or its number has run out."""
        spent = self.fault.count is not None and self.hits >= self.fault.count
        return spent or (self.until is not None and now >= self.until)

    def hit(self, method: str, path: str, body: bytes) -> bool:
        """Whether this request is one of those that it concerns; chance is asked last."""
        fault = self.fault
        if (fault.method is not None and fault.method != method) or not fnmatchcase(path, fault.path):
            return False
        if fault.body_contains is not None and fault.body_contains.encode() not in body:
            return False
        if fault.share < 1 and self.random.random() >= fault.share:
            return False
        self.hits += 1
        return True

    def document(self) -> Mapping[str, object]:
        """As a program reads it."""
        return {"id": self.id, "hits": self.hits, **self.fault.model_dump(mode="json", exclude_defaults=True)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen to one request: how long it is on its way, how long its answer waits, what is answered."""

    before_s: float = 0.0
    after_s: float = 0.0
    reply: Reply | None = None
    after_effect: bool = False
    fault: int | None = None


class FaultBook:
    """The faults in force, and the ordinary time that everything takes."""

    def __init__(self, seed: int, latency_s: float = 0.0, jitter_s: float = 0.0) -> None:
        """Each fault draws from a generator of its own, so that one fault more changes nothing for the others."""
        self._seed = seed
        self._latency_s = latency_s
        self._jitter_s = jitter_s
        self._random = Random(f"{seed}/way")  # noqa: S311 - repeatable on purpose
        self._standing: dict[int, Standing] = {}
        self._added = 0

    def add(self, fault: InjectedFault, *, now: float) -> int:
        """Puts it in force and returns its number. Raises :class:`NoMoreRoom`."""
        self._drop_over(now)
        if len(self._standing) >= FAULTS_MAX:
            raise NoMoreRoom(f"there are {FAULTS_MAX} faults already")
        self._added += 1
        until = None if fault.for_s is None else now + fault.for_s
        random = Random(f"{self._seed}/{self._added}")  # noqa: S311 - repeatable on purpose
        self._standing[self._added] = Standing(self._added, fault, until, random)
        return self._added

    def remove(self, number: int) -> bool:
        """Ends one; tells whether it was in force."""
        return self._standing.pop(number, None) is not None

    def clear(self) -> None:
        """Ends all."""
        self._standing.clear()

    def standing(self, *, now: float) -> list[Standing]:
        """Those in force, in the order in which they were added."""
        self._drop_over(now)
        return list(self._standing.values())

    def plan(self, method: str, path: str, body: bytes, *, now: float) -> Plan:
        """What is to happen: times add up, and the first fault that takes the answer's place decides it."""
        before_s = self._random.uniform(0, self._jitter_s) if self._jitter_s else 0.0
        after_s = self._latency_s
        decided: Standing | None = None
        for each in self.standing(now=now) if self._standing else ():
            if (each.fault.decides and decided is not None) or not each.hit(method, path, body):
                continue
            before_s += each.random.uniform(0, each.fault.jitter_ms / 1000) if each.fault.jitter_ms else 0.0
            after_s += each.fault.latency_ms / 1000
            decided = each if each.fault.decides else decided
        if decided is None:
            return Plan(before_s, after_s)
        return Plan(before_s, after_s, decided.fault.reply(), decided.fault.after_effect, decided.id)

    def _drop_over(self, now: float) -> None:
        for number in [each.id for each in self._standing.values() if each.over(now)]:
            del self._standing[number]
