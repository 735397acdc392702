"""Dead letters are sent again by their own rule, once, and nothing else moves."""

from __future__ import annotations

import json
import signal
from datetime import UTC, datetime, timedelta

import orjson
from confluent_kafka import Producer

from tests.kafka import group, product
from tests.kafka.job import EVENT_NAME, RULE, Job, MakeJob, numbers_of
from tests.kafka.redriving import POISON, PROFILE, Redriving
from tests.waiting import until

ON_WIRE_MAX = 10
"""What may go out again after each kill: on the wire, or finished and not marked."""


def test_only_the_chosen_rule_s_letters_are_sent_again(make_job: MakeJob) -> None:
    """Of one record two letters lie there; the other rule's stay, and are found by a later run."""
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(3, users=3, note=POISON))
    redriving.add_contacts(range(3))
    before = redriving.job.sandbox.received_count()

    assert {"done": {f"{RULE} delivered": 3}, "left": {}} == redriving.redrive("--rule", RULE)

    assert [PROFILE] * 3 == [letter["rule"] for letter in redriving.open()]
    sent = redriving.job.sandbox.received()[before:]
    assert ["/contacts/find"] * 3 + ["/events/send"] * 3 == sorted(entry.path for entry in sent)
    assert {"done": {f"{PROFILE} delivered": 3}, "left": {}} == redriving.redrive()
    assert [] == redriving.open()


def test_what_is_refused_again_is_a_letter_again_with_all_its_attempts(make_job: MakeJob) -> None:
    """Each life has a key of its own; the letter before is done, and the record's position stays the original one."""
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(1, users=1, note=POISON))
    redriving.add_contacts([0])
    (first,) = redriving.open("--rule", RULE)
    refusing = redriving.job.sandbox.inject(status=400, message="Not yet.", path="/events/send")
    assert refusing

    assert {"done": {f"{RULE} dead_lettered": 1}, "left": {}} == redriving.redrive("--rule", RULE)

    (again,) = redriving.open("--rule", RULE)
    assert (first["record"], first["first_failed_at"]) == (again["record"], again["first_failed_at"])
    assert (1, 1, 2, 2) == (first["attempts"], first["refusals"], again["attempts"], again["refusals"])
    assert "400 Not yet." == again["message"]
    redriving.job.sandbox.heal()
    assert {"done": {f"{RULE} delivered": 1}, "left": {}} == redriving.redrive("--rule", RULE)
    keys = [entry.idempotency_key for entry in redriving.requests("/events/send")]
    assert [first["idempotency_key"] + suffix for suffix in ("", ".1", ".2")] == keys
    assert [] == redriving.open("--rule", RULE)


def test_a_redrive_that_is_killed_has_no_effect_twice(make_job: MakeJob) -> None:
    """The next one sends what has no mark, under the same keys, and marks the rest."""
    count = 60
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(count, users=20, note=POISON))
    redriving.add_contacts(range(20))
    before = len(redriving.requests("/events/send"))
    sandbox = redriving.job.sandbox
    sandbox.inject(latency_ms=100, path="/events/send")

    for part in (10, 30):
        with redriving.running("redrive", "--rule", RULE, "--share", "0.2") as process:
            sandbox.until_events(part, 60)
            process.kill()
    redriving.redrive("--rule", RULE)

    events = sandbox.events()
    assert list(range(count)) == sorted(numbers_of(events))
    assert count == len({entry.idempotency_key for entry in events})
    repeated = len(redriving.requests("/events/send")) - before - count
    assert repeated <= 2 * ON_WIRE_MAX, f"{repeated} went out again"
    assert [] == redriving.open("--rule", RULE)


def test_a_contact_that_was_deleted_is_not_made_again(make_job: MakeJob) -> None:
    """Unless that is asked for; its letters stay until then."""
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(2, users=2, note=POISON))
    redriving.add_contacts(range(2))
    redriving.delete_contact(1)
    before = len(redriving.requests("/events/send")) + len(redriving.requests("/contacts/update"))

    found = redriving.redrive()

    assert {f"{RULE} delivered": 1, f"{PROFILE} delivered": 1} == found["done"]
    assert {f"{RULE} contact_unknown": 1, f"{PROFILE} contact_unknown": 1} == found["left"]
    sent = len(redriving.requests("/events/send")) + len(redriving.requests("/contacts/update")) - before
    assert (2, 2) == (sent, len(redriving.open()))
    asked = len(redriving.requests("/contacts/find"))
    assert {f"{RULE} delivered": 1, f"{PROFILE} delivered": 1} == redriving.redrive("--create-contacts")["done"]
    assert asked == len(redriving.requests("/contacts/find"))


