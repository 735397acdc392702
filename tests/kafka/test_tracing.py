"""A consumer's spans at a collector: of a whole run, and of one whose collector never answers."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from typing import Final

from confluent_kafka import Producer

from tests.fakes.collector import Collector, attributes_of
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job, MakeJob
from tests.kafka.standstills import StandStills
from tests.redaction import API_KEY

WITHIN_S: Final = 60
EVENTS: Final = 20
TRACE: Final = bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736")
PARENT: Final = bytes.fromhex("00f067aa0ba902b7")
DRAIN_S: Final = 16.0


def test_each_record_and_each_request_is_a_span(make_job: MakeJob) -> None:
    """The producer's trace goes on, nobody is named, and the last spans come though the process ends."""
    job = make_job()
    with Collector() as collector:
        traced(job, collector)
        job.produce(product.mixed(200, wanted=EVENTS, users=7))
        produce_with_trace(job)
        consumer = job.start().until_ready()
        job.sandbox.until_events(EVENTS + 1, WITHIN_S)
        job.until_committed()
        consumer.terminate()
        assert 0 == consumer.exit_code()

        records = [span for span in collector.spans() if span.name == f"process {job.topic}"]
        requests = [span for span in collector.spans() if span.name == "POST /events/send"]
        assert (EVENTS + 1, EVENTS + 1) == (len(records), len(requests))
        assert {span.span_id for span in records} == {span.parent_span_id for span in requests}
        assert {"delivered"} == {attributes_of(span)["loops_consumer.fate"] for span in records}
        (continued,) = [span for span in records if span.trace_id == TRACE]
        assert (PARENT, "vendor=1") == (continued.parent_span_id, continued.trace_state)
        assert [] == [secret for secret in ("example.com", "user-", API_KEY) if secret in collector.everything()]


def test_a_slow_answer_has_an_exemplar_of_its_trace(make_job: MakeJob) -> None:
    """In what a scraper of OpenMetrics gets."""
    job = make_job()
    with Collector() as collector:
        traced(job, collector)
        job.produce(product.make(1, users=1))
        consumer = job.start().until_ready()
        job.until_committed()
        page = openmetrics(consumer)
        consumer.terminate()
        assert 0 == consumer.exit_code()
        (request,) = [span for span in collector.spans() if span.name == "POST /events/send"]

        assert f'trace_id="{request.trace_id.hex()}"' in page


def test_off_nothing_of_opentelemetry_is_imported_and_nothing_exported(make_job: MakeJob) -> None:
    """Whatever the environment says. The interpreter itself lists what is imported."""
    listed = {"PYTHONPROFILEIMPORTTIME": "1"}
    job = make_job()
    with Collector() as collector:
        job.environment |= {**environment_of(collector), **listed}
        job.produce(product.make(5, users=5))
        consumer = job.start().until_ready()
        job.until_committed()
        consumer.terminate()
        assert 0 == consumer.exit_code()

        assert " consumer.adapters.tracing\n" in consumer.output()
        assert "opentelemetry" not in consumer.output()
        assert not collector.asked.is_set()


def test_a_collector_that_never_answers_stops_neither_delivery_nor_the_end(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """The process ends within its time to stop, and says that spans were lost."""
    job = make_job()
    with Collector(answers=False) as collector:
        traced(job, collector, OTEL_BSP_MAX_QUEUE_SIZE="16", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="8")
        job.produce(product.make(300, users=20))
        consumer = job.start().until_ready()
        job.sandbox.until_events(300, WITHIN_S)
        job.until_committed()
        assert collector.asked.wait(WITHIN_S)
        began = time.monotonic()
        consumer.send(signal.SIGTERM)
        assert 0 == consumer.exit_code()
        assert DRAIN_S > standstills.took_s(began, time.monotonic())
        assert "spans_not_exported" in consumer.output()


def traced(job: Job, collector: Collector, **variables: str) -> None:
    """Its consumers trace to this collector; a batch leaves soon."""
    job.configure(delivery={"drain_s": DRAIN_S})
    settings = json.loads(job.config.read_text())
    job.config.write_text(json.dumps({**settings, "tracing": {"enabled": True}}))
    job.environment |= {**environment_of(collector), "OTEL_BSP_SCHEDULE_DELAY": "200", **variables}


def produce_with_trace(job: Job) -> None:
    """An event whose producer has a span of its own."""
    event = product.Made(1, 999)
    headers: list[tuple[str, str | bytes | None]] = [
        ("traceparent", f"00-{TRACE.hex()}-{PARENT.hex()}-01"),
        ("tracestate", "vendor=1"),
    ]
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers})
    producer.produce(job.topic, event.value(), event.key, event.partition, headers=headers)
    assert 0 == producer.flush(WITHIN_S)


def openmetrics(consumer: ConsumerProcess) -> str:
    """Its metrics, in the form that has exemplars."""
    accept = {"Accept": "application/openmetrics-text"}
    request = urllib.request.Request(f"http://127.0.0.1:{consumer.port}/metrics", headers=accept)
    with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:  # noqa: S310 - as above
        return str(answer.read().decode())


def environment_of(collector: Collector) -> dict[str, str]:
    """What OpenTelemetry reads."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
