"""What is asked of the schema registry: each question on a thread of its own, each answer kept for good.

A number or a GUID stands for the same schema for ever, and so does a version of a subject. Only what the registry does
not have is asked for again, after a minute.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from consumer.adapters.schema_framing import SchemaName
from consumer.mapping.envelope import NotYet, Unreadable

__all__ = ["KEPT_MAX", "OfVersion", "Question", "SchemaQuestions", "UnknownSchema"]

KEPT_MAX: Final = 1_000
"""Schemas, and names of none; topics have a few."""

_SURE_AFTER_S: Final = 1.0
"""A registry of several nodes may not know yet what another has just registered: whoever says no is asked twice."""

_UNKNOWN_FOR_S: Final = 60.0


class OfVersion(NamedTuple):
    """A version of a subject, as schemas refer to each other."""

    subject: str
    version: int


class Question(NamedTuple):
    """One schema that is wanted."""

    schema: SchemaName | OfVersion
    serialized: bool = False
    """Whether as a serialized descriptor, which only Protobuf has."""


class UnknownSchema(Exception):  # noqa: N818 - an answer like any other
    """The registry has no such schema."""


class SchemaQuestions:
    """Asks and remembers. Used by one thread at a time, which it keeps waiting no longer than it is told to."""

    def __init__(
        self,
        ask: Callable[[Question], Any],
        *,
        host: str,
        waits_s: float,
        now: Callable[[], float] = time.monotonic,
        sure_after_s: float = _SURE_AFTER_S,
    ) -> None:
        """``ask`` gives the registry's answer; raises :class:`UnknownSchema`, and ``NotYet`` where there is none.

        ``waits_s`` is how long :meth:`answer` waits for it, and ``host`` is what the registry is called. ``now`` is
        monotonic seconds.
        """
        self._ask = ask
        self._host = host
        self._waits_s = waits_s
        self._now = now
        self._sure_after_s = sure_after_s
        self._known: dict[Question, Any] = {}
        self._unknown: dict[Question, float] = {}
        """And when it was said."""
        self._failed: dict[Question, str] = {}
        """Why the last try brought no answer."""
        self._under_way: set[Question] = set()
        self._changed = threading.Condition()
        self._queue: queue.SimpleQueue[Question] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def answer(self, question: Question) -> Any:
        """The schema. Raises ``NotYet`` where it cannot be had for now, and :class:`Unreadable` where there is none."""
        with self._changed:
            if (known := self._known.get(question)) is not None:
                return known
            if not self._is_unknown(question):
                self._begin(question)
                self._changed.wait_for(lambda: question not in self._under_way, self._waits_s)
            if (known := self._known.get(question)) is not None:
                return known
            if self._is_unknown(question):
                raise Unreadable("the schema registry does not have the schema that the value names")
            raise NotYet(self._failed.get(question, f"the schema registry at {self._host} has not answered yet"))

    def _is_unknown(self, question: Question) -> bool:
        said_at = self._unknown.get(question)
        return said_at is not None and self._now() - said_at < _UNKNOWN_FOR_S

    def _begin(self, question: Question) -> None:
        if question in self._under_way:
            return
        self._under_way.add(question)
        self._queue.put(question)
        if self._thread is None:
            self._thread = threading.Thread(target=self._answer_all, name="schema registry", daemon=True)
            self._thread.start()

    # On the thread of its own ----------------------------------------------------------------------------------------

    def _answer_all(self) -> None:
        while True:
            question = self._queue.get()
            known, failed = None, None
            try:
                known = self._asked_twice(question)
            except UnknownSchema:
                pass
            except NotYet as reason:
                failed = str(reason)
            except Exception as error:  # noqa: BLE001 - the thread must live on, and the text may quote an answer
                failed = f"asking the schema registry at {self._host} failed: {type(error).__name__}"
            with self._changed:
                self._take(question, known, failed)
                self._changed.notify_all()

    def _asked_twice(self, question: Question) -> Any:
        try:
            return self._ask(question)
        except UnknownSchema:
            threading.Event().wait(self._sure_after_s)
            return self._ask(question)

    def _take(self, question: Question, known: Any, failed: str | None) -> None:
        self._under_way.discard(question)
        self._failed.pop(question, None)
        if failed is not None:
            _keep(self._failed, question, failed)
        elif known is not None:
            _keep(self._known, question, known)
        else:
            _keep(self._unknown, question, self._now())


def _keep(kept: dict[Question, Any], question: Question, what: Any) -> None:
    """Keeps it as the newest, and drops the oldest where there are too many."""
    kept.pop(question, None)
    if len(kept) >= KEPT_MAX:
        del kept[next(iter(kept))]
    kept[question] = what
