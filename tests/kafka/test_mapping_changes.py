"""The mapping is changed while records flow: without a restart, without a rebalance, each record once."""

from __future__ import annotations

import copy
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import EVENT_NAME, MAPPING, RULE, Job, MakeJob, sandbox_of
from tests.waiting import until

RATE_PER_S: Final = 15
EACH: Final = 100
"""Events: at this rate a test that is held up for some seconds still finds them on their way."""
USERS: Final = 20
WITHIN_S: Final = 60

LATER: Final = "trialBegan"


def mapping_of(**more: Any) -> dict[str, Any]:
    """The job's own mapping, with these keys; ``send`` is the name of the event in Loops."""
    made: dict[str, Any] = copy.deepcopy(dict(MAPPING))
    made["rules"][0]["send"] = more.pop("send", EVENT_NAME)
    return {**made, **more}


def reloads(consumer: ConsumerProcess, result: str = "applied") -> float:
    """How many changes of the mapping came to this."""
    return consumer.metric("loops_consumer_mapping_reloads_total", result=result)


def numbers_by_name(job: Job) -> dict[str, list[int]]:
    """The numbers of the events that took effect, by their name in Loops, ascending."""
    found: dict[str, list[int]] = {}
    for entry in job.sandbox.events():
        found.setdefault(entry.event_name or "", []).append(int(str((entry.event_properties or {})["number"])))
    return {name: sorted(numbers) for name, numbers in found.items()}


def is_in_order_and_once(job: Job) -> bool:
    """Whether no contact's events came out of order, and none twice."""
    seen = oracles.sightings(job.sandbox.received())
    return not oracles.out_of_order(seen) and not oracles.twice_in_effect(seen) and not oracles.repeated(seen)


def test_records_keep_the_rules_that_selected_them_and_later_ones_have_the_new(make_job: MakeJob) -> None:
    """A backlog is on its way when the rule is edited. Nothing is lost or sent twice, and the group notices nothing."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.produce(product.make(EACH, users=USERS))
    consumer = job.start().until_ready()
    job.sandbox.until_events(5, WITHIN_S)
    until(lambda: consumer.metric("loops_consumer_received_records_total") == EACH, WITHIN_S, "all are in flight")
    before = consumer.status()
    assert before["in_flight_records"]

    job.map(mapping_of(send=LATER))
    until(lambda: reloads(consumer) == 1, WITHIN_S, "the edit has taken effect")
    job.produce(product.make(EACH, users=USERS, first=EACH))
    job.sandbox.until_events(2 * EACH, WITHIN_S)
    job.until_committed()

    assert {EVENT_NAME: list(range(EACH)), LATER: list(range(EACH, 2 * EACH))} == numbers_by_name(job)
    assert is_in_order_and_once(job)
    assert 1 == consumer.metric("loops_consumer_rebalances_total")
    after = consumer.status()["mapping"]
    assert before["mapping"]["digest"] != after["digest"]
    assert 1 == consumer.metric("loops_consumer_mapping_info", digest=after["digest"])
    assert after["since_s"] < consumer.status()["uptime_s"]


def test_a_broken_edit_is_refused_and_said_and_the_flow_goes_on(make_job: MakeJob) -> None:
    """With faults, or with a test of its own that fails; the next good one takes effect."""
    job = make_job()
    consumer = job.start().until_ready()
    digest = consumer.status()["mapping"]["digest"]

    broken = mapping_of()
    broken["rules"][0]["wen"] = broken["rules"][0].pop("when")
    job.map(broken)
    until(lambda: reloads(consumer, "refused_faults") == 1, WITHIN_S, "the faults are refused")
    job.produce(product.make(10, users=2))
    job.sandbox.until_events(10, WITHIN_S)
    (reason, *_) = consumer.status()["mapping"]["refused"]
    assert reason.startswith(str(job.config.parent / "mapping.yaml"))
    assert "rules[0].wen: unknown key" in reason
    assert 1 == consumer.metric("loops_consumer_mapping_refused")

    test = {"name": "nothing is sent", "given": {"type": "track", "event": product.WANTED, "userId": "u"}, "expect": []}
    job.map(mapping_of(tests=[test]))
    until(lambda: reloads(consumer, "refused_tests") == 1, WITHIN_S, "the failing test is refused")
    shown = consumer.status()["mapping"]
    assert (digest, ["its test 'nothing is sent' fails"]) == (shown["digest"], shown["refused"])
    assert "mapping_refused" in consumer.output()

    renamed = mapping_of()
    renamed["rules"][0]["name"] = "another"
    job.map(renamed)
    until(lambda: reloads(consumer) == 1, WITHIN_S, "the good one has taken effect")
    shown = consumer.status()["mapping"]
    assert ([], {RULE: 0}) == (shown["refused"], shown["rules_gone"])
    assert 0 == consumer.metric("loops_consumer_mapping_refused")
    assert "rules_gone" in consumer.output()


def test_while_it_is_paused_nothing_is_sent_and_afterwards_all_of_it_once(make_job: MakeJob) -> None:
    """Membership stays, and so do the offsets of what was not sent, over a restart too."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.produce(product.make(EACH, users=USERS))
    consumer = job.start().until_ready()
    job.sandbox.until_events(10, WITHIN_S)

    job.map(mapping_of(paused=True))
    asks_for_a_look(consumer)
    until(lambda: reloads(consumer) == 1, WITHIN_S, "it is paused")
    until(lambda: is_quiet(consumer), WITHIN_S, "nothing is on the wire")
    sent = job.sandbox.received_count()
    stood = job.committed()
    assert sent < EACH
    assert all(stood.get(partition, 0) < end for partition, end in job.ends().items())
    job.produce(product.make(EACH, users=USERS, first=EACH))
    passes(consumer, 3.0)
    assert (200, True) == (consumer.page("/readyz")[0], consumer.status()["mapping"]["paused"])
    assert {"mapping_paused"} == {reason for part in consumer.status()["partitions"] for reason in part["paused"]}

    consumer.terminate()
    assert 0 == consumer.exit_code()
    again = job.start().until_ready()
    passes(again, 3.0)
    assert (sent, stood) == (job.sandbox.received_count(), job.committed())

    job.map(mapping_of())
    job.sandbox.until_events(2 * EACH, WITHIN_S)
    job.until_committed()
    assert list(range(2 * EACH)) == numbers_by_name(job)[EVENT_NAME]
    assert is_in_order_and_once(job)
    assert 1 == again.metric("loops_consumer_rebalances_total")


