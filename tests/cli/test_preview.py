"""``loops-consumer preview``, on librdkafka's mock cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from tests.cli.looking import MAPPING, TOPIC, run, topic_of, track

PRO, FREE = track("Trial Started", plan="pro"), track("Trial Started", "u2", plan="free")
IDENTIFY = {"type": "identify", "userId": "u1", "traits": {"plan": "pro", "email": "user@example.com"}}
EVENTS = (
    PRO,
    PRO,
    FREE,
    IDENTIFY,
    track("Trial Started", None, plan="pro"),
    track("trial started"),
    b"junk",
    track("Viewed"),
)


def _plain(words: Sequence[str], directory: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    with topic_of(*EVENTS) as broker:
        assert 0 == run(["preview", *words, "--json"], broker, directory)
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return found


def test_it_says_what_the_mapping_would_come_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Events, rules, dead letters with a place, look-alikes, requests, contacts."""
    found = _plain([], tmp_path, capsys)

    assert (8, [TOPIC], "1h", False) == (found["records"], found["topics"], found["since"], found["stopped"])
    assert {"event": "Trial Started", "records": 4, "share": 0.5, "rules": ["trial-started"]} == found["events"][0]
    trial, profile = found["rules"]
    assert (2, 1, 0, 1) == tuple(trial[name] for name in ("requests", "filtered", "stale", "dead_letters"))
    assert ({"send trialStarted": 2}, {"update contact": 1}) == (trial["would"], profile["would"])
    letters = {(letter["rule"], letter["reason"]): letter["example"] for letter in found["dead_letters"]}
    assert {("trial-started", "no_contact"): f"{TOPIC}:0:2", (None, "undecodable"): f"{TOPIC}:0:3"} == letters
    assert [("trial started", "Trial Started")] == [(one["name"], one["meant"]) for one in found["lookalikes"]]
    assert (3, 10, {"count": 1, "exact": True}) == (
        found["requests"]["count"],
        found["requests"]["limit_per_s"],
        found["contacts"],
    )
    assert (3, None) == (found["drain"]["requests"], found["difference"])


def test_a_person_reads_tables_without_any_contact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And that nothing was sent."""
    with topic_of(*EVENTS) as broker:
        assert 0 == run(["preview"], broker, tmp_path)

    out, err = capsys.readouterr()
    assert f"{TOPIC}, the last 1h: 8 records; nothing was sent, nothing was committed" == out.splitlines()[0]
    for text in ("trial-started", "send trialStarted", "no_contact: neither email nor userId", "after coalescing"):
        assert text in out
    assert [] == [text for text in ("user@", "u1", "u2") if text in out + err]


def test_two_mappings_are_compared_on_the_same_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the places of some records for each change."""
    other = tmp_path / "other.yaml"
    other.write_text(MAPPING.replace('    where: properties.plan != "free"\n', "").replace("traits.plan", "'\"x\"'"))
    found = _plain(["--diff", str(other), "--examples", "1"], tmp_path, capsys)["difference"]

    assert ("other.yaml", 2) == (found["other"], found["records"])
    assert [
        ("Trial Started", "nothing", "send trialStarted", [], 1),
        ("{type: identify}", "update contact", "update contact", ["contact.plan"], 1),
    ] == sorted(
        (change["event"], change["here"], change["there"], change["members"], len(change["examples"]))
        for change in found["changes"]
    )


def test_a_fault_in_the_other_mapping_is_one_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is read."""
    other = tmp_path / "other.yaml"
    other.write_text("format: nothing\n")
    with topic_of() as broker:
        assert 78 == run(["preview", "--diff", str(other)], broker, tmp_path)

    assert "other.yaml" in capsys.readouterr().err


def test_nothing_is_committed(tmp_path: Path) -> None:
    """Nor is there a group."""
    with topic_of(*EVENTS) as broker:
        assert 0 == run(["preview"], broker, tmp_path)
        asking = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "loops-consumer"})
        committed = asking.committed([ClientPartition(TOPIC, number) for number in range(2)], timeout=10)
        asking.close()
    assert [True, True] == [at.offset < 0 for at in committed]


def test_an_empty_topic_is_shown_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the rules that matched nothing."""
    with topic_of() as broker:
        assert 0 == run(["preview"], broker, tmp_path)

    out = capsys.readouterr().out
    assert ": 0 records;" in out
    assert "trial-started" in out
