"""What the runbook looks at: each look on a consumer that runs, and what a person has to find there."""

from __future__ import annotations

import subprocess
import urllib.request

import pytest

from tests.deploy.desk import Desk
from tests.kafka import product
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)


def test_the_looks_find_what_the_runbook_says(desk: Desk) -> None:
    """At a consumer that is well."""
    desk.job.produce(product.make(20, users=4))
    desk.start()
    desk.job.sandbox.until_events(20, 60)
    desk.job.until_committed()

    assert "ok" in desk.run("curl --silent http://127.0.0.1:9464/readyz")
    status = desk.status()
    assert ([], "keeping_up", "") == (status["outages"], status["load"]["state"], status["source"]["waits_for"])
    assert (False, []) == (status["mapping"]["paused"], status["mapping"]["refused"])
    lags = {line.split()[5] for line in group_lines(desk)}
    assert {"0"} == lags
    members = desk.run(
        'kafka-consumer-groups.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" '
        "--describe --group loops-consumer --members"
    )
    assert 1 == sum(line.startswith(desk.job.group) for line in members.splitlines())
    assert "trialStarted" in desk.run("loops-consumer explain product-events:0:0")
    assert "user-0" in desk.run("loops-consumer contacts find --user-id u1")


def test_check_says_whether_loops_takes_the_key(desk: Desk) -> None:
    """A key that it refuses is told from a Loops that is away, and from settings that are wrong."""
    assert "team" in desk.run("loops-consumer check --live").lower()
    refusing = desk.job.sandbox.inject(status=401)
    assert refusing
    assert "key" in desk.run("loops-consumer check --live", status=1)
    desk.job.sandbox.heal()
    desk.job.sandbox.inject(status=503)
    assert "503" in desk.run("loops-consumer check --live", status=1)
    desk.run("loops-consumer check")
    desk.run("LOOPS_CONSUMER__LOOPS__RESERVE_PER_S=3 loops-consumer check")
    desk.run("LOOPS_CONSUMER__LOOPS__RATE_PER_S=auto loops-consumer check")
    desk.job.map("rules: 5")
    assert "mapping.yaml" in desk.run("loops-consumer check", status=78)


def test_what_a_rate_would_come_to_is_told_without_trying_it(desk: Desk) -> None:
    """Neither Kafka nor a key is asked."""
    assert "20" in desk.run("loops-consumer plan --rate 20 --replicas 2 --arrivals backlog:5000 --arrivals poisson:8")


def test_the_plain_program_is_found_by_its_command_line(desk: Desk) -> None:
    """And one that was started as the runbook does is ready, and ends at a TERM."""
    desk.shell.variables["LOOPS_CONSUMER__ADMIN__PORT"] = str(desk.port)
    with desk.shell.begin("loops-consumer run") as running:
        try:
            until(lambda: is_ready(desk), 60, "it is ready")
            desk.run("pid() { pgrep --oldest --full 'loops-consumer run'; }")
            ours = subprocess.run(
                ["pgrep", "--full", "loops-consumer run"],  # noqa: S607 - as the runbook finds it
                capture_output=True,
                check=True,
                text=True,
            )
            assert str(running.pid) in ours.stdout.split()
        finally:
            running.terminate()
            running.communicate(timeout=45)
    assert 0 == running.returncode


def test_the_words_that_are_exported_are_what_the_tools_take(desk: Desk) -> None:
    """The program and Kafka's own tools read the same variable."""
    desk.run("export KAFKA_BOOTSTRAP_SERVERS=kafka.example.com:9092")
    desk.run("loops-consumer --version")


def test_after_make_setup_the_program_is_found_in_the_checkout(desk: Desk) -> None:
    """Before any other of its name."""
    command = desk.shell.directory / ".venv" / "bin" / "loops-consumer"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\necho of the checkout\n")
    command.chmod(0o755)
    desk.run('export PATH="$PWD/.venv/bin:$PATH"')
    said = desk.run("loops-consumer --version", pasted='export PATH="$PWD/.venv/bin:$PATH"')
    assert "of the checkout\n" == said


def is_ready(desk: Desk) -> bool:
    """Whether ``/readyz`` says so."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{desk.port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def group_lines(desk: Desk) -> list[str]:
    """What Kafka says of each partition of the group."""
    said = desk.run(
        'kafka-consumer-groups.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --describe --group loops-consumer'
    )
    return [line for line in said.splitlines() if line.startswith(desk.job.group)]
