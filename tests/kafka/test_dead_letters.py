"""What cannot be delivered ends on the dead-letter topic, and its neighbours go on."""

from __future__ import annotations

from typing import Final

import pytest
from confluent_kafka import KafkaError, Message, Producer

from tests.kafka import product
from tests.kafka.job import RULE, Job, MakeJob, numbers_of

NEIGHBOURS: Final = 8
CONNECT: Final = "__connect.errors."
OWN_HEADER: Final = ("trace", b"\x00\xff of the product's own")
DEEP: Final = b'{"event":' + b"[" * 1_000_000

UNREADABLE: Final = {
    "not JSON": b"Trial Started, they said",
    "zero bytes": b"",
    "not UTF-8": b'{"type":"track","event":"Trial \xff\xfe"}',
    "a megabyte of nesting": DEEP,
    "no object": b"[1,2,3]",
}


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_record_that_cannot_be_read_is_a_dead_letter_untouched(make_job: MakeJob, value: bytes) -> None:
    """Key, value and headers as they were, with where it lay and why it is here."""
    job = make_job()
    among_neighbours(job, value)
    job.start()

    (letter,) = job.letters(1)
    job.sandbox.until_events(NEIGHBOURS, 60)
    job.until_committed()

    assert (b"its key", value) == (letter.key, letter.value)
    assert OWN_HEADER == letter.headers[0]
    assert [job.topic, "0", "1"] == [letter.said(f"{CONNECT}{name}") for name in ("topic", "partition", "offset")]
    assert ("decode", "undecodable") == (letter.said(f"{CONNECT}stage"), letter.said(f"{CONNECT}exception.class.name"))
    assert letter.said(f"{CONNECT}exception.message")
    assert letter.said("loops-consumer-mapping")
    assert letter.said("loops-consumer-rule") is None


def test_a_record_that_loops_would_refuse_is_a_dead_letter_with_its_rule(make_job: MakeJob) -> None:
    """Loops takes 498 characters of a text; the request never leaves."""
    job = make_job()
    too_long = product.Made(user=0, number=999, note="x" * 499).value()
    among_neighbours(job, too_long)
    consumer = job.start()

    (letter,) = job.letters(1)
    job.sandbox.until_events(NEIGHBOURS, 60)
    job.until_committed()

    assert (b"its key", too_long) == (letter.key, letter.value)
    assert (RULE, "map") == (letter.said("loops-consumer-rule"), letter.said(f"{CONNECT}stage"))
    assert "note" in (letter.said(f"{CONNECT}exception.message") or "")
    told = consumer.status()["dead_letters"]
    reason = letter.said(f"{CONNECT}exception.class.name")
    assert (1, "map", reason, RULE) == tuple(told[name] for name in ("count", "last_stage", "last_reason", "last_rule"))
    assert 999 not in numbers_of(job.sandbox.received())


def test_a_request_that_loops_refuses_is_a_dead_letter_with_what_it_said(make_job: MakeJob) -> None:
    """A 400 with Loops' JSON is final: one attempt, and the key that it had."""
    job = make_job()
    job.sandbox.inject(status=400, message="This is not to be.", body_contains="poison")
    among_neighbours(job, product.Made(user=0, number=999, note="poison").value())
    job.start()

    (letter,) = job.letters(1)
    job.sandbox.until_events(NEIGHBOURS, 60)
    job.until_committed()

    assert (RULE, "deliver") == (letter.said("loops-consumer-rule"), letter.said(f"{CONNECT}stage"))
    assert ("1", "1") == (letter.said("loops-consumer-attempts"), letter.said("loops-consumer-refusals"))
    assert "This is not to be." in (letter.said(f"{CONNECT}exception.message") or "")
    (refused,) = [entry for entry in job.sandbox.received() if entry.status == 400]
    assert refused.idempotency_key == letter.said("loops-consumer-idempotency-key")


def test_a_body_that_alone_gets_500_for_ever_is_a_dead_letter_in_the_end(make_job: MakeJob) -> None:
    """An attempt counts against it when another contact's has succeeded meanwhile; the others go on."""
    job = make_job()
    job.configure(delivery={"attempts_max": 3, "backoff_min_s": 0.05, "backoff_max_s": 0.1})
    job.sandbox.inject(status=500, body_contains="poison")
    job.produce([product.Made(user=0, number=999, note="poison"), *product.make(400, users=40, first=1)])
    consumer = job.start().until_ready()

    (letter,) = job.letters(1)
    job.sandbox.until_events(400, 60)
    job.until_committed()

    assert (RULE, "deliver") == (letter.said("loops-consumer-rule"), letter.said(f"{CONNECT}stage"))
    assert int(letter.said("loops-consumer-attempts") or 0) >= 3
    assert list(range(1, 401)) == sorted(numbers_of(job.sandbox.events()))
    assert consumer.metric("loops_consumer_finished_records_total", fate="dead_lettered") == 1


def among_neighbours(job: Job, value: bytes) -> None:
    """Puts the record into partition 0 with good ones before and behind it, and good ones into the others."""

    def taken(error: KafkaError | None, _: Message) -> None:
        assert error is None

    job.produce(product.make(4, users=4))
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers, "message.max.bytes": 2**21})
    producer.produce(job.topic, value, b"its key", 0, headers=[OWN_HEADER], on_delivery=taken)
    assert producer.flush(60) == 0
    job.produce(product.make(4, users=4, first=4))
