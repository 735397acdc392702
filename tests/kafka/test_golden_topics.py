"""One golden topic for each format, through a real Kafka and the consumer as users run it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.golden_topic import GoldenTopic, golden_topics, held_contacts, held_events, produce
from tests.kafka.job import MakeJob

TOPICS = tuple(golden_topics())
RECORDS = 200
REASON = "__connect.errors.exception.class.name"


@pytest.mark.parametrize("golden", TOPICS, ids=lambda golden: golden.directory.name)
def test_what_loops_holds_in_the_end_is_what_a_person_wrote_down(make_job: MakeJob, golden: GoldenTopic) -> None:
    """Every contact with all that is known of it, every event in its order, and each dead letter by its reason."""
    expected = golden.expected
    job = make_job()
    job.map(golden.mapping)
    produce(job.kafka.bootstrap_servers, job.topic, golden.records(datetime.now(UTC)))
    consumer = job.start().until_ready()
    job.until_committed()

    letters = job.letters(sum(expected["dead_letters"].values()))
    contacts = job.sandbox.contacts()
    assert {} == differing(expected["contacts"], held_contacts(contacts))
    assert {} == differing(expected["events"], held_events(job.sandbox.events(), contacts))
    assert expected["dead_letters"] == Counter(
        letter.said("__connect.errors.exception.class.name") for letter in letters
    )
    assert expected["fates"] == fates_of(consumer, expected["fates"])


@pytest.mark.parametrize("golden", TOPICS, ids=lambda golden: golden.directory.name)
def test_a_golden_topic_has_200_records_of_which_each_has_a_fate(golden: GoldenTopic) -> None:
    """Tombstones, events that are too old, and what cannot be read among them."""
    records = golden.records(datetime.now(UTC))
    fates, letters = golden.expected["fates"], golden.expected["dead_letters"]

    assert RECORDS == len(records) == sum(fates.values())
    assert any(record.value is None for record in records)
    assert fates["stale"]
    assert letters["undecodable"]
    assert sum(letters.values()) == fates["dead_lettered"]


def differing(expected: dict[str, Any], held: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What was expected and what is held, of each address of which they are not the same."""
    pairs = {address: (expected.get(address), held.get(address)) for address in expected.keys() | held.keys()}
    return {address: (wanted, found) for address, (wanted, found) in pairs.items() if wanted != found}


def fates_of(consumer: ConsumerProcess, expected: dict[str, int]) -> dict[str, int]:
    """How many records came to each fate: those that are expected, and any other that there is."""
    names = ("delivered", "filtered", "dead_lettered", "stale", "capped", "unchanged", "already_finished")
    found = {name: int(consumer.metric("loops_consumer_finished_records_total", fate=name)) for name in names}
    return {name: count for name, count in found.items() if count or name in expected}
