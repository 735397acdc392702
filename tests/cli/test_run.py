"""``loops-consumer run``: how it begins. How it runs and ends is shown on a real Kafka, in ``tests/kafka``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Producer

from consumer.cli.main import main
from consumer.sandbox.broker import MockBroker
from tests.waiting import until

_ROOT = Path(__file__).parents[2]

_UNANSWERED = """
import socket, sys, threading
from consumer.cli.main import main

asked = socket.getaddrinfo

def unanswered(host, *more, **named):
    if host == "app.loops.so":
        threading.Event().wait()
    return asked(host, *more, **named)

socket.getaddrinfo = unanswered
sys.exit(main())
"""


def _run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "consumer", "run"],
        cwd=_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_without_a_key_it_does_not_start() -> None:
    """And says where one may stand."""
    done = _run(LOOPS_API_KEY="")
    assert (78, "") == (done.returncode, done.stdout)
    assert "LOOPS_API_KEY" in done.stderr


def test_without_a_dead_letter_topic_it_does_not_start() -> None:
    """A record that can go nowhere would hold its partition for good."""
    with MockBroker() as broker:
        broker.create_topic("product-events", 1)
        done = _run(
            LOOPS_API_KEY="k1-0123456789",
            KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap_servers,
            LOOPS_CONSUMER__KAFKA__DEAD_LETTER_TOPIC="nowhere",
        )
    assert 78 == done.returncode
    assert 'kafka.dead_letter_topic: the dead-letter topic "nowhere" does not exist' in done.stderr


def test_a_port_that_is_taken_is_a_fault() -> None:
    """Before anything is read."""
    with MockBroker() as broker:
        broker.create_topic("product-events", 1)
        broker.create_topic("loops-dead-letters", 1)
        done = _run(
            LOOPS_API_KEY="k1-0123456789",
            KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap_servers,
            LOOPS_CONSUMER__ADMIN__PORT=broker.bootstrap_servers.split(":")[1].split(",")[0],
        )
    assert 78 == done.returncode
    assert "admin.port" in done.stderr


def test_the_log_says_what_started_and_how_it_ended(tmp_path: Path) -> None:
    """One line each: whoever reads a log at night sees which version, topics and mapping it is of."""
    log = tmp_path / "run.log"
    with MockBroker() as broker, log.open("w") as written:
        broker.create_topic("product-events", 1)
        broker.create_topic("loops-dead-letters", 1)
        environment = {
            "LOOPS_API_KEY": "k1-0123456789",
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "LOOPS_CONSUMER__ADMIN__PORT": "0",
        }
        with subprocess.Popen(
            [sys.executable, "-m", "consumer", "run"], cwd=_ROOT, env={**os.environ, **environment}, stderr=written
        ) as process:
            try:
                until(lambda: '"event":"started"' in log.read_text(), 30, "it started")
            finally:
                process.send_signal(signal.SIGTERM)
            assert 0 == process.wait(40)
        brokers = broker.bootstrap_servers
    lines = {line["event"]: line for line in map(json.loads, log.read_text().splitlines())}
    assert ("asking_the_brokers", "stopped", {"info"}) == (
        next(iter(lines)),
        next(reversed(lines)),
        {line["level"] for line in lines.values() if line["event"] != "kafka_waits"},  # of a broker that stood still
    )
    started, stopped = lines["started"], lines["stopped"]
    assert (["product-events"], "loops-consumer", "loops-dead-letters", "auto", brokers) == tuple(
        started[name] for name in ("topics", "group", "dead_letter_topic", "rate_per_s", "brokers")
    )
    assert started["version"]
    assert started["mapping"]
    assert started["rules"] > 0
    assert {0} == set(stopped["records"].values())
    assert stopped["up_s"] > 0
    assert "k1-0123456789" not in log.read_text()


@pytest.mark.parametrize(("paused", "warned"), ((False, True), (True, False)))
def test_a_mapping_without_a_rule_that_is_enabled_is_warned_of(tmp_path: Path, paused: bool, warned: bool) -> None:
    """It would finish the whole topic for nobody; one that is paused does not."""
    mapping = tmp_path / "mapping.yaml"
    rule = "{name: a, enabled: false, when: Trial Started, send: trialStarted}"
    mapping.write_text(f"format: segment\npaused: {str(paused).lower()}\nrules: [{rule}]\n")
    with MockBroker() as broker:
        broker.create_topic("product-events", 1)
        done = _run(
            LOOPS_API_KEY="k1-0123456789",
            KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap_servers,
            LOOPS_CONSUMER__MAPPING=str(mapping),
            LOOPS_CONSUMER__KAFKA__DEAD_LETTER_TOPIC="nowhere",
        )

    assert (78, warned) == (done.returncode, '"event":"no_rule_enabled"' in done.stderr), done.stderr


def test_a_name_server_that_does_not_answer_holds_up_no_end(tmp_path: Path) -> None:
    """The look-up is under way still when all else is done: the process ends without it, with the code that it has."""
    program, log = tmp_path / "unanswered.py", tmp_path / "run.log"
    program.write_text(_UNANSWERED)
    with MockBroker() as broker, log.open("w") as written:
        broker.create_topic("product-events", 1)
        broker.create_topic("loops-dead-letters", 1)
        environment = {
            "PYTHONPATH": str(_ROOT),
            "LOOPS_API_KEY": "k1-0123456789",
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "LOOPS_CONSUMER__ADMIN__PORT": "0",
            "LOOPS_CONSUMER__LOOPS__CONNECT_TIMEOUT_S": "0.5",
            "LOOPS_CONSUMER__LOOPS__TIMEOUT_S": "0.5",
        }
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        producer.produce("product-events", json.dumps({"type": "identify", "messageId": "m1", "userId": "u1"}))
        assert 0 == producer.flush(20)
        with subprocess.Popen(  # noqa: S603 - this Python, and a program of ours
            [sys.executable, str(program), "run"], cwd=_ROOT, env={**os.environ, **environment}, stderr=written
        ) as process:
            try:
                until(lambda: '"event":"loops_unreachable"' in log.read_text(), 40, "a look-up is not answered")
                process.send_signal(signal.SIGTERM)
                until(lambda: '"event":"stopped"' in log.read_text(), 40, "all is done")
                assert 0 == process.wait(30)
            finally:
                process.kill()


def test_the_help_says_that_a_backfill_writes_dead_letters_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever redrives them afterwards has two of each."""
    assert 0 == main(["run", "--help"])

    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "What was a dead letter before lies there once more." in said


@pytest.mark.parametrize(
    ("options", "named", "reason"),
    (
        (["--backfill", "--dry-run"], "--backfill", "preview"),
        (["--share", "0.3"], "--share", "give --backfill too"),
        (["--from", "earliest"], "--from", "give --backfill too"),
        (["--admin-port", "0"], "--admin-port", "give --backfill too"),
        (["--backfill", "--share", "0"], "--share", "found 0; allowed: above 0, up to 1"),
        (["--backfill", "--share", "1.01"], "--share", "found 1.01; allowed: above 0, up to 1"),
        (["--backfill", "--share", "nan"], "--share", "found nan; allowed: above 0, up to 1"),
        (["--backfill", "--rekey"], "--rekey", "give --send-events too"),
    ),
)
def test_options_that_make_no_sense_are_refused(
    options: list[str], named: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read."""
    assert 1 == main(["run", *options])

    output = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert named in output
    assert reason in output
