"""Brokers that want a name and a password, or that encrypt: all clients come in, and who is not let in says why, once.

The product and the test itself use the plain listener of the same broker.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka.admin._scram import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from consumer.adapters.letter_topic import LetterTopic, check_topic
from tests.conformance.kafka_worlds import TestConfig
from tests.kafka import product
from tests.kafka.certificates import Certificate, make_certificate
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import CLIENT, Job, numbers_of, sandbox_of
from tests.kafka.listeners import SCRAM, Listener, tls
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until

pytestmark = [pytest.mark.real_kafka, pytest.mark.timeout(150)]

USER: Final = "loops-consumer"
PASSWORD: Final = "of-the-broker-4711"
OTHER_PASSWORD: Final = "of-nobody-0815"
RECORDS: Final = 8
SAID_WITHIN_S: Final = 15
REFUSALS: Final = 8
"""So often the broker has refused a client before it is looked at what was said."""
REFUSED_WITHIN_S: Final = 30
LINES_MAX: Final = 6
"""Of the log about one reason: one error, and beside it what each client words in its way."""


@dataclass(frozen=True, slots=True)
class Secured:
    """The broker, and the two certificates that its TLS listener may show."""

    kafka: RealKafka
    own: Certificate
    other: Certificate

    @property
    def tls(self) -> Listener:
        """The listener that encrypts."""
        return tls(self.own.keystore)

    def refusals(self) -> int:
        """How often it has refused a client so far."""
        return self.kafka.log.read_text(errors="replace").count("Failed authentication with /127.0.0.1")

    def sets_password(self, password: str) -> None:
        """Of the one user there is."""
        credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        admin = self.kafka.admin()
        changed = admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(USER, credential, password.encode())]
        )
        for each in changed.values():
            each.result(20)

    def shows(self, certificate: Certificate) -> None:
        """From the next connection on."""
        name = "listener.name.tls.ssl.keystore.location"
        self.kafka.configure({name: str(certificate.keystore)})


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, run_logs: Path) -> Iterator[Secured]:
    """Started once, with both listeners."""
    directory = tmp_path_factory.mktemp("secured")
    own, other = (make_certificate(directory, name) for name in ("own", "other"))
    listeners = (SCRAM, tls(own.keystore))
    with RealKafka(directory / "kafka", log=run_logs / "kafka-secured.log", listeners=listeners) as kafka:
        yield Secured(kafka, own, other)


@pytest.fixture
def job(secured: Secured, run_logs: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Job]:
    """Records that wait to be read; Loops refuses one contact."""
    secured.sets_password(PASSWORD)
    sandbox = sandbox_of(200)
    with Job(secured.kafka, tmp_path, run_logs, name=request.node.name, sandbox=sandbox) as job:
        job.sandbox.inject(status=400, message="no", body_contains="user-1@example.com")
        job.produce(product.make(RECORDS, users=4))
        yield job


def by_password(password: str) -> dict[str, str | int]:
    """A client's properties for the listener that wants one."""
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": USER,
        "sasl.password": password,
    }


def trusting(certificate: Certificate) -> dict[str, str | int]:
    """A client's properties for the listener that encrypts."""
    return {"security.protocol": "SSL", "ssl.ca.location": str(certificate.authority)}


def enter(job: Job, secured: Secured, listener: Listener, client: Mapping[str, Any]) -> None:
    """Lets the consumer come in there."""
    address = secured.kafka.address(listener)
    job.configure(kafka={"bootstrap_servers": address, "client": {**CLIENT, **client}})


@pytest.mark.parametrize("way", ("password", "certificate"))
def test_it_reads_sends_commits_and_writes_dead_letters_there(job: Job, secured: Secured, way: str) -> None:
    """Each of its clients gets the same properties."""
    if way == "password":
        enter(job, secured, SCRAM, by_password(PASSWORD))
    else:
        enter(job, secured, secured.tls, trusting(secured.own))
    consumer = job.start().until_ready()

    all_is_done(job)

    assert "dead_letter_topic_not_checked" not in consumer.output()
    assert "under kafka.client" not in consumer.output()
    assert PASSWORD not in consumer.output()


def test_a_wrong_password_is_told_once_and_a_right_one_goes_on(job: Job, secured: Secured) -> None:
    """Someone sets it right at the brokers; the process is the same."""
    enter(job, secured, SCRAM, by_password(OTHER_PASSWORD))
    consumer = job.start()

    told = told_once(
        consumer, secured, "the brokers refuse the credentials (sasl.* under kafka.client): _AUTHENTICATION"
    )
    assert "invalid credentials" in told
    secured.sets_password(OTHER_PASSWORD)
    all_is_done(job)

    assert consumer.waits_for() == ""
    assert OTHER_PASSWORD not in consumer.output() + consumer.page("/status")[1]


def test_a_certificate_that_is_not_trusted_is_told_once_and_a_trusted_one_goes_on(job: Job, secured: Secured) -> None:
    """The brokers get another one; the process is the same."""
    enter(job, secured, secured.tls, trusting(secured.other))
    consumer = job.start()

    told = told_once(consumer, secured, "no secure connection to a broker (ssl.* under kafka.client)")
    assert "certificate" in told
    secured.shows(secured.other)
    try:
        all_is_done(job)
        assert consumer.waits_for() == ""
    finally:
        secured.shows(secured.own)


@pytest.mark.parametrize("way", ("password", "certificate"))
def test_who_is_not_let_in_does_not_wait_long_for_the_look_at_the_dead_letters(secured: Secured, way: str) -> None:
    """The reason is known with the first attempt, and told by who reads."""
    listener, client = (
        (SCRAM, by_password(OTHER_PASSWORD)) if way == "password" else (secured.tls, trusting(secured.other))
    )
    secured.sets_password(PASSWORD)
    config = TestConfig(bootstrap_servers=secured.kafka.address(listener), topics=("events",), client=client)
    began = time.monotonic()

    assert check_topic(config, within_s=30) is LetterTopic.NOT_LET_IN

    assert time.monotonic() - began < 15


def told_once(consumer: ConsumerProcess, secured: Secured, sentence: str) -> str:
    """Waits until it says this, then until it was refused often; what it says, once. It is alive and not ready."""
    told = until(consumer.waits_for, SAID_WITHIN_S, "it says what it waits for")
    assert told.startswith(sentence)
    before = secured.refusals()
    until(lambda: secured.refusals() >= before + REFUSALS, REFUSED_WITHIN_S, "it goes on trying")
    lines = [json.loads(line) for line in consumer.output().splitlines()]
    assert [told] == [line.get("waits_for") for line in lines if line["level"] == "error"]
    assert [told] == [line["waits_for"] for line in lines if line["event"] == "kafka_waits"]
    assert sum(line["event"] == "kafka_client" for line in lines) <= LINES_MAX
    assert consumer.page("/readyz") == (503, f"the Kafka thread is joining: {told}\n")
    assert consumer.page("/livez")[0] == 200
    assert consumer.waits_for() == told
    return told


def all_is_done(job: Job) -> None:
    """What Loops takes has arrived, what it refuses is a dead letter, and all is committed."""
    job.sandbox.until_events(RECORDS - 2, 30)
    letters = job.letters(2)
    job.until_committed()
    assert [number for number in range(RECORDS) if number % 4 != 1] == sorted(numbers_of(job.sandbox.events()))
    assert {b"user-1"} == {letter.key for letter in letters}
