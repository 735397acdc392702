"""What a log line shows, and what none ever shows."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.stdlib import ProcessorFormatter

from consumer import logs
from consumer.core.effect import Attempt, DeadLetter, Letter, Send
from consumer.core.outcome import Response
from consumer.core.record import Received, Record, TopicPartition, Wanted
from consumer.core.request import Call, CreateContact, DeleteContact, HttpRequest, SendEvent, UpdateContact
from consumer.faults import Fault, Faults
from consumer.settings import HeldKey, load_settings
from tests.redaction import API_KEY, leaks_of

EMAIL = "someone@example.com"
VALUE = "a-value-of-a-contact"
ABOUT: dict[str, Any] = {"rule": "r", "email": EMAIL, "user_id": VALUE, "event_time_ms": 0}
RECORD = Record("events", 0, 1, 0, EMAIL.encode(), VALUE.encode(), [("traceparent", VALUE.encode())])
HTTP = HttpRequest(Call.SEND, "POST", "/events/send", VALUE.encode(), "key-1", {"email": EMAIL})
ATTEMPT = Attempt(1, HTTP, lanes=("e" + EMAIL, "u" + VALUE))
LETTER = Letter(1, RECORD, "map", "bad_value", "plan is an array")
UPDATE = UpdateContact(contact={"plan": VALUE}, **ABOUT)

NOTHING: dict[str, str] = {}

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go, as JSON, while the test runs."""
    written = io.StringIO()
    undo = logs.configure(written, terminal=False, level="debug")
    yield written
    undo()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    """The lines so far."""
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def library_says(message: str, *values: object) -> None:
    """A line of a library, given to our handler alone: pytest's own would keep it as it is."""
    (ours,) = (each for each in logging.getLogger().handlers if isinstance(each.formatter, ProcessorFormatter))
    ours.handle(logging.LogRecord("librdkafka", logging.ERROR, "", 0, message, values, None))


def raised(error: Exception) -> Exception:
    """The same, with a traceback."""

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        fail()
    return caught.value


def test_a_line_is_json_with_time_level_component_and_event_first(lines: Lines) -> None:
    """What varies follows."""
    logs.logger("delivery").info("paused", topic="events", partition=3)

    (line,) = lines()
    assert ["timestamp", "level", "component", "event", "topic", "partition"] == list(line)
    assert ("info", "delivery", "paused", 3) == tuple(
        line[name] for name in ("level", "component", "event", "partition")
    )


def test_a_person_gets_a_readable_line() -> None:
    """Where the stream is a terminal."""
    written = io.StringIO()
    undo = logs.configure(written, terminal=True)
    logs.logger("delivery").info("paused", partition=3)
    logs.logger("delivery").debug("too much")
    undo()

    assert "paused" in written.getvalue()
    assert "too much" not in written.getvalue()
    assert not written.getvalue().startswith("{")


