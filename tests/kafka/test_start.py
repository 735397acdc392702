"""A consumer that must not start says why, once, and ends."""

from __future__ import annotations

from tests.kafka import product
from tests.kafka.job import MakeJob

BAD_SETTINGS = 78


def test_a_dead_letter_topic_that_is_missing_ends_it_before_it_reads(make_job: MakeJob) -> None:
    """One fault with its key and the topic's name; nothing is read and nothing is sent."""
    job = make_job()
    job.configure(kafka={"dead_letter_topic": "nobody-made-it"})
    job.produce(product.make(4, users=4))
    consumer = job.start()

    assert consumer.exit_code() == BAD_SETTINGS

    assert consumer.output().count("nobody-made-it") == 1
    assert "kafka.dead_letter_topic" in consumer.output()
    assert "Traceback" not in consumer.output()
    assert job.sandbox.received() == []