def test_paused_and_read_on_in_one_process_nothing_is_missing_or_doubled(make_job: MakeJob) -> None:
    """Twice, while a backlog is on its way; SIGHUP makes it look at once."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.produce(product.make(3 * EACH, users=USERS))
    consumer = job.start().until_ready()

    for times, events in ((1, 20), (2, 100)):
        job.sandbox.until_events(events, WITHIN_S)
        job.map(mapping_of(paused=True))
        asks_for_a_look(consumer)
        until(lambda: consumer.status()["mapping"]["paused"] and is_quiet(consumer), WITHIN_S, "it is paused")
        job.map(mapping_of())
        asks_for_a_look(consumer)
        until(lambda applied=2 * times: reloads(consumer) == applied, WITHIN_S, "it goes on")  # type: ignore[misc]  # mypy infers no default in a lambda
    job.sandbox.until_events(3 * EACH, WITHIN_S)
    job.until_committed()

    assert list(range(3 * EACH)) == numbers_by_name(job)[EVENT_NAME]
    assert is_in_order_and_once(job)
    delivered = consumer.metric("loops_consumer_finished_records_total", fate="delivered")
    assert 3 * EACH == delivered
    assert 1 == consumer.metric("loops_consumer_rebalances_total")


def test_a_mounted_config_map_that_is_swapped_takes_effect(make_job: MakeJob) -> None:
    """Kubernetes replaces the link ``..data``; the mapping's file is a link through it, and stays."""
    job = make_job()
    mapping = job.config.parent / "mapping.yaml"
    mapping.unlink()
    mount(job.config.parent, "..1", mapping_of())
    mapping.symlink_to("..data/mapping.yaml")
    consumer = job.start().until_ready()

    mount(job.config.parent, "..2", mapping_of(send=LATER))
    until(lambda: reloads(consumer) == 1, WITHIN_S, "the swap has taken effect")
    job.produce(product.make(10, users=2))
    job.sandbox.until_events(10, WITHIN_S)

    assert {LATER: list(range(10))} == numbers_by_name(job)
    assert 0 == reloads(consumer, "refused_faults")


def test_a_dead_letter_names_the_mapping_that_selected_its_record(make_job: MakeJob) -> None:
    """Though another is in use when Loops refuses it."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.sandbox.inject(body_contains="user-0@example.com", latency_ms=8_000, status=400)
    job.produce(product.make(1, users=1))
    consumer = job.start().until_ready()
    until(lambda: consumer.metric("loops_consumer_on_wire_requests") == 1, WITHIN_S, "it is on the wire")
    digest = consumer.status()["mapping"]["digest"]

    job.map(mapping_of(send=LATER))
    until(lambda: reloads(consumer) == 1, WITHIN_S, "another mapping is in use")
    (letter,) = job.letters(1)

    assert digest == letter.said("loops-consumer-mapping")
    assert digest != consumer.status()["mapping"]["digest"]


def is_quiet(consumer: ConsumerProcess) -> bool:
    """Whether nothing is on the wire, nothing in flight, and everything committed that is done."""
    status = consumer.status()
    return not (status["on_wire"] or status["in_flight_records"] or status["uncommitted"])


def passes(consumer: ConsumerProcess, seconds: float) -> None:
    """Waits until so much of the consumer's own time is over."""
    end = consumer.status()["uptime_s"] + seconds
    until(lambda: consumer.status()["uptime_s"] >= end, WITHIN_S, f"{seconds} s pass")


def asks_for_a_look(consumer: ConsumerProcess) -> None:
    """SIGHUP."""
    consumer.send(signal.SIGHUP)


def mount(folder: Path, version: str, mapping: Mapping[str, Any]) -> None:
    """Puts a version of a ConfigMap into a folder, and swaps ``..data`` to it."""
    (folder / version).mkdir()
    (folder / version / "mapping.yaml").write_text(json.dumps(mapping))
    link = folder / "..data_tmp"
    link.symlink_to(version)
    link.rename(folder / "..data")
