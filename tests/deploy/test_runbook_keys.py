"""The key is rotated as the runbook says, while events arrive."""

from __future__ import annotations

import hashlib

import pytest

from tests.deploy.desk import Desk
from tests.kafka import product
from tests.kafka.job import numbers_of
from tests.redaction import API_KEY
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)


def test_a_key_is_typed_in_and_is_no_ones_to_read(desk: Desk) -> None:
    """Whole, without a line's end, readable by its owner alone; nothing of it is printed."""
    desk.key_file.unlink()
    said = desk.run('read -rs KEY && (umask 077 && printf %s "$KEY" > config/api-key)', given=f"{API_KEY}\n")
    assert (API_KEY, 0o600, "") == (desk.key_file.read_text(), desk.key_file.stat().st_mode & 0o777, said)
    desk.run("loops-consumer check --live")


def test_a_key_that_was_typed_in_is_tried_and_forgotten(desk: Desk) -> None:
    """By the environment of one command, also where the settings name no file that holds it yet; no line shows it."""
    typed = 'read -rs KEY && (umask 077 && printf %s "$KEY" > config/api-key)'
    said = desk.run('LOOPS_API_KEY="$KEY" loops-consumer check --live', pasted=typed, given=f"{API_KEY}\n")
    assert "team" in said.lower()
    assert API_KEY not in said
    desk.run('LOOPS_API_KEY="$KEY" loops-consumer check --live', pasted=typed, given="another-key\n", status=1)
    desk.run("unset KEY", pasted=typed, given=f"{API_KEY}\n")


def test_a_key_is_told_from_another_without_showing_it(desk: Desk) -> None:
    """The line for what was typed in begins as that for a file which holds it, and for no other."""
    typed = 'read -rs KEY && (umask 077 && printf %s "$KEY" > config/api-key)'
    said = desk.run('printf %s "$KEY" | sha256sum', pasted=typed, given=f"{API_KEY}\n")
    assert hashlib.sha256(desk.key_file.read_bytes()).hexdigest() == said.split()[0]
    assert hashlib.sha256(b"another-key").hexdigest() != said.split()[0]


def test_after_a_rotation_the_old_key_may_be_revoked(desk: Desk) -> None:
    """Nothing is lost, given up or sent twice, and the process stays the same."""
    job = desk.job
    old = "the-key-of-last-year"
    desk.key_file.write_text(old)
    job.produce(product.make(300, users=20))
    consumer = desk.start()
    until(lambda: desk.status()["outages"], 60, "the old key is refused: the sandbox knows the new one alone")
    desk.run(
        'read -rs KEY && (umask 077 && printf %s "$KEY" > config/api-key.new) && mv config/api-key.new config/api-key',
        given=f"{API_KEY}\n",
    )
    job.sandbox.until_events(300, 60)
    job.until_committed()
    assert list(range(300)) == sorted(numbers_of(job.sandbox.events()))
    assert 0 == consumer.metric("loops_consumer_dead_letters_total")
    assert [] == desk.status()["outages"]
    assert consumer.running
