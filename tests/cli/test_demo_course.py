"""The demo from start to verdict, with the real consumer as a process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from consumer.cli.demo_course import DemoFailed, DemoOptions, play
from consumer.cli.demo_view import Frame
from consumer.faults import Faults
from consumer.sandbox.verdict import DemoVerdict
from tests.redaction import API_KEY

CONFIG: Final = Path(__file__).parents[2] / "config"
ENVIRON: Final = {name: value for name, value in os.environ.items() if not name.startswith(("LOOPS", "KAFKA"))}
FOR_S: Final = 2.6
"""Into the first burst."""


def unseen(frame: Frame) -> None:
    """Nobody looks."""


async def played(
    logs: Path, config: Path = CONFIG / "consumer.yaml", show: Callable[[Frame], None] = unseen
) -> DemoVerdict:
    """A short run; its log is one of the logs of the test run."""
    return await play(options(logs, config), ENVIRON, asyncio.Event(), show)


def options(logs: Path, config: Path = CONFIG / "consumer.yaml") -> DemoOptions:
    """Of a short run."""
    logs.mkdir(parents=True, exist_ok=True)
    return DemoOptions(config, FOR_S, 1, logs, API_KEY)


def changed(directory: Path, old: str, new: str) -> Path:
    """The repository's settings with a mapping in which one place is another, and whose own tests do not tell."""
    mapping, _, _ = (CONFIG / "mapping.yaml").read_text().partition("\ntests:\n")
    assert old in mapping
    (directory / "mapping.yaml").write_text(mapping.replace(old, new, 1))
    (directory / "consumer.yaml").write_text((CONFIG / "consumer.yaml").read_text())
    return directory / "consumer.yaml"


async def test_all_that_had_to_arrive_did(run_logs: Path) -> None:
    """Once each, in order; the dead letters are there, and everything is committed."""
    frames: list[Frame] = []
    verdict = await played(run_logs / "demo", show=frames.append)
    assert [] == list(verdict.reasons())
    assert verdict.records > 150
    assert verdict.requests.expected == verdict.requests.received > 5
    assert 1 <= verdict.letters.expected == verdict.letters.found
    assert verdict.ends == verdict.committed
    assert sum(verdict.ends.values()) == verdict.records
    last = frames[-1]
    assert verdict.records == last.events == last.consumer.received
    assert verdict.requests.received == sum(last.consumer.sent.values())
    assert verdict.letters.found == last.consumer.dead_letters


async def test_a_rule_that_acts_twice_is_seen(run_logs: Path, tmp_path: Path) -> None:
    """What it sends is there twice."""
    again = "rules:\n  - {name: again, when: {type: identify}, update: true, contact: {plan: traits.plan}}\n"
    verdict = await played(run_logs / "demo-twice", changed(tmp_path, "rules:\n", again))
    assert {"updateContact"} == {arrival.call for arrival in verdict.requests.twice}
    assert () == verdict.requests.missing


async def test_where_nothing_arrives_any_more_it_ends_with_what_is_missing(run_logs: Path) -> None:
    """Here the consumer has another key, and tries for ever."""
    code = "import os, runpy; os.environ['LOOPS_API_KEY'] = 'other'; runpy.run_module('consumer', run_name='__main__')"
    given = replace(
        options(run_logs / "demo-stuck"), for_s=1.5, program=(sys.executable, "-c", code), progress_within_s=1.0
    )
    verdict = await play(given, ENVIRON, asyncio.Event(), unseen)
    assert verdict.requests.expected == len(verdict.requests.missing) > 0
    assert verdict.behind() > 0
    assert 0 == verdict.exit_code


async def test_a_consumer_that_ends_by_itself_is_told_with_its_last_lines(run_logs: Path) -> None:
    """And its exit code; nothing is waited for."""
    program = (sys.executable, "-c", "print('no such thing'); raise SystemExit(3)")
    with pytest.raises(DemoFailed) as failed:
        await play(replace(options(run_logs / "demo-dead"), program=program), ENVIRON, asyncio.Event(), unseen)
    assert ["the consumer ended by itself, with 3; the last lines of its log:", "    no such thing"] == str(
        failed.value
    ).splitlines()


async def test_told_to_end_before_the_first_event_there_is_no_verdict(run_logs: Path) -> None:
    """It says so."""
    ended = asyncio.Event()
    ended.set()
    with pytest.raises(DemoFailed, match="ended before the first event"):
        await play(options(run_logs / "demo-early"), ENVIRON, ended, unseen)


async def test_told_to_end_it_finishes_what_was_produced(run_logs: Path) -> None:
    """The verdict is about that. What the environment says of brokers and addresses leads it nowhere else."""
    environ = {
        **ENVIRON,
        "KAFKA_BOOTSTRAP_SERVERS": "kafka.example.org:9092",
        "LOOPS_CONSUMER__KAFKA__BOOTSTRAP_SERVERS": "kafka.example.org:9092",
        "LOOPS_BASE_URL": "https://loops.example.org/api/v1",
        "LOOPS_CONSUMER__ADMIN__HOST": "192.0.2.1",
    }
    ended = asyncio.Event()

    def show(frame: Frame) -> None:
        if frame.events:
            ended.set()

    verdict = await play(replace(options(run_logs / "demo-ended"), for_s=3600), environ, ended, show)
    assert [] == list(verdict.reasons())
    assert verdict.records < 1000


async def test_faults_in_the_files_are_shown_before_anything_starts(run_logs: Path, tmp_path: Path) -> None:
    """All of them; there is no log."""
    with pytest.raises(Faults):
        await played(run_logs / "demo-faults", changed(tmp_path, "send: trialStarted", "send: trial:started"))
    assert not (run_logs / "demo-faults" / "consumer.log").exists()


async def test_topics_by_a_regular_expression_are_refused(run_logs: Path, tmp_path: Path) -> None:
    """The demo would not know where to produce."""
    config = changed(tmp_path, "rules:", "rules:")
    config.write_text(config.read_text().replace("topics: [product-events]", 'topics: ["^product-.*"]'))
    with pytest.raises(Faults, match="a regular expression"):
        await played(run_logs / "demo-expression", config)
