"""How a consumer ends, and what the next one finds."""

from __future__ import annotations

from tests.kafka import group, product
from tests.kafka.job import MakeJob, let_in, numbers_of, sandbox_of
from tests.redaction import API_KEY
from tests.waiting import until

RECORDS = 320
"""Eight seconds' work: a test that is held up still finds a consumer that sends."""
FEW = 120
RATE_PER_S = 40


def test_sigterm_finishes_what_is_on_the_wire_and_the_next_process_goes_on(make_job: MakeJob) -> None:
    """Exit 0 within the time to drain, out of the group; nothing is lost, nothing is sent twice."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=0.2))
    job.produce(product.make(RECORDS, users=30))
    first = job.start().until_ready()
    job.sandbox.until_events(30, 60)

    first.terminate()
    assert first.exit_code(within_s=25) == 0

    sent_by_first = len(job.sandbox.received())
    assert 30 <= sent_by_first < RECORDS
    assert group.members(job.kafka.bootstrap_servers, job.group) == 0
    assert sum(job.committed().values()) <= sent_by_first
    job.start()
    job.sandbox.until_events(RECORDS, 60)
    job.until_committed()
    assert list(range(RECORDS)) == sorted(numbers_of(let_in(job.sandbox.received())))


def test_a_second_signal_ends_it_at_once(make_job: MakeJob) -> None:
    """While Loops hangs, draining would take until its time is over; what was on the wire is sent again later."""
    job = make_job()
    job.sandbox.inject(hang=True)
    job.produce(product.make(4, users=4))
    consumer = job.start().until_ready()
    until(lambda: len(job.sandbox.received()) >= 4, 60, "four requests hang")
    consumer.terminate()
    consumer.until_log('"stopping"', 60)

    consumer.terminate()

    assert consumer.exit_code(within_s=15) == 128 + 15  # it would drain for 25 s
    assert '"ended_at_once"' in consumer.output()
    assert sum(job.committed().values()) == 0


def test_after_a_crash_nothing_is_lost_and_nothing_takes_effect_twice(make_job: MakeJob) -> None:
    """The next process sends again what was on the wire; Loops knows the keys."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=0.2))
    job.produce(product.make(FEW, users=30))
    first = job.start().until_ready()
    job.sandbox.until_events(30, 60)

    first.kill()

    job.start()
    job.sandbox.until_events(FEW, 60)
    job.until_committed()
    assert list(range(FEW)) == sorted(numbers_of(job.sandbox.events()))


def test_a_run_logs_neither_key_nor_address(make_job: MakeJob) -> None:
    """Not what it sends, not what Loops refuses; what is logged of a contact is a tag."""
    job = make_job()
    job.sandbox.inject(status=400, message="user-1@example.com is wrong", body_contains="user-1@example.com")
    job.produce(product.make(4, users=4))
    consumer = job.start().until_ready()
    job.letters(1)
    job.until_committed()
    shown = [consumer.page(path)[1] for path in ("/metrics", "/status", "/readyz", "/livez", "/")]
    consumer.terminate()
    assert consumer.exit_code() == 0

    for text in (consumer.output(), *shown):
        assert "@example.com" not in text
        assert API_KEY not in text
