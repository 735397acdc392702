"""Brokers that encrypt, and want a password, a token or a certificate: all come in, and who does not says why, once.

What is secret comes from files. The product and the test itself use the plain listener of the same broker.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin._scram import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from consumer.adapters.letter_topic import LetterTopic, check_topic
from tests.conformance.kafka_worlds import TestConfig
from tests.kafka import product
from tests.kafka.certificates import Certificate, make_certificate
from tests.kafka.consumer_process import ConsumerProcess, clean_environment, command
from tests.kafka.job import CLIENT, Job, numbers_of, sandbox_of
from tests.kafka.listeners import KEYSTORE_PASSWORD, SCRAM, Listener, by_certificate, by_token, scram_over_tls, tls
from tests.kafka.real_kafka import RealKafka
from tests.kafka.token_endpoint import AUDIENCE, ISSUER, TokenEndpoint
from tests.waiting import until

pytestmark = pytest.mark.real_kafka

USER: Final = "loops-consumer"
PASSWORD: Final = "of-the-broker-4711"
OTHER_PASSWORD: Final = "of-nobody-0815"
RECORDS: Final = 8
SAID_WITHIN_S: Final = 60
REFUSALS: Final = 8
"""So often the broker has refused a client before it is looked at what was said."""
REFUSED_WITHIN_S: Final = 90
LINES_MAX: Final = 6
"""Of the log about one reason: one error, and beside it what each client words in its way."""


WAYS: Final = ("password", "encrypted", "password, encrypted", "token", "certificate")


@dataclass(frozen=True, slots=True)
class Secured:
    """The broker, who gives tokens, and the two certificates that the broker's TLS listener may show."""

    kafka: RealKafka
    tokens: TokenEndpoint
    own: Certificate
    other: Certificate
    listeners: Mapping[str, Listener]
    """By way."""

    def client(self, way: str) -> Mapping[str, str]:
        """A client's properties for the listener, without those that are secret."""
        encrypted = {"ssl.ca.location": str(self.own.authority)}
        return {
            "password": {"sasl.mechanism": "SCRAM-SHA-512"},
            "encrypted": encrypted,
            "password, encrypted": {**encrypted, "sasl.mechanism": "SCRAM-SHA-512"},
            "token": {
                **encrypted,
                "https.ca.location": str(self.own.authority),
                "sasl.mechanism": "OAUTHBEARER",
                "sasl.oauthbearer.method": "oidc",
                "sasl.oauthbearer.token.endpoint.url": self.tokens.url,
            },
            "certificate": {
                **encrypted,
                "ssl.certificate.location": str(self.other.authority),
                "ssl.key.location": str(self.other.key),
            },
        }[way] | {"security.protocol": self.listeners[way].protocol}

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
            each.result(60)

    def shows(self, certificate: Certificate) -> None:
        """From the next connection on."""
        name = "listener.name.tls.ssl.keystore.location"
        self.kafka.configure({name: str(certificate.keystore)})


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, run_logs: Path) -> Iterator[Secured]:
    """Started once, with both listeners."""
    directory = tmp_path_factory.mktemp("secured")
    own, other = (make_certificate(directory, name) for name in ("own", "other"))
    keys = directory / "keys.json"
    with TokenEndpoint(own, keys, client_id=USER, secret=PASSWORD) as tokens:
        listeners = (
            SCRAM,
            tls(own.keystore),
            scram_over_tls(own.keystore),
            by_token(own.keystore, keys, issuer=ISSUER, audience=AUDIENCE),
            by_certificate(own.keystore, other.authority),
        )
        with RealKafka(directory / "kafka", log=run_logs / "kafka-secured.log", listeners=listeners) as kafka:
            yield Secured(kafka, tokens, own, other, dict(zip(WAYS, listeners, strict=True)))


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


