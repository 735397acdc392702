"""Records that mean harm, or are out of their minds: each ends clearly, memory stays bounded, the others go on."""

from __future__ import annotations

import json
from typing import Any, Final

from confluent_kafka import Producer

from tests.kafka import product
from tests.kafka.job import Job, Letter, MakeJob, numbers_of
from tests.kafka.peak_memory import forget_peak, peak_mb

TEN_MEGABYTES: Final = 10_000_000
RECORD_BYTES_MAX: Final = 12_000_000
NEIGHBOURS: Final = 20

PEAK_MB_MAX: Final = 240
"""Of the whole process, which stays below 180 MB with records as they usually are; a pod's 256 MiB are 268 of these.
It took 207: ten megabytes lie in the client that reads, in flight, decoded, and in the client that writes letters."""

READ: Final[dict[str, dict[str, Any]]] = {
    "ten megabytes beside what a rule reads": {"padding": "x" * TEN_MEGABYTES},
    "four hundred thousand members": {f"k{number:06}": 1 for number in range(400_000)},
}
"""Properties of events that are wanted and well: they arrive."""

REFUSED: Final[dict[str, bytes]] = {
    "ten megabytes of zeros": b"\x00" * TEN_MEGABYTES,
    "ten megabytes of nesting": b'{"type":"track","event":"Trial Started","properties":' + b"[" * TEN_MEGABYTES,
    "ten megabytes of empty arrays": b'{"type":"track","event":"Trial Started","properties":{"a":['
    + b"[]," * (TEN_MEGABYTES // 3)
    + b"[]]}}",
    "ten megabytes of empty objects": b'{"type":"track","event":"Trial Started","properties":{"a":['
    + b"{}," * (TEN_MEGABYTES // 3)
    + b"{}]}}",
    "ten megabytes of one number": b'{"type":"track","event":' + b"9" * TEN_MEGABYTES + b"}",
    "ten megabytes that are no UTF-8": b'{"type":"track","event":"' + b"\xff" * TEN_MEGABYTES + b'"}',
    "surrogates that stand alone": b'{"type":"track","event":"Trial Started","userId":"\\ud800"}',
}
"""Values that end as dead letters: nobody can read them."""

HOSTILE_HEADERS: Final[list[tuple[str, str | bytes | None]]] = [
    ("__connect.errors.topic", b"elsewhere"),
    ("loops-consumer-redriven", b"0/0"),
    ("loops-consumer-attempts", b"9" * 5_000),
    ("\r\n\x1b[2J", b"\r\nX-Injected: yes"),
    ("traceparent", b"00-" + b"f" * 100_000),
    ("ce_specversion", b"\xff\xfe"),
    ("content-encoding", b"gzip"),
    ("x" * 30_000, None),
    *((f"h{number}", b"x" * 100) for number in range(5_000)),
]


def test_no_record_costs_the_process_or_its_neighbours(make_job: MakeJob) -> None:
    """Each is there twice, one after the other in one partition."""
    job = make_job(topic_config={"max.message.bytes": str(RECORD_BYTES_MAX)})
    consumer = job.start().until_ready()
    forget_peak(consumer.pid)
    given = list(product.make(NEIGHBOURS, users=1))
    values = [event.value() for event in given]
    wanted = [wanted_event(NEIGHBOURS + number, padding) for number, padding in enumerate(READ.values())]
    unwanted = product.Made(0, 999, "Page Viewed", "x" * TEN_MEGABYTES).value()
    too_long = product.Made(0, 998, note="x" * TEN_MEGABYTES).value()
    hostile = [*wanted, unwanted, too_long, *REFUSED.values()]
    write(job, [*values[: NEIGHBOURS // 2], *hostile, *REFUSED.values(), *values[NEIGHBOURS // 2 :]])

    letters = job.letters(2 * len(REFUSED) + 1)
    job.sandbox.until_events(NEIGHBOURS + len(READ), 60)
    job.until_committed(within_s=60)

    assert peak_mb(consumer.pid) <= PEAK_MB_MAX
    assert list(range(NEIGHBOURS + len(READ))) == sorted(numbers_of(job.sandbox.events()))
    assert ["undecodable"] * 2 * len(REFUSED) == [why(each) for each in letters if why(each) == "undecodable"]
    assert 2 * len(REFUSED) + 1 == len(letters)
    assert 1 == consumer.metric("loops_consumer_finished_records_total", fate="filtered")
    assert "defect" not in consumer.output()


def test_headers_that_mean_harm_change_nothing(make_job: MakeJob) -> None:
    """A record with them arrives; one that cannot be read is a letter of ours, whatever its own headers say."""
    job = make_job()
    event = product.Made(0, 0).value()
    write(job, [event, b"{"], HOSTILE_HEADERS)
    consumer = job.start().until_ready()

    (letter,) = job.letters(1)
    job.sandbox.until_events(1, 60)
    job.until_committed()

    own = tuple((name, value) for name, value in HOSTILE_HEADERS if value is not None)
    assert own == letter.headers[: len(own)]
    block = dict(letter.headers[len(own) :])
    assert (job.topic.encode(), b"decode") == (block["__connect.errors.topic"], block["__connect.errors.stage"])
    assert "X-Injected" not in f"{consumer.output()} {consumer.page('/status')[1]} {job.sandbox.received()[0].body}"


def wanted_event(number: int, properties: dict[str, Any]) -> bytes:
    """A wanted event with these properties besides."""
    document = json.loads(product.Made(0, number).value())
    return json.dumps({**document, "properties": {**document["properties"], **properties}}).encode()


def write(job: Job, values: list[bytes], headers: list[tuple[str, str | bytes | None]] | None = None) -> None:
    """Into one partition, in this order."""
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers, "message.max.bytes": RECORD_BYTES_MAX})
    for value in values:
        producer.produce(job.topic, value, b"key", 0, headers=headers)
    assert 0 == producer.flush(60)


def why(letter: Letter) -> str | None:
    """The fixed word of its reason."""
    return letter.said("__connect.errors.exception.class.name")
