"""``why`` end to end: a person of whom everything became that can."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.kafka import product
from tests.kafka.consumer_process import clean_environment, command
from tests.kafka.job import Job, MakeJob, sandbox_of
from tests.waiting import until

MAPPING: Final[Mapping[str, Any]] = {
    "format": "segment",
    "rules": [
        {
            "name": "trial-started",
            "when": "Trial Started",
            "where": 'properties.plan != "free"',
            "send": "trialStarted",
            "event": {"plan": "properties.plan"},
            "contact": {"plan": "properties.plan"},
        },
        {"name": "paid", "when": "Paid", "update": True, "contact": {"total": "properties.total"}},
    ],
}
PERSON: Final = 1
EMAIL: Final = f"user-{PERSON}@example.com"
POISON: Final = "poison"
RATE_PER_S: Final = 10
BEFORE: Final = 45
"""Requests of others that wait before the person's."""

_WITHIN_S: Final = 120


@dataclass(frozen=True, slots=True)
class Event(product.Made):
    """One with properties and an age of its own."""

    properties: Mapping[str, Any] = field(default_factory=dict)
    older: timedelta = timedelta()

    def value(self) -> bytes:
        """As of then."""
        document = json.loads(product.Made.value(self))
        then = datetime.now(UTC) - self.older
        return json.dumps({**document, "timestamp": then.isoformat(), "properties": dict(self.properties)}).encode()


def of_person(number: int, name: str = "Trial Started", *, older: timedelta = timedelta(), **properties: Any) -> Event:
    """An event of the person."""
    return Event(PERSON, number, name, properties=properties, older=older)


def trials(count: int, first: int = 100) -> list[Event]:
    """So many trials of other people, in the person's partition and the others."""
    return [Event(2 + number, first + number, properties={"plan": "pro"}) for number in range(count)]


def ran(job: Job, *arguments: str, code: int = 0) -> str:
    """What ``why`` prints."""
    process = subprocess.run(  # noqa: S603 - this Python, and a file of ours
        command("why", *arguments, "--config", str(job.config)),
        capture_output=True,
        text=True,
        check=False,
        timeout=_WITHIN_S,
        env=clean_environment(**job.environment),
    )
    assert (process.returncode, process.stderr) == (code, "")
    return process.stdout


def plain(page: str, job: Job) -> list[str]:
    """Its lines, with words for what differs from run to run."""
    named = page.replace(job.topic, "TOPIC").replace(job.group, "GROUP")
    named = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", named)
    named = re.sub(r"\b[0-9a-f]{64}\b", "KEY", re.sub(r"(?<=mapping )[0-9a-f]{12}", "DIGEST", named))
    return re.sub(r"(?<=id          )\S+", "CONTACT", re.sub(r"show 0:\d", "show LETTER", named)).splitlines()


def test_whatever_became_of_a_person_s_records_is_told(make_job: MakeJob) -> None:
    """In the order of time: what went out, what did not and why, and what still waits behind others."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.map(MAPPING)
    job.sandbox.inject(status=400, message="This is not to be.", body_contains=POISON)
    job.produce(
        [
            of_person(1, plan="pro"),
            of_person(2, plan="old", older=timedelta(days=2)),
            of_person(3, plan="free"),
            of_person(4, plan=POISON),
            of_person(5, "Paid", total=[1]),
            of_person(6, "Trial started", plan="pro"),
            of_person(7, "Page Viewed"),
            Event(9, 8, properties={"plan": "pro", "invited": EMAIL}),
        ]
    )
    consumer = job.start().until_ready()
    job.until_committed()
    job.sandbox.inject(status=503, path="/events/send")
    job.produce(trials(BEFORE))
    job.produce([of_person(10, plan="team")])
    until(lambda: consumer.metric("loops_consumer_received_records_total") == 9 + BEFORE, 60, "all is read")

    page = ran(job, EMAIL, "--since", "1h")
    found = json.loads(ran(job, "--user-id", f"user-{PERSON}", "--since", "1h", "--quick", "--json"))

    assert PAGE == plain(page, job)
    assert ["sent", "stale", "nothing", "dead_letter", "dead_letter", "waiting"] == [
        rule["became"] for record in found["records"] for rule in record["rules"]
    ]
    assert {EMAIL: "Loops"} == found["looked_for"]["emails"]
    assert found["read"]["partitions"] < found["read"]["partitions_of"]


PAGE: Final = """\
user-1@example.com, userId user-1 (as Loops says)
all 54 records of TOPIC since TIME
6 records that a rule wants: 1 sent, 1 too old, 2 dead letters, 1 waiting, 1 filtered
group GROUP, 1 consumer in it; mapping DIGEST
told by this mapping; under another one it may have come to other things

TIME  Trial Started  TOPIC:1:0
  sent         trial-started
    POST /events/send
    key KEY
    {"plan": "pro", "email": "user-1@example.com", "userId": "user-1", "eventName": "trialStarted", \
"eventProperties": {"plan": "pro"}}

TIME  Trial Started  TOPIC:1:1  happened 2 d before
  stale        trial-started  dropped: 2 d old when it was written; max_age is 1 d

TIME  Trial Started  TOPIC:1:2
  filtered     trial-started  where: properties.plan != "free" → false ("free" != "free")

TIME  Trial Started  TOPIC:1:3
  dead letter  trial-started  refused: 400 This is not to be; first failed TIME, tried 1 time; \
see: dead-letters show LETTER
    POST /events/send
    key KEY
    {"plan": "poison", "email": "user-1@example.com", "userId": "user-1", "eventName": "trialStarted", \
"eventProperties": {"plan": "poison"}}

TIME  Paid  TOPIC:1:4
  dead letter  paid  value: contact.total is an array; Loops takes text, numbers, true and false; first failed TIME; \
see: dead-letters show LETTER

TIME  Trial Started  TOPIC:1:19
  waiting      trial-started  about 45 requests are before it: 4 s at 10 a second, an estimate
    POST /events/send
    key KEY
    {"plan": "team", "email": "user-1@example.com", "userId": "user-1", "eventName": "trialStarted", \
"eventProperties": {"plan": "team"}}

2 more records that no rule wants: "Trial started" 1 (trial-started wants "Trial Started"), "Page Viewed" 1
TOPIC:1:7 holds an address of this person and is about somebody else, or nobody, as the mapping reads it: \
loops-consumer explain TOPIC:1:7

in Loops now
  id          CONTACT
  email       user-1@example.com
  userId      user-1
  source      API
  subscribed  true
  plan        pro
""".splitlines()
"""What support reads, where no terminal says how wide a line may be."""
