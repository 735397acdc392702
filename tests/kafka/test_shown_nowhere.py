"""Whatever happens to a person's events: no page, no metric and no log line says who it was, nor what the key is.

Every name, address, id and value of the person holds one word, which stands nowhere in the program. And nobody can
connect to the process but at its admin port.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from typing import Any, Final

from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import MAPPING, Job, MakeJob, sandbox_of
from tests.kafka.listening import listens_at
from tests.kafka.test_hostile_records import write
from tests.redaction import API_KEY, leaks_of
from tests.waiting import until

MARK: Final = "zaphod"
OTHER_KEY: Final = f"{MARK}-key-of-another-team"
PAGES: Final = ("/", "/metrics", "/livez", "/readyz", "/status", "/nowhere", f"/status?email={MARK}%40example.com")
TEAM_RATE_PER_S: Final = 200
LIST: Final = "cm06f5v0e45nf0ml5754o9cix"

RULES: Final[Mapping[str, Any]] = {
    **MAPPING,
    "rules": [
        {**MAPPING["rules"][0], "contact": {"firstName": "context.traits.name"}},
        {
            "name": "fails",
            "when": "Fails",
            "send": "fails",
            "event": {"x": '$error("it is " & userId & " " & context.traits.email)'},
        },
        {"name": "wrong-kind", "when": "Wrong Kind", "send": "wrongKind", "contact": {"age": "properties"}},
        {"name": "nobody", "when": "Nobody", "send": "nobody", "lists": {LIST: "properties.note"}},
    ],
}


def event(name: str, number: int, **document: Any) -> bytes:
    """One of the person's."""
    whole = {
        "type": "track",
        "messageId": f"{MARK}-{number}",
        "event": name,
        "userId": f"{MARK}-user",
        "context": {"traits": {"email": f"{MARK}@example.com", "name": f"{MARK} B."}},
        "properties": {"number": number, "note": f"{MARK}'s note"},
        **document,
    }
    return json.dumps(whole).encode()


def test_a_person_and_the_key_are_shown_nowhere(make_job: MakeJob) -> None:
    """Through successes, refusals, outages, dead letters of each stage, and mappings that are refused."""
    job = make_job(sandbox_of(TEAM_RATE_PER_S))
    job.configure(admin={"host": "0.0.0.0", "port": 0})  # noqa: S104 - it is what the settings say by themselves
    job.map(RULES)
    job.environment = {}
    job.key_file.write_text(API_KEY)
    job.configure(loops={"api_key_file": str(job.key_file)}, admin={"host": "0.0.0.0"})  # noqa: S104 - as above
    consumer = job.start().until_ready()
    assert {("0.0.0.0", consumer.port)} == listens_at(consumer.pid)  # noqa: S104 - as above
    shown = [looked_at(consumer)]

    write(job, [event(product.WANTED, 0), event("Fails", 1), event("Wrong Kind", 2), event("Nobody", 3)])
    write(job, [f'{{"event": "{MARK}@example.com'.encode(), event(f"{MARK}@example.com", 4), event(product.WANTED, 5)])
    job.sandbox.until_events(2, 60)
    job.letters(4)
    shown.append(looked_at(consumer))

    said = f"{MARK}@example.com ({MARK}-user) is not allowed; Bearer {API_KEY}"
    refused, failed = ({"status": status, "message": said} for status in (400, 500))
    for fault in (refused, failed, {"reset": True}, {"status": 503, "body": "html"}):
        job.sandbox.inject(**fault)
        write(job, [event(product.WANTED, 10)])
        until(lambda: job.sandbox.received()[-1].fault is not None, 60, "the fault was met")
        shown.append(looked_at(consumer))
        job.sandbox.heal()
    job.key_file.write_text(OTHER_KEY)
    job.sandbox.inject(status=401, message=said)
    write(job, [event(product.WANTED, 11)])
    consumer.until_log("unauthorized", 60)
    shown.append(looked_at(consumer))
    job.key_file.write_text(API_KEY)
    job.sandbox.heal()

    refused_mapping(job, consumer)
    shown.append(looked_at(consumer))
    job.until_committed(within_s=60)
    assert {("0.0.0.0", consumer.port)} == listens_at(consumer.pid)  # noqa: S104 - as above
    consumer.terminate()
    assert 0 == consumer.exit_code()

    everything = "\n".join([*shown, consumer.output()])
    assert [] == [line for line in everything.splitlines() if MARK in line.lower()]
    assert [] == leaks_of(everything)
    assert "refused" in everything
    assert "unauthorized" in everything


def refused_mapping(job: Job, consumer: ConsumerProcess) -> None:
    """One with a fault in a line that holds an address, then one whose own test fails."""
    test = {
        "name": "a trial",
        "given": json.loads(event(product.WANTED, 0)),
        "expect": [{"send": "other", "email": f"{MARK}@example.com"}],
    }
    rule = {**RULES["rules"][0], "where": f'userId = "{MARK}" ==='}
    for wrong in ({**RULES, "recipients": [f"{MARK}@example.com"], "rules": [rule]}, {**RULES, "tests": [test]}):
        is_refused(job, consumer, wrong)


def is_refused(job: Job, consumer: ConsumerProcess, wrong: Mapping[str, Any]) -> None:
    """Gives it this mapping, and waits until it does not take it."""
    before = refusals(consumer)
    job.map(wrong)
    consumer.send(signal.SIGHUP)
    until(lambda: refusals(consumer) > before, 60, "the mapping is refused")


def refusals(consumer: ConsumerProcess) -> float:
    """How many mappings were refused."""
    results = ("refused_faults", "refused_tests")
    return sum(consumer.metric("loops_consumer_mapping_reloads_total", result=result) for result in results)


def looked_at(consumer: ConsumerProcess) -> str:
    """Every page, in each form that it has."""
    forms = ("*/*", "text/html", "application/json", "application/openmetrics-text; version=1.0.0")
    return "\n".join(consumer.page(path, form)[1] for path in PAGES for form in forms)
