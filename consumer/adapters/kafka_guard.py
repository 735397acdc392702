"""What librdkafka calls in Python, wrapped so that nothing of it can raise, and its log lines without addresses.

A callback that raises makes the client throw away messages that it had taken off its queue already.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable
from typing import ParamSpec

from consumer.adapters.kafka_errors import without_addresses
from consumer.logs import LineBudget, defect, logger

__all__ = ["ClientLog", "Guard"]

P = ParamSpec("P")

_log = logger("kafka")

_SAME_TEXT_AGAIN_S = 30.0
"""The client says the same at each attempt to connect, about 20 times in the first 2 ms."""

_VARYING = re.compile(r"[^\s\[]+#(?:consumer|producer)-\d+|\[thrd:[^\]]*\]|\(after .*\)|(?<![\w.:#/-])\d+(?:\.\d+)?")
"""What differs between two lines that say the same: client, thread, time spent, and any number that is no part of an
address."""


_NOT_LET_IN = re.compile("SASL authentication error|SSL handshake failed|SSL routines")
"""What the thread itself says, once and as an error, of all its attempts."""


class Guard:
    """Wraps callbacks: what one raises is counted, logged, and kept as the reason to end. It is never raised again."""

    def __init__(self) -> None:
        """Nothing has gone wrong."""
        self.errors = 0
        self.failure: str | None = None
        """A sentence, once there is a reason to end."""

    def __call__(self, callback: Callable[P, object]) -> Callable[P, None]:
        """The same callback, which cannot raise."""

        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                callback(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - whatever it is, raising it would lose messages
                self.errors += 1
                self.fail(f"a callback of the Kafka client failed: {defect(error)}")

        return guarded

    def fail(self, sentence: str) -> None:
        """Keeps the first reason to end."""
        if self.failure is None:
            self.failure = sentence
            _log.error("kafka_failed", reason=sentence)


class ClientLog:
    """What librdkafka logs, in our log, bounded. Has the one method of ``logging.Logger`` that the client calls."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing is logged yet. ``now`` is monotonic seconds."""
        self._now = now
        self._same = LineBudget(lines_max=1, period_s=_SAME_TEXT_AGAIN_S)
        self._alike = LineBudget()

    def log(self, level: int, message: str, *args: object) -> None:
        """One line, at a level of the standard library."""
        # This is a callback too, and there is no other place to tell.
        with contextlib.suppress(BaseException):
            text = message % args
            now = self._now()
            same = self._same.take(_VARYING.sub("", text), now=now)
            alike = None if same is None else self._alike.take(text.split(" ", 1)[0], now=now)
            if same is not None and alike is not None:
                level = min(level, logging.WARNING) if _NOT_LET_IN.search(text) else level
                _log.log(level, "kafka_client", text=without_addresses(text), kept_back=same + alike)