@pytest.mark.parametrize(
    "value",
    (
        RECORD,
        Wanted(RECORD, (UPDATE,)),
        Received(wanted=[Wanted(RECORD, (UPDATE,))]),
        HTTP,
        ATTEMPT,
        Send(ATTEMPT),
        LETTER,
        DeadLetter(LETTER),
        SendEvent(event_name="e", idempotency_key="k", event={"plan": VALUE}, contact={"plan": VALUE}, **ABOUT),
        UPDATE,
        CreateContact(contact={"plan": VALUE}, **ABOUT),
        DeleteContact(**ABOUT),
        Response(200, {"x": VALUE}, VALUE.encode()),
        load_settings(None, {"LOOPS_API_KEY": API_KEY}),
        HeldKey(load_settings(None, {"LOOPS_API_KEY": API_KEY}).loops.key_source),
        load_settings(None, {"LOOPS_API_KEY": API_KEY}).loops.api_key(),
    ),
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(
    "around",
    (lambda value: value, lambda value: [value], lambda value: {"it": value}, lambda value: {"it": [[[value]]]}),
    ids=("alone", "in a list", "in a dict", "deep inside"),
)
def test_no_type_of_ours_shows_a_contact_or_the_key(
    value: object, around: Callable[[object], object], stream: io.StringIO
) -> None:
    """Logged by itself, in a list, in a dict; as a field, in the text, by a library, or as an exception's argument."""
    logs.logger("test").info("seen", value=around(value))
    logging.getLogger("librdkafka").warning("%s", value)
    logs.logger("test").error("failed", exc_info=raised(ValueError(value)))

    shown = stream.getvalue()
    assert 3 == len(shown.splitlines())
    assert [] == leaks_of(shown)
    assert not any(secret in shown for secret in (API_KEY, VALUE, EMAIL))


@pytest.mark.parametrize(
    "text", (EMAIL, f"<{EMAIL}>", "some%40example.com", f"GET /find?email={EMAIL}&x=1", f"a {EMAIL}")
)
def test_what_looks_like_an_address_is_replaced(text: str, stream: io.StringIO) -> None:
    """In a field, in the event, in a list, in a library's line, in an exception's text that is shown."""
    logs.logger("test").info(text, value=text, values=[text])
    library_says("said %s", text)
    logs.logger("test").error("failed", exc_info=raised(OSError(text)))

    assert [] == leaks_of(stream.getvalue())
    assert "someone" not in stream.getvalue()


def test_a_text_can_be_made_fit_to_be_shown_elsewhere() -> None:
    """As a line would have it."""
    assert "no rule for (address) \\n" == logs.shown(f"no rule for {EMAIL} \n")
    assert logs.VALUE_LENGTH_MAX + 1 == len(logs.shown("x" * 10_000))


def test_bytes_are_not_shown(lines: Lines) -> None:
    """They come from a record or from an answer."""
    logs.logger("test").info("seen", value=VALUE.encode(), many=[VALUE.encode()], named={"it": VALUE.encode()})

    (line,) = lines()
    assert ("(20 bytes)", ["(20 bytes)"], {"it": "(20 bytes)"}) == tuple(line[n] for n in ("value", "many", "named"))


def test_values_are_bounded_and_plain(lines: Lines) -> None:
    """Length, number of items, control characters, numbers that JSON does not have."""
    log = logs.logger("test")
    log.info("seen", long="x" * 10_000, many=list(range(1_000)), control="a\x1b[31m\nb", number=float("inf"))
    log.info("seen", partition=TopicPartition("events", 3))

    first, second = lines()
    assert 501 == len(first["long"])
    assert list(range(20)) == first["many"]
    assert (r"a\x1b[31m\nb", "inf") == (first["control"], first["number"])
    assert "TopicPartition(topic='events', partition=3)" == second["partition"]


def test_an_exception_shows_where_and_not_what(lines: Lines) -> None:
    """Classes and places, along its causes; no locals, no text that may quote a value."""
    secret = VALUE

    def fail() -> None:
        try:
            NOTHING[secret]
        except KeyError as error:
            raise ValueError(f"no {secret}") from error

    try:
        fail()
    except ValueError:
        logs.logger("test").exception("failed")

    (line,) = lines()
    shown = line["exception"]
    assert ["ValueError", "after:", "KeyError"] == [text for text in shown.splitlines() if not text.startswith("  ")]
    assert "tests/test_logs.py:" in shown
    assert "in fail" in shown
    assert VALUE not in shown


@pytest.mark.parametrize("error", (OSError(2, "No such file"), RuntimeError("a broken rule"), Faults([Fault("bad")])))
def test_an_exception_whose_text_is_known_to_be_harmless_shows_it(error: Exception, lines: Lines) -> None:
    """Who reads the line needs it."""
    logs.logger("test").error("failed", exc_info=error)

    assert str(error) in lines()[0]["exception"]


def test_an_exception_without_end_is_bounded(lines: Lines) -> None:
    """Groups, long chains, deep stacks."""
    error: Exception = ValueError("x")
    for _ in range(100):
        wrapped = RuntimeError("y" * 1_000)
        wrapped.__cause__ = error
        error = ExceptionGroup("z" * 1_000, [wrapped, wrapped])
    logs.logger("test").error("failed", exc_info=error)

    assert len(lines()[0]["exception"]) <= logs.EXCEPTION_LENGTH_MAX


def test_libraries_write_the_same_form(lines: Lines) -> None:
    """Warnings and worse, under their own names; what may hold a contact's address not at all."""
    logging.getLogger("librdkafka").warning("broker %s is down", "b1")
    logging.getLogger("librdkafka").info("too much")
    logging.getLogger("aiohttp.access").error("GET /contacts/find?email=…")
    logging.getLogger("aiohttp.client").error("GET /contacts/find?email=…")

    (line,) = lines()
    assert ("librdkafka", "warning", "broker b1 is down") == (line["component"], line["level"], line["event"])


def test_what_nobody_caught_is_a_line(lines: Lines) -> None:
    """In the main thread, in another, in a warning; Ctrl-C is no failure."""
    sys.excepthook(KeyError, KeyError(VALUE), None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    thread = threading.Thread(target=lambda: NOTHING[VALUE], name="kafka")
    thread.start()
    thread.join()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("unclosed", ResourceWarning, stacklevel=1)

    found = lines()
    assert ["uncaught", "thread_ended"] == [line["event"] for line in found[:2]]
    assert ("KeyError", "kafka") == (found[0]["exception"], found[1]["thread"])
    assert "py.warnings" == found[2]["component"]
    assert VALUE not in str(found)


async def test_a_failed_task_shows_its_class_alone(stream: io.StringIO) -> None:
    """Whether the loop has our handler or asyncio's own."""
    loop = asyncio.get_running_loop()
    context = {"message": "Task exception was never retrieved", "exception": KeyError(VALUE), "future": VALUE}
    logs.log_loop_error(loop, context)
    loop.default_exception_handler(context)

    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
    assert ("unhandled", "KeyError") == (ours["event"], ours["exception"])
    assert ("Task exception was never retrieved", "KeyError") == (theirs["event"], theirs["exception"])
    assert VALUE not in stream.getvalue()


def test_undoing_puts_everything_back() -> None:
    """So that a command can be run inside another program."""
    before = (sys.excepthook, sys.unraisablehook, threading.excepthook, logging.getLogger().handlers[:])
    logs.configure(io.StringIO(), terminal=False)()

    assert before == (sys.excepthook, sys.unraisablehook, threading.excepthook, logging.getLogger().handlers[:])


def test_a_tag_is_stable_within_a_process_and_says_nothing() -> None:
    """The same for the same identifier; another for another one, and for another key."""
    tag, other = logs.ContactTags(b"k" * 32), logs.ContactTags(b"l" * 32)

    assert tag(["esomeone@example.com"]) == tag(("esomeone@example.com",))
    assert tag(["ea@example.com"]) != tag(["eb@example.com"])
    assert tag(["ea@example.com"]) != other(["ea@example.com"])
    assert tag(["ea@example.com", "u1"]) == "+".join((tag(["ea@example.com"]), tag(["u1"])))
    assert "-" == tag([])
    assert [] == leaks_of(tag(["ea@example.com"]))


def test_lines_of_one_kind_are_bounded() -> None:
    """Each kind by itself; the first of a new period says how many were kept back."""
    budget = logs.LineBudget(lines_max=2, period_s=10.0)

    assert [0, 0, None, None] == [budget.take("retry", now=float(second)) for second in range(4)]
    assert 0 == budget.take("paused", now=3.0)
    assert [2, 0, None] == [budget.take("retry", now=10.0) for _ in range(3)]
    assert 1 == budget.take("retry", now=25.0)


def test_a_budget_remembers_so_many_kinds() -> None:
    """The first one is forgotten for the next: its line is written again."""
    budget = logs.LineBudget(lines_max=1, kinds_max=2)

    assert [0, 0, None, 0, 0] == [budget.take(kind, now=0.0) for kind in ("a", "b", "b", "c", "a")]


def test_the_registry_of_metrics_can_be_logged(lines: Lines) -> None:
    """Anything can: what is no plain value is shown by its ``repr``."""
    logs.logger("test").info("seen", value=CollectorRegistry())

    assert "CollectorRegistry" in lines()[0]["value"]


def test_a_stream_that_takes_nothing_stops_nobody() -> None:
    """A full disk or a closed pipe is no reason to stop deliveries."""

    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    undo = logs.configure(Full(), terminal=False)
    try:
        logs.logger("test").error("said")
        library_says("said")
    finally:
        undo()