def test_what_is_older_than_loops_remembers_keys_is_sent_only_on_demand(make_job: MakeJob) -> None:
    """It could mail twice."""
    redriving = Redriving(make_job())
    redriving.letters_of([Old(0, 1, note=POISON), product.Made(1, 2, note=POISON)])
    redriving.add_contacts(range(2))
    before = len(redriving.job.sandbox.events())

    found = redriving.redrive("--rule", RULE)

    assert ({f"{RULE} delivered": 1}, {f"{RULE} stale": 1}) == (found["done"], found["left"])
    assert [2] == numbers_of(redriving.job.sandbox.events()[before:])
    assert {"done": {f"{RULE} delivered": 1}, "left": {}} == redriving.redrive("--rule", RULE, "--send-stale")
    assert [2, 1] == numbers_of(redriving.job.sandbox.events()[before:])


def test_a_dry_run_changes_nothing(make_job: MakeJob) -> None:
    """Loops is asked nothing, the topic is as it was, and no key is needed."""
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(2, users=2, note=POISON))
    job = redriving.job
    before = (job.sandbox.received_count(), letters_end(job), job.commits())
    job.environment = {}

    found = redriving.command("redrive", "--dry-run")

    would = [
        {"rule": PROFILE, "what": "update contact", "count": 2},
        {"rule": RULE, "what": f"send {EVENT_NAME}", "count": 2},
    ]
    assert (would, []) == (found["would"], found["left"])
    assert before == (job.sandbox.received_count(), letters_end(job), job.commits())


def test_marks_and_what_others_wrote_are_no_letters(make_job: MakeJob) -> None:
    """They are counted apart, and nothing stumbles over them."""
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(1, users=1, note=POISON))
    redriving.add_contacts([0])
    producer = Producer({"bootstrap.servers": redriving.job.kafka.bootstrap_servers})
    connect: list[tuple[str, str | bytes | None]] = [
        ("__connect.errors.topic", b"other"),
        ("__connect.errors.partition", b"0"),
    ]
    damaged = [*connect, ("loops-consumer-attempts", b"many")]
    for headers in ([], connect, damaged):
        producer.produce(redriving.job.letters_topic, b"{}", headers=headers)
    assert producer.flush(60) == 0

    redriving.redrive("--rule", RULE)

    found = redriving.command("list", "--all")
    assert {RULE: "delivered", PROFILE: None} == {
        letter["rule"]: (letter["done"] or {}).get("fate") for letter in found["letters"]
    }
    assert 3 == sum(found["others"].values())
    (mark,) = [letter for letter in redriving.job.letters(6) if letter.said("loops-consumer-redriven")]
    assert (None, None, None) == (mark.key, mark.value, mark.said("__connect.errors.topic"))


def test_a_consumer_that_runs_meanwhile_notices_nothing(make_job: MakeJob) -> None:
    """Its topic, its group and its commits are as they were."""
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(4, users=4, note=POISON))
    redriving.add_contacts(range(4))
    job = redriving.job
    consumer = job.start().until_ready()
    until(lambda: consumer.metric("loops_consumer_assigned_partitions") == product.PARTITIONS, 60, "all partitions")
    before = (job.ends(), job.committed(), consumer.metric("loops_consumer_rebalances_total"))

    assert 8 == sum(redriving.redrive()["done"].values())

    assert before == (job.ends(), job.committed(), consumer.metric("loops_consumer_rebalances_total"))
    assert 0 == consumer.metric("loops_consumer_received_records_total")
    assert 1 == group.members(job.kafka.bootstrap_servers, job.group)


def test_ctrl_c_finishes_what_is_on_its_way_and_another_run_goes_on(make_job: MakeJob) -> None:
    """What came through is marked, the rest is said to be left."""
    count = 60
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(count, users=20, note=POISON))
    redriving.add_contacts(range(20))
    sandbox = redriving.job.sandbox

    with redriving.running("redrive", "--rule", RULE, "--share", "0.03") as process:  # ten seconds' work
        sandbox.until_events(5, 60)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)

    found = json.loads(output)
    done, left = sum(one["letters"] for one in found["done"]), sum(one["letters"] for one in found["left"])
    assert (1, False, count) == (process.returncode, found["ended"], done + left)
    assert (done, left) == (len(sandbox.events()), len(redriving.open("--rule", RULE, "--limit", "100")))
    redriving.redrive("--rule", RULE)
    assert list(range(count)) == sorted(numbers_of(sandbox.events()))


def test_an_outage_is_waited_out(make_job: MakeJob) -> None:
    """Nothing becomes a letter again for it, whether the question or the request fails."""
    redriving = Redriving(make_job())
    redriving.letters_of(product.make(20, users=20, note=POISON))
    redriving.add_contacts(range(20))
    redriving.job.sandbox.inject(status=503, path="/contacts/find", count=8)
    redriving.job.sandbox.inject(status=503, path="/events/send", count=8)

    assert {"done": {f"{RULE} delivered": 20}, "left": {}} == redriving.redrive("--rule", RULE)


class Old(product.Made):
    """One that happened two days ago."""

    def value(self) -> bytes:
        """As of then."""
        then = datetime.now(UTC) - timedelta(days=2)
        return orjson.dumps({**orjson.loads(super().value()), "timestamp": then.isoformat()})


def letters_end(job: Job) -> dict[int, int]:
    """Where the dead-letter topic ends."""
    return group.ends(job.kafka.bootstrap_servers, job.letters_topic)
