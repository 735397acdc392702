"""Values with schemas of a registry, through a real Kafka: as if they were JSON, and whatever the registry does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from consumer.mapping.envelope import Encoding
from tests.fakes.schema_registry import SchemaRegistry
from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.encoded_topic import AVRO, avro_events, encoded
from tests.kafka.golden_topic import golden_topics, held_contacts, held_events, produce
from tests.kafka.job import MAPPING, Job, MakeJob, numbers_of
from tests.kafka.test_golden_topics import REASON, differing, fates_of
from tests.waiting import until

GOLDEN: Final = next(golden for golden in golden_topics() if golden.directory.name == "segment")
NEXT: Final = {**AVRO, "fields": [*AVRO["fields"], {"name": "version", "type": ["null", "int"], "default": None}]}
"""The schema's next version."""

PART: Final = 200
WITHIN_S: Final = 60


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """One without a schema."""
    with SchemaRegistry() as registry:
        yield registry


def with_registry(job: Job, registry: SchemaRegistry) -> None:
    """Names the registry in the job's settings."""
    job.configure(kafka={"schema_registry": {"url": registry.url}})


def given_up(consumer: ConsumerProcess) -> float:
    """How many records became dead letters."""
    return consumer.metric("loops_consumer_finished_records_total", fate="dead_lettered")


@pytest.mark.parametrize("encoding", ("avro", "protobuf", "json_schema"))
def test_an_encoded_topic_comes_to_the_same_as_a_plain_one(
    make_job: MakeJob, registry: SchemaRegistry, encoding: Encoding
) -> None:
    """The golden topic of Segment's calls, in both framings by turns; what is no call is a dead letter here too."""
    expected = GOLDEN.expected
    job = make_job()
    with_registry(job, registry)
    options = f"format: {{name: segment, encoding: {encoding}}}"
    job.map(GOLDEN.mapping.replace("format: segment", options))
    records = list(encoded(GOLDEN.records(datetime.now(UTC)), encoding, registry))
    produce(job.kafka.bootstrap_servers, job.topic, records)
    consumer = job.start().until_ready()
    job.until_committed()

    contacts = job.sandbox.contacts()
    assert {} == differing(expected["contacts"], held_contacts(contacts))
    assert {} == differing(expected["events"], held_events(job.sandbox.events(), contacts))
    letters = job.letters(sum(expected["dead_letters"].values()))
    assert expected["dead_letters"] == Counter(letter.said(REASON) for letter in letters)
    assert expected["fates"] == fates_of(consumer, expected["fates"])


def test_a_registry_that_is_down_holds_the_topic_up_and_loses_nothing(
    make_job: MakeJob, registry: SchemaRegistry
) -> None:
    """At the start, and later when a new schema comes: it waits, says so and goes on by itself, once and in order."""
    first = product.make(PART, users=20)
    second = product.make(PART, users=20, first=PART)
    third = product.make(PART, users=20, first=2 * PART)
    job, waits = prepared(make_job, registry), f"the schema registry at {registry.host} does not answer"
    values = [avro_events(first, registry), avro_events(second, registry), avro_events(third, registry, NEXT)]
    registry.stop()
    produce(job.kafka.bootstrap_servers, job.topic, values[0])
    consumer = job.start().until_ready()
    until(lambda: waits in consumer.waits_for(), WITHIN_S, "it says that the registry does not answer")
    assert ([], 0) == (job.sandbox.events(), sum(job.committed().values()))
    registry.start()
    job.sandbox.until_events(PART, WITHIN_S)
    until(lambda: consumer.waits_for() == "", WITHIN_S, "it waits no more")

    registry.stop()
    produce(job.kafka.bootstrap_servers, job.topic, values[1])
    job.sandbox.until_events(2 * PART, WITHIN_S)
    produce(job.kafka.bootstrap_servers, job.topic, values[2])
    until(lambda: waits in consumer.waits_for(), WITHIN_S, "it says so again")
    assert consumer.status()["source"]["state"] == "joined"
    registry.start()
    job.sandbox.until_events(3 * PART, WITHIN_S)
    job.until_committed()

    seen = oracles.sightings(job.sandbox.received())
    assert [] == oracles.lost([*first, *second, *third], seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    assert given_up(consumer) == 0
    assert consumer.output().count("kafka_waits_no_more") <= 3


def test_a_stop_while_the_registry_is_down_ends_at_once_and_the_next_process_goes_on(
    make_job: MakeJob, registry: SchemaRegistry
) -> None:
    """Nothing of what waited is committed."""
    job = prepared(make_job, registry)
    made = product.make(PART, users=20)
    values = avro_events(made, registry)
    registry.status = 503
    produce(job.kafka.bootstrap_servers, job.topic, values)
    consumer = job.start().until_ready()
    until(lambda: "answers 503" in consumer.waits_for(), WITHIN_S, "it waits")
    consumer.terminate()
    assert consumer.exit_code(within_s=20) == 0  # it would drain for 25 s
    assert sum(job.committed().values()) == 0

    registry.status = None
    job.start().until_ready()
    assert list(range(PART)) == sorted(numbers_of(job.sandbox.until_events(PART, WITHIN_S)))


def prepared(make_job: MakeJob, registry: SchemaRegistry) -> Job:
    """A job with the product's mapping, for values in Avro."""
    job = make_job()
    with_registry(job, registry)
    mapping: dict[str, Any] = {**MAPPING, "format": {"name": "segment", "encoding": "avro"}}
    job.map(mapping)
    return job
