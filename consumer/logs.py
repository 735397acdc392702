"""Log lines: JSON where a program reads them, pleasant where a person does, and fit to be shown to anyone.

What must not be shown is kept back by the types that hold it. This is the second line of defence: a value that is no
plain text or number is shown by its ``repr``, everything is bounded, what looks like an e-mail address is replaced,
an exception shows neither local variables nor a text that may quote a value.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from enum import Enum
from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger

__all__ = ["ContactTags", "LineBudget", "configure", "defect", "log_loop_error", "logger", "plain", "shown"]

VALUE_LENGTH_MAX: Final = 500
"""Characters of one value."""
ITEMS_MAX: Final = 20
"""Of a list or dict, and frames of a traceback."""
DEPTH_MAX: Final = 2
"""Lists and dicts inside each other."""
EXCEPTION_LENGTH_MAX: Final = 6_000
"""Characters of an exception with its causes."""

_TAG_BYTES: Final = 6
"""48 bits: among 100,000 contacts two share a tag about once in 50,000 processes."""
_ADDRESS: Final = re.compile(r"\S*(?:@|%40)\S*", re.IGNORECASE)
_FIRST: Final = ("timestamp", "level", "component", "event")
_OFF: Final = ("aiohttp.access", "aiohttp.client")
"""Their lines hold whole addresses of requests, and so those of contacts."""
_SPEAKING: Final = (OSError, AssertionError, RuntimeError, NotImplementedError)
_SPEAKING_NAMES: Final = frozenset({"Faults", "KafkaException", "KafkaError", "CallFailed"})
"""Exceptions whose text is known to quote no data; of all others only the class is shown."""


class ContactTags:
    """A name for a contact that is the same within one process, and tells nobody who it is."""

    def __init__(self, key: bytes) -> None:
        """``key`` is random and made anew at each start: 16 to 64 bytes."""
        self._key = key

    def __call__(self, lanes: Sequence[str]) -> str:
        """One tag for each identifier, joined by ``+``: a contact can be followed by either. ``-`` for nobody."""
        return "+".join(map(self._tag, lanes)) or "-"

    def _tag(self, lane: str) -> str:
        return blake2b(lane.encode("utf-8", "surrogatepass"), key=self._key, digest_size=_TAG_BYTES).hexdigest()


class LineBudget:
    """Bounds how many lines of one kind are written, so that a flood of one event does not hide the others."""

    def __init__(self, lines_max: int = 20, period_s: float = 10.0, kinds_max: int = 1_000) -> None:
        """At most ``lines_max`` of each kind in each period; of more than ``kinds_max`` the first one is forgotten."""
        self._lines_max = lines_max
        self._kinds_max = kinds_max
        self._period_s = period_s
        self._kinds: dict[str, tuple[float, int]] = {}

    def take(self, kind: str, *, now: float) -> int | None:
        """None: write no line. Otherwise how many were kept back since the last one that was written."""
        began, taken = self._kinds.get(kind, (-math.inf, 0))
        if now - began >= self._period_s:
            if kind not in self._kinds and len(self._kinds) >= self._kinds_max:
                del self._kinds[next(iter(self._kinds))]
            self._kinds[kind] = (now, 1)
            return max(0, taken - self._lines_max)
        self._kinds[kind] = (began, taken + 1)
        return 0 if taken < self._lines_max else None


def logger(component: str) -> FilteringBoundLogger:
    """The logger of one part of the program. An event is a fixed word; what varies is in its fields."""
    return cast("FilteringBoundLogger", structlog.get_logger(component=component))


def configure(stream: TextIO, *, terminal: bool, level: str = "info") -> Callable[[], None]:
    """Sends every line of the process to ``stream``: our own, the libraries', and whatever nobody caught.

    Returns what puts everything back as it was.
    """
    undo = _remembered()
    stream = cast("TextIO", _Steadfast(stream))
    render: Any = structlog.dev.ConsoleRenderer(colors=terminal) if terminal else _render_json
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[Any] = [structlog.processors.add_log_level, stamp, _flat_exception, plain]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    _take_in_standard_logging(stream, shared, render)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread_error
    return undo


class _Steadfast:
    """A stream that never raises: a full disk or a closed pipe must not stop deliveries."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes, if that can be done."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes, if that can be done."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def _remembered() -> Callable[[], None]:
    root, hooks = logging.getLogger(), (sys.excepthook, sys.unraisablehook, threading.excepthook)
    handlers, level, was = root.handlers[:], root.level, structlog.get_config()

    def undo() -> None:
        structlog.configure(**was)
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        sys.excepthook, sys.unraisablehook, threading.excepthook = hooks

    return undo


