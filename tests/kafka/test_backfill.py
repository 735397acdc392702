"""The topic's past beside a consumer that runs, on a real Kafka and the sandbox."""

from __future__ import annotations

import signal

from tests.kafka import oracles, product
from tests.kafka.backfilling import GONE, NOTED, Backfilling
from tests.kafka.job import MakeJob, numbers_of, sandbox_of
from tests.kafka.standstills import StandStills

ON_WIRE_MAX = 10
"""What may go out again after a kill: on the wire, or finished and not committed."""
REFUSED_SHARE_MAX = 0.05
"""Of the requests of both. Where the live one left nothing free, a quarter of them would be refused."""


def test_beside_a_busy_consumer_the_past_tells_of_contacts_and_sets_nothing_back(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """Nothing is sent again, who was deleted stays so, and the team's limit holds over both."""
    job = make_job(sandbox_of(30))
    past = Backfilling(job, reserve_per_s=9)
    users, deleted = 40, range(4)
    events = product.make(3 * users, users=users, note="old")
    past.live([*events, *(product.Made(user, 1_000 + user, GONE) for user in deleted)])
    assert not any("note" in contact for contact in past.contacts().values())
    past.learn()
    job.produce(product.make(users, users=users, first=2_000, note="older"))
    before = {entry.idempotency_key for entry in job.sandbox.events()}

    live = job.start().until_ready()
    backfill = past.start("--share", "0.3")
    backfill.until_log("backfill_started", 60)
    job.produce([product.Made(user, 3_000 + user, note="new") for user in (5, 6, 7)])
    job.produce([product.Made(8, 3_008, GONE)])
    output = past.ended(backfill)
    job.until_committed()
    live.terminate()
    assert 0 == live.exit_code()

    contacts = past.contacts()
    assert not {f"user-{user}" for user in (8,)} & contacts.keys()
    assert {"new"} == {contacts[f"user-{user}"]["note"] for user in (5, 6, 7)}
    assert {"older"} == {contacts[f"user-{user}"]["note"] for user in range(9, users)}
    sent = job.sandbox.events()
    assert len(sent) == len({entry.idempotency_key for entry in sent}) == 4 * users + 3
    assert before <= {entry.idempotency_key for entry in sent}
    assert 1 == len([entry for entry in past.requests("/contacts/delete") if entry.user_id == "user-8"])
    received = job.sandbox.received()
    calm = [entry for entry in received if not standstills.touch(entry.now, for_s=1.0)]
    throttled = oracles.refused_by_the_limit(calm)
    assert throttled <= REFUSED_SHARE_MAX * len(received), f"{throttled} of {len(received)}"
    assert "the consumer beside it leaves them free with loops.reserve_per_s: 9" in output
    assert "warning" not in output.split("backfill_started", maxsplit=1)[0]


def test_what_is_older_than_a_delete_makes_no_contact_again(make_job: MakeJob) -> None:
    """Who came back is told what came behind the delete alone; nobody joins a list, nor is subscribed again."""
    job = make_job()
    past = Backfilling(job, reserve_per_s=50)
    story = [(1, "a", NOTED), (1, "b", GONE), (2, "c", NOTED), (2, "d", GONE), (2, "e", NOTED), (3, "f", NOTED)]
    past.learn()
    past.live(product.Made(user, number, name, note) for number, (user, note, name) in enumerate(story))
    before = job.sandbox.received_count()

    output = past.run()

    sent = job.sandbox.received()[before:]
    told = {(entry.path, entry.user_id, str((entry.body or {}).get("note"))) for entry in sent}
    assert {("/contacts/update", "user-2", "e"), ("/contacts/update", "user-3", "f")} == told
    assert {"user-2", "user-3"} == past.contacts().keys()
    assert not any({"subscribed", "mailingLists"} & (entry.body or {}).keys() for entry in sent)
    assert "2 records stale" in output


def test_a_dead_letter_of_the_past_is_one_again(make_job: MakeJob) -> None:
    """Beside the consumer's own: a backfill reads as a group of its own, and looks at no letter."""
    job = make_job()
    past = Backfilling(job, reserve_per_s=50)
    past.learn()
    past.live([product.Made(1, 1, NOTED), product.Made(0, 999, note="x" * 499)])
    assert 1 == len(job.letters(1))

    past.run()

    assert 2 == len(job.letters(2))


def test_one_that_is_killed_goes_on_where_it_stopped(make_job: MakeJob) -> None:
    """Nothing is lost, and no more goes out again than was on the wire."""
    job = make_job(sandbox_of(50))
    past = Backfilling(job, reserve_per_s=15)
    users = 90
    past.live(product.make(users, users=users, note="old"))
    past.learn()

    for part in (20, 50):
        with past.start("--share", "0.3") as backfill:
            past.until_requests("/contacts/update", part)
            backfill.send(signal.SIGKILL)
    output = past.run("--share", "0.3")

    assert {"old"} == {contact["note"] for contact in past.contacts().values()}
    assert users == len(past.contacts())
    assert job.ends() == past.committed()
    repeated = len(past.requests("/contacts/update")) - users
    assert repeated <= 2 * ON_WIRE_MAX, f"{repeated} went out again"
    assert "done: the group" in output
    assert users == len(job.sandbox.events())


def test_events_that_were_sent_are_not_sent_twice_unless_they_are_rekeyed(make_job: MakeJob) -> None:
    """Loops knows their keys; what they say of their contacts arrives all the same."""
    job = make_job()
    past = Backfilling(job, reserve_per_s=50)
    past.live(product.make(12, users=4, note="old"))
    past.learn()

    past.run("--send-events")

    assert list(range(12)) == sorted(numbers_of(job.sandbox.events()))
    assert {"old"} == {contact["note"] for contact in past.contacts().values()}

    past.run("--send-events", "--rekey", "--yes", "--group", f"{job.group}-again")

    assert sorted([*range(12), *range(12)]) == sorted(numbers_of(job.sandbox.events()))


def test_it_begins_at_a_time_and_is_stopped_by_a_signal(make_job: MakeJob) -> None:
    """What is older is passed over; stopped, it says that it is not done, and ends with 1."""
    job = make_job(sandbox_of(20))
    past = Backfilling(job, reserve_per_s=10)
    past.learn()
    past.live(product.make(30, users=30, note="old"))
    before = len(past.requests("/contacts/update"))

    assert "0 requests" in past.run("--from", "2099-01-01", "--group", f"{job.group}-later")
    backfill = past.start("--from", "1h", "--share", "0.1")
    past.until_requests("/contacts/update", before + 1)
    backfill.terminate()

    assert 1 == backfill.exit_code()
    assert "not done: stopped; run it again" in backfill.output()
    past.run("--from", "1h", "--share", "1")
    assert 30 <= len(past.requests("/contacts/update")) - before <= 30 + ON_WIRE_MAX
