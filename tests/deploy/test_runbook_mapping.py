"""The mapping is changed and taken back as the runbook says, and a first one is made."""

from __future__ import annotations

from typing import Final

import pytest

from consumer.mapping.rules import load_mapping
from tests.deploy.desk import MAPPING, Desk
from tests.kafka import product
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)

LATER: Final = MAPPING.replace("trialStarted", "trialBegan")


def test_a_change_is_looked_at_then_put_in_place_and_taken_back(desk: Desk) -> None:
    """It is in use without a restart; the copy of before brings the old one back."""
    job = desk.job
    job.produce(product.make(10, users=2))
    consumer = desk.start()
    job.sandbox.until_events(10, 60)
    before = desk.status()["mapping"]["digest"]
    desk.run("cp config/mapping.yaml config/mapping.new.yaml")
    new = desk.config / "mapping.new.yaml"
    new.write_text(LATER.replace("event: {number: 1}", "event: {number: 2}"))
    assert "failed" in desk.run("loops-consumer test config/mapping.new.yaml", status=1)
    new.write_text(LATER)
    desk.run("loops-consumer test config/mapping.new.yaml")
    assert "trialBegan" in desk.run("loops-consumer preview --since 24h --diff config/mapping.new.yaml")
    desk.run("cp config/mapping.yaml config/mapping.yaml.before")
    desk.run("cp config/mapping.new.yaml config/mapping.yaml")
    until(lambda: desk.status()["mapping"]["digest"] != before, 60, "the new one is in use")
    assert LATER == (desk.config / "mapping.yaml").read_text()
    job.produce(product.make(10, users=2, first=10))
    job.sandbox.until_events(20, 60)
    assert {"trialBegan"} == {entry.event_name for entry in job.sandbox.events()[10:]}

    desk.run("cp config/mapping.yaml.before config/mapping.yaml")
    until(lambda: desk.status()["mapping"]["digest"] == before, 60, "the old one is in use again")
    assert consumer.running


def test_a_faulty_one_is_refused_told_and_taken_back(desk: Desk) -> None:
    """What was in use stays, and ``refused`` has the sentence."""
    desk.start()
    before = desk.status()["mapping"]["digest"]
    desk.run("cp config/mapping.yaml config/mapping.yaml.before")
    desk.job.map(MAPPING.replace("send: trialStarted", "sned: trialStarted", 1))
    refused = until(lambda: desk.status()["mapping"]["refused"], 60, "it is refused")
    assert "sned" in " ".join(refused)
    assert before == desk.status()["mapping"]["digest"]
    assert "sned" in desk.run("loops-consumer check", status=78)
    desk.run("cp config/mapping.yaml.before config/mapping.yaml")
    until(lambda: not desk.status()["mapping"]["refused"], 60, "nothing is refused any more")


def test_a_first_mapping_is_made_of_what_lies_on_the_topic(desk: Desk) -> None:
    """And what it would come to is shown, without a key and without a commit."""
    desk.job.produce(product.make(50, users=5))
    desk.key_file.unlink()
    desk.run("loops-consumer infer --output config/mapping.yaml --force")
    first = desk.config / "mapping.yaml"
    assert "Trial Started" in first.read_text()
    assert "a trial sends" not in first.read_text(), "what lay there is gone"
    rules = load_mapping(first.read_text(), "mapping.yaml").rules
    assert [] == list(rules), "it sends nothing until it is edited"
    desk.job.map(MAPPING)
    desk.run("loops-consumer test")
    assert "trial-started" in desk.run("loops-consumer preview --since beginning")
    assert {} == desk.job.committed()


def test_the_dead_letters_topic_is_made(desk: Desk) -> None:
    """With a name that is not there yet."""
    name = f"{desk.job.letters_topic}-new"
    desk.shell.words = {**desk.shell.words, r"\bloops-dead-letters\b": name}
    said = desk.run(
        'kafka-topics.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" '
        "--create --topic loops-dead-letters --partitions 3 --config retention.ms=1209600000"
    )
    assert f"Created topic {name}" in said