def enter(
    job: Job,
    secured: Secured,
    way: str,
    client: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Lets the consumer come in there: with these properties, or with what is right and secrets from ``files``."""
    given = secured.client(way) if client is None else client
    properties = {"client": {**CLIENT, **given}, "client_files": files or {}}
    job.configure(kafka={"bootstrap_servers": secured.kafka.address(secured.listeners[way]), **properties})


def secret_files(folder: Path, way: str, secret: str) -> Mapping[str, str]:
    """What is secret on this way, each in a file."""
    held = {
        "password": {"sasl.username": USER, "sasl.password": secret},
        "encrypted": {},
        "password, encrypted": {"sasl.username": USER, "sasl.password": secret},
        "token": {"sasl.oauthbearer.client.id": USER, "sasl.oauthbearer.client.secret": secret},
        "certificate": {"ssl.key.password": KEYSTORE_PASSWORD},
    }[way]
    for name, value in held.items():
        (folder / name).write_text(value + "\n")
    return {name: str(folder / name) for name in held}


@pytest.mark.parametrize("way", WAYS)
def test_it_reads_sends_commits_and_writes_dead_letters_there(
    job: Job, secured: Secured, way: str, tmp_path: Path
) -> None:
    """Each of its clients gets the same properties."""
    enter(job, secured, way, files=secret_files(tmp_path, way, PASSWORD))
    consumer = job.start().until_ready()

    all_is_done(job)

    assert "dead_letter_topic_not_checked" not in consumer.output()
    assert "under kafka.client" not in consumer.output()
    assert PASSWORD not in consumer.output()


def test_the_clients_that_only_ask_come_in_too(job: Job, secured: Secured, tmp_path: Path) -> None:
    """For what the group has committed, where there are two replicas; and for what lies where offsets jump."""
    way = "password, encrypted"
    enter(job, secured, way, files=secret_files(tmp_path, way, PASSWORD))
    consumers = [job.start() for _ in range(2)]
    for consumer in consumers:
        consumer.until_ready()
    all_is_done(job)

    producer = Producer({"bootstrap.servers": secured.kafka.bootstrap_servers, "transactional.id": job.topic})
    producer.init_transactions(30)
    for _ in range(2):
        producer.begin_transaction()
        for partition in range(product.PARTITIONS):
            producer.produce(job.topic, b"{}", partition=partition)
        producer.commit_transaction(30)

    def all_were_answered() -> bool:
        read = [consumer.metric("loops_consumer_demand_readings_total", result="ok") for consumer in consumers]
        return min(read + [consumer.metric("loops_consumer_checked_jumps_total") for consumer in consumers]) > 0

    until(all_were_answered, 60, "the group's commits are read and the jumps are checked, by both")


def test_every_command_comes_in(job: Job, secured: Secured, tmp_path: Path) -> None:
    """Those that read the topics or the dead letters, ask for the group's members, or write marks."""
    enter(job, secured, "token", files=secret_files(tmp_path, "token", PASSWORD))
    consumer = job.start().until_ready()
    all_is_done(job)
    consumer.terminate()
    assert 0 == consumer.exit_code()
    job.sandbox.heal()

    assert "no faults" in said(job, "check", "--live")
    assert "trial-started" in said(job, "dead-letters", "list")
    assert "no_contact" not in said(job, "dead-letters", "show", "0:0")
    assert "2 letters done" in said(job, "dead-letters", "redrive", "--share", "1", "--create-contacts")
    assert "trial-started" in said(job, "preview", "--since", "beginning")
    assert "trial-started" in said(job, "why", "user-2@example.com", "--since", "beginning")
    assert "trial-started" in said(job, "explain", f"{job.topic}:0:0")
    assert "rules:" in said(job, "infer", "--since", "beginning")
    assert "done" in said(job, "run", "--backfill", "--share", "1")


def test_a_command_that_is_not_let_in_says_why(job: Job, secured: Secured, tmp_path: Path) -> None:
    """And not that no broker answers."""
    enter(job, secured, "password", files=secret_files(tmp_path, "password", OTHER_PASSWORD))

    found = said(job, "preview", "--since", "beginning", code=1)

    assert "the brokers refuse the credentials (sasl.* under kafka.client)" in found
    assert OTHER_PASSWORD not in found


def said(job: Job, *arguments: str, code: int = 0) -> str:
    """What a command writes, which has to end with ``code``."""
    done = subprocess.run(  # noqa: S603 - this Python, and files of ours
        command(*arguments, "--config", str(job.config)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=clean_environment(**job.environment),
    )
    written = done.stdout + done.stderr
    assert code == done.returncode, written
    assert PASSWORD not in written
    return written


def test_a_password_that_is_replaced_is_used_without_a_restart(job: Job, secured: Secured, tmp_path: Path) -> None:
    """By every client that the process has, for what it connects from then on; here all connections break."""
    way = "password, encrypted"
    enter(job, secured, way, files=secret_files(tmp_path, way, PASSWORD))
    consumer = job.start().until_ready()
    all_is_done(job)

    secured.sets_password(OTHER_PASSWORD)
    secret_files(tmp_path, way, OTHER_PASSWORD)
    consumer.until_log("kafka_secrets_changed", 60)
    secured.kafka.restart()
    job.produce(product.make(RECORDS, users=4, first=RECORDS))

    job.sandbox.until_events(2 * (RECORDS - 2), 60)
    job.letters(4)
    job.until_committed()
    assert OTHER_PASSWORD not in consumer.output() + consumer.page("/status")[1]


def test_who_gives_no_token_is_told_once_and_a_right_secret_goes_on(job: Job, secured: Secured, tmp_path: Path) -> None:
    """In the words of who gives them. Someone sets it right there; the process is the same."""
    enter(job, secured, "token", files=secret_files(tmp_path, "token", OTHER_PASSWORD))
    consumer = job.start()

    told = until(consumer.waits_for, SAID_WITHIN_S, "it says what it waits for")
    assert told.startswith("there is no token for the brokers (sasl.oauthbearer.* and https.* under kafka.client)")
    assert "unknown client or wrong secret" in told
    secured.tokens.secret = OTHER_PASSWORD
    try:
        all_is_done(job)
    finally:
        secured.tokens.secret = PASSWORD
    assert OTHER_PASSWORD not in consumer.output()


def test_a_client_without_the_certificate_that_is_wanted_is_told_so(job: Job, secured: Secured) -> None:
    """Though the connection only breaks: the alert comes after the handshake."""
    enter(job, secured, "certificate", trusting(secured.own))
    consumer = job.start()

    told_once(consumer, secured, "the brokers refuse this client's certificate, or want one (ssl.certificate.*")


def test_a_wrong_password_is_told_once_and_a_right_one_goes_on(job: Job, secured: Secured) -> None:
    """Someone sets it right at the brokers; the process is the same."""
    enter(job, secured, "password", by_password(OTHER_PASSWORD))
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
    enter(job, secured, "encrypted", trusting(secured.other))
    consumer = job.start()

    told = told_once(consumer, secured, "no secure connection to a broker (ssl.* under kafka.client)")
    assert "certificate" in told
    secured.shows(secured.other)
    try:
        all_is_done(job)
        assert consumer.waits_for() == ""
    finally:
        secured.shows(secured.own)


@pytest.mark.parametrize("way", ("password", "encrypted", "certificate"))
def test_who_is_not_let_in_does_not_wait_long_for_the_look_at_the_dead_letters(secured: Secured, way: str) -> None:
    """The reason is known with the first attempt, and told by who reads."""
    trusted = secured.other if way == "encrypted" else secured.own
    client = by_password(OTHER_PASSWORD) if way == "password" else trusting(trusted)
    secured.sets_password(PASSWORD)
    address = secured.kafka.address(secured.listeners[way])
    config = TestConfig(bootstrap_servers=address, topics=("events",), client=client)
    began = time.monotonic()

    assert check_topic(config, within_s=60) is LetterTopic.NOT_LET_IN

    assert time.monotonic() - began < 30  # half a second where nothing else runs


def told_once(consumer: ConsumerProcess, secured: Secured, sentence: str) -> str:
    """Waits until it says this, then until it was refused often; what it says, once. It is alive and not ready."""
    told = until(consumer.waits_for, SAID_WITHIN_S, "it says what it waits for")
    assert told.startswith(sentence)
    before = secured.refusals()
    until(lambda: secured.refusals() >= before + REFUSALS, REFUSED_WITHIN_S, "it goes on trying")
    lines = [json.loads(line) for line in consumer.lines()]
    assert [told] == [line.get("waits_for") for line in lines if line["level"] == "error"]
    assert [told] == [line["waits_for"] for line in lines if line["event"] == "kafka_waits"]
    assert sum(line["event"] == "kafka_client" for line in lines) <= LINES_MAX
    assert consumer.page("/readyz") == (503, f"the Kafka thread is joining: {told}\n")
    assert consumer.page("/livez")[0] == 200
    assert consumer.waits_for() == told
    return told


def all_is_done(job: Job) -> None:
    """What Loops takes has arrived, what it refuses is a dead letter, and all is committed."""
    job.sandbox.until_events(RECORDS - 2, 60)
    letters = job.letters(2)
    job.until_committed()
    assert [number for number in range(RECORDS) if number % 4 != 1] == sorted(numbers_of(job.sandbox.events()))
    assert {b"user-1"} == {letter.key for letter in letters}