def defect(error: BaseException) -> str:
    """Kind and place of a defect, without its text, which may quote a record."""
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' > '.join(places)}"


def log_loop_error(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:  # noqa: ARG001 - asyncio's form
    """The event loop's exception handler: what asyncio itself would print holds the ``repr`` of whatever failed."""
    error = context.get("exception")
    logger("asyncio").error("unhandled", said=str(context.get("message", "")), exc_info=error)


def plain(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: bounds each value, and makes text of what is neither text nor number."""
    first = {name: event[name] for name in _FIRST if name in event}
    return {name: value if name == "exception" else _plain(value) for name, value in {**first, **event}.items()}


def _plain(value: object, depth: int = 0) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "_fields") and depth < DEPTH_MAX:
        return [_plain(item, depth + 1) for item in list(value)[:ITEMS_MAX]]
    if isinstance(value, dict) and depth < DEPTH_MAX:
        return {shown(str(name)): _plain(item, depth + 1) for name, item in list(value.items())[:ITEMS_MAX]}
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(value)} bytes)"
    return shown(value if isinstance(value, str) else repr(value))


def shown(value: str) -> str:
    """A text as a line would have it: bounded, printable, and without addresses."""
    text = value[:VALUE_LENGTH_MAX]
    if "@" in text or "%40" in text:
        text = _ADDRESS.sub("(address)", text)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return text if len(value) <= VALUE_LENGTH_MAX else text + "…"


def _render_json(_: object, __: str, event: MutableMapping[str, Any]) -> str:
    return json.dumps(event, default=repr, separators=(",", ":"))


def _flat_exception(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """``exc_info`` becomes a text of classes and places."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = _ADDRESS.sub("(address)", "\n".join(_described(error)))[:EXCEPTION_LENGTH_MAX]
    return event


def _described(error: BaseException, depth: int = 0) -> list[str]:
    name = type(error).__qualname__
    says = isinstance(error, _SPEAKING) or name in _SPEAKING_NAMES
    lines = [f"{name}: {str(error)[:VALUE_LENGTH_MAX]}" if says else name]
    frames = traceback.extract_tb(error.__traceback__)[-ITEMS_MAX:]
    lines += [f"  {'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} in {frame.name}" for frame in frames]
    inner = list(error.exceptions[:3]) if isinstance(error, BaseExceptionGroup) else []
    if error.__cause__ or not error.__suppress_context__:
        inner.append(error.__cause__ or error.__context__)
    for other in inner:
        if other is not None and depth < 4:
            lines += ["after:" if not isinstance(error, BaseExceptionGroup) else "of:", *_described(other, depth + 1)]
    return lines


def _take_in_standard_logging(stream: TextIO, shared: Sequence[Any], render: Any) -> None:
    """Warnings and worse of every library, in the same form."""
    drop_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_component_of_record, *shared[:2]], processors=[drop_meta, *shared[2:], render]
        )
    )
    handler.addFilter(_first_line_of_asyncio)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    for name in _OFF:
        quiet = logging.getLogger(name)
        quiet.handlers, quiet.propagate, quiet.disabled = [], False, True


def _component_of_record(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["component"] = event["_record"].name
    return event


def _first_line_of_asyncio(record: logging.LogRecord) -> bool:
    """The further lines of asyncio's messages hold the ``repr`` of a task, and so the text of its exception."""
    if record.name == "asyncio":
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
    return True


def _log_uncaught(kind: type[BaseException], error: BaseException, _: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger("process").critical("uncaught", exc_info=error)


def _log_unraisable(args: sys.UnraisableHookArgs) -> None:
    logger("process").error("ignored_exception", exc_info=args.exc_value)


def _log_thread_error(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
        thread = args.thread.name if args.thread else ""
        logger("process").critical("thread_ended", thread=thread, exc_info=args.exc_value)
