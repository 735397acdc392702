"""``loops-consumer run --dry-run``, on librdkafka's mock cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from confluent_kafka import Producer

from consumer.cli.dry_run import show
from consumer.core.record import Position, Rejection
from consumer.preview.rehearsal import Rehearsal
from consumer.sandbox.broker import MockBroker
from tests.core.driving import unreadable
from tests.fakes.encoding import Encoder
from tests.fakes.schema_registry import SchemaRegistry

_ROOT = Path(__file__).parents[2]


def test_the_command_says_what_would_be_sent_and_shows_no_contact(run_logs: Path) -> None:
    """With the shipped files; it needs no key."""
    event = {"type": "track", "event": "Plan Upgraded", "userId": "u1", "properties": {"plan": "pro"}}
    who = {"context": {"traits": {"email": "user@example.com"}}}
    with MockBroker() as broker:
        broker.create_topic("product-events", 2)
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        for number in range(20):
            name = "Plan Upgraded" if number % 4 == 0 else "Clicked"
            producer.produce("product-events", orjson.dumps({**event, **who, "event": name}))
        assert 0 == producer.flush(10)
        done = subprocess.run(
            [sys.executable, "-m", "consumer", "run", "--dry-run"],
            cwd=_ROOT,
            env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers, "LOOPS_API_KEY": ""},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    (run_logs / "dry_run.log").write_text(done.stdout + done.stderr)
    assert (0, "") == (done.returncode, done.stderr)
    assert "plan-changed" in done.stdout
    assert "20 records read, 15 of no interest, 5 requests: less than 1 s at 10 a second" in done.stdout
    assert "from the beginning, whatever the group has committed" in done.stdout.splitlines()[0]
    assert [] == [line for line in done.stdout.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("command", (("run", "--dry-run"), ("preview", "--since", "beginning")))
def test_a_registry_that_does_not_answer_ends_it_with_a_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    """And exit 1; once it answers, the values are read."""
    schema = {"type": "record", "name": "Event", "fields": [{"name": "event", "type": "string"}]}
    rules = "rules: [{name: r, when: Paid, update: true}]"
    (tmp_path / "mapping.yaml").write_text(
        f"format: {{name: json, encoding: avro}}\ncontact: {{userId: event}}\n{rules}\n"
    )
    with MockBroker() as broker, SchemaRegistry() as registry:
        written = Encoder(registry).avro(schema, {"event": "Paid"})
        broker.create_topic("product-events", 1)
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        producer.produce("product-events", written.value)
        assert 0 == producer.flush(10)
        environ = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "LOOPS_CONSUMER__KAFKA__SCHEMA_REGISTRY__URL": registry.url,
            "LOOPS_CONSUMER__MAPPING": str(tmp_path / "mapping.yaml"),
        }

        def ran() -> subprocess.CompletedProcess[str]:
            program = [sys.executable, "-m", "consumer", *command]
            return subprocess.run(  # noqa: S603 - our own words
                program, cwd=_ROOT, env=environ, capture_output=True, text=True, timeout=50, check=False
            )

        registry.stop()
        down = ran()
        registry.start()
        up = ran()

    said = f"loops-consumer: the schema registry at {registry.host} does not answer\n"
    assert (1, said) == (down.returncode, down.stderr)
    assert (0, "") == (up.returncode, up.stderr)
    assert "update" in up.stdout


def test_a_broker_that_does_not_answer_is_one_line_and_exit_1() -> None:
    """Nothing hangs."""
    done = subprocess.run(
        [sys.executable, "-m", "consumer", "run", "--dry-run"],
        cwd=_ROOT,
        env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (1, "") == (done.returncode, done.stdout)
    assert "no broker answers at 127.0.0.1:1 within 10 s; look at" in done.stderr.splitlines()[-1]


def test_what_belongs_to_no_rule_is_last(capsys: pytest.CaptureFixture[str]) -> None:
    """Behind the dead letters of every rule; and a message is no markup."""
    found = Rehearsal()
    for plan in (unreadable(), Rejection("value", "[red]", "r"), Rejection("no_contact", "neither", "(a)")):
        found.take(plan, Position("events", 0, 0), clock_ms=0)
    show(found, records=1, wanted=1, rate_per_s=10)
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines if "dead letter" in line]
    assert ["(a)", "r", "(no rule)"] == [row.split("│")[1].strip() for row in rows]
    assert "value: [red]" in rows[1]
    assert "1 records read, 0 of no interest, 0 requests" == lines[-1]
