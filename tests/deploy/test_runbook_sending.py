"""The runbook's ways to stop all sending and to resume it, on a real Kafka, with a consumer that runs."""

from __future__ import annotations

import time
from typing import Any, Final

import pytest

from tests.deploy.desk import Desk
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import numbers_of
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)

PAUSED_WITHIN_S: Final = 5.0
"""What the runbook promises of the plain program, without its SIGHUP too."""
TRIES: Final = 4
"""One has to keep it: of the others a busy machine says nothing."""
FIRST: Final = 3_000
MORE: Final = 50


def test_stopped_now_it_sends_nothing_and_resumed_it_sends_all_once(desk: Desk) -> None:
    """Within the time of what is on the wire; a KILL costs nothing either."""
    job = desk.job
    job.produce(product.make(FIRST, users=40))
    consumer = desk.start()
    job.sandbox.until_events(100, 60)
    desk.run('kill -TERM "$(pid)"')
    assert 0 == consumer.exit_code(within_s=15)
    stopped = job.sandbox.received_count()
    assert stopped < FIRST, "there was something left to stop"
    consumer = desk.start()
    job.sandbox.until_events(stopped + 100, 60)
    desk.run('kill -KILL "$(pid)"')
    consumer.kill()
    desk.start()
    job.sandbox.until_events(FIRST, 60)
    job.until_committed()
    assert list(range(FIRST)) == sorted(numbers_of(job.sandbox.events()))


@pytest.mark.parametrize("asked", (False, True), ids=["within-five-seconds", "at-once-by-a-signal"])
def test_paused_it_stays_ready_and_sends_nothing_and_resumed_it_sends_all_once(desk: Desk, *, asked: bool) -> None:
    """Paused twice over, a mapping that says otherwise keeps one line of it; the rest of it is as it was."""
    job = desk.job
    job.produce(product.make(FIRST, users=40))
    consumer = desk.start()
    job.sandbox.until_events(100, 60)
    mapping = (desk.config / "mapping.yaml").read_text()
    pauses_s, resumes_s = [pause(desk, consumer, asked=asked)], list[float]()
    pause(desk, consumer, asked=asked)
    until(lambda: is_at_rest(consumer.status()), 45, "what was on the wire has ended")
    sent, stood = job.sandbox.received_count(), job.committed()
    assert sent < FIRST, "there was something left to hold"
    job.produce(product.make(MORE, users=40, first=FIRST))
    passes(consumer, 2.0)
    assert (sent, stood) == (job.sandbox.received_count(), job.committed())
    assert "ok" in desk.run("curl --silent http://127.0.0.1:9464/readyz")
    assert consumer.status()["load"]["state"] == "held"

    resumes_s.append(resume(desk, consumer, asked=asked))
    assert mapping == (desk.config / "mapping.yaml").read_text()
    while len(pauses_s) < TRIES and max(min(pauses_s), min(resumes_s)) > PAUSED_WITHIN_S:
        pauses_s.append(pause(desk, consumer, asked=asked))
        resumes_s.append(resume(desk, consumer, asked=asked))
    assert max(min(pauses_s), min(resumes_s)) <= PAUSED_WITHIN_S, (pauses_s, resumes_s)
    job.sandbox.until_events(FIRST + MORE, 60)
    job.until_committed()
    assert list(range(FIRST + MORE)) == sorted(numbers_of(job.sandbox.events()))


def pause(desk: Desk, consumer: ConsumerProcess, *, asked: bool) -> float:
    """As the runbook does it; after how many seconds it is paused."""
    desk.run("(echo 'paused: true'; grep -v '^paused:' config/mapping.yaml) > mapping.paused.yaml")
    desk.run("cp mapping.paused.yaml config/mapping.yaml")
    return until_paused(desk, consumer, asked=asked, paused=True)


def resume(desk: Desk, consumer: ConsumerProcess, *, asked: bool) -> float:
    """The same of going on."""
    desk.run("grep -v '^paused:' config/mapping.yaml > mapping.resumed.yaml")
    desk.run("cp mapping.resumed.yaml config/mapping.yaml")
    return until_paused(desk, consumer, asked=asked, paused=False)


def until_paused(desk: Desk, consumer: ConsumerProcess, *, asked: bool, paused: bool) -> float:
    """Waits until the mapping is paused, or is not any more; returns after how many seconds."""
    begun = time.monotonic()
    if asked:
        desk.run('kill -HUP "$(pid)"')
    until(lambda: consumer.status()["mapping"]["paused"] is paused, 30, f"paused: {paused}")
    return time.monotonic() - begun


def is_at_rest(status: dict[str, Any]) -> bool:
    """Whether nothing is on the wire, in flight, or finished and not committed."""
    return not (status["on_wire"] or status["in_flight_records"] or status["uncommitted"])


def passes(consumer: ConsumerProcess, seconds: float) -> None:
    """Waits until so much of the consumer's own time is over."""
    end = consumer.status()["uptime_s"] + seconds
    until(lambda: consumer.status()["uptime_s"] >= end, 30, f"{seconds} s pass")
