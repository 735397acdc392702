"""What the chart renders, the program takes: its settings, its mapping, its secrets, and their changes."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import certifi
import pytest
from confluent_kafka import Producer

from consumer.cli.ending import DONE, FAILED, FAULTY
from consumer.cli.loading import load_all
from consumer.sandbox.broker import MockBroker
from tests.deploy.chart import CASES, Manifest, objects, of_kind, pod_spec, rendered
from tests.deploy.manifests import documents
from tests.deploy.pod_files import PodFiles, secret
from tests.kafka.consumer_process import ConsumerProcess, clean_environment, command
from tests.kafka.job import sandbox_of
from tests.kafka.sandbox_thread import SandboxThread
from tests.redaction import API_KEY
from tests.waiting import until

MAPPING: Final = "format: segment\nrules:\n  - name: signed-up\n    when: Signed Up\n    send: signedUp\n"
FAILING: Final = (
    f"{MAPPING}tests:\n  - {{name: none, given: {{type: track, event: Signed Up, userId: u1}}, expect: []}}\n"
)
EVENT: Final = (
    b'{"type": "track", "event": "Signed Up", "userId": "u1", "context": {"traits": {"email": "u@example.com"}}}'
)
TOPIC: Final = "product-events"
WITHIN_S: Final = 60

SECRETS: Final = (
    secret("loops", api_key=API_KEY, key=API_KEY),
    secret("kafka", username="name", password="word", registry_password="word"),
    secret("product-events-mapping", **{"mapping.yaml": MAPPING}),
)
"""What the cases name."""
OLD_SECRET: Final = (secret("loops", api_key="an-old-key-that-is-no-more"),)
OTHERS: Final = (
    *SECRETS,
    {
        "kind": "ConfigMap",
        "metadata": {"name": "product-events-mapping"},
        "data": {"mapping": MAPPING, "billing-tests": "tests: []\n"},
    },
    {"kind": "ConfigMap", "metadata": {"name": "more"}, "data": {}},
)


def in_a_cluster(name: str, *options: str) -> list[Manifest]:
    """The objects of a case beside those that it names, and those that External Secrets makes."""
    every = documents(rendered(name, *options))
    asked = [one["spec"] for one in every if one["kind"] == "ExternalSecret"]
    made = [secret(one["target"]["name"], **{key["secretKey"]: API_KEY for key in one["data"]}) for one in asked]
    return [*every, *made, *OTHERS]


@pytest.mark.parametrize("name", CASES)
def test_the_program_takes_the_settings_and_the_mapping_of_every_case(name: str, tmp_path: Path) -> None:
    """All that ``run`` reads before it starts, librdkafka's judgement of its properties among it."""
    pod = PodFiles(tmp_path, in_a_cluster(name))
    certificates = tmp_path / "etc/loops-consumer/secrets/kafka/ca.crt"
    if name == "sasl":
        certificates.write_bytes(Path(certifi.where()).read_bytes())

    settings, mapping = load_all(pod.settings, {})

    assert API_KEY == settings.loops.api_key().reveal()
    assert mapping.digest
    assert {file.name for file in certificates.parent.glob("[!.]*")} >= {
        Path(file).name for file in settings.kafka.client_files.values()
    }
    grace_s = pod_spec(objects(name))["terminationGracePeriodSeconds"]
    assert math.ceil(settings.delivery.drain_s) + 10 == grace_s


@pytest.mark.parametrize(
    ("mapping", "test", "check"),
    ((MAPPING, DONE, DONE), (FAILING, FAILED, FAULTY), (MAPPING.replace("when", "whem"), FAULTY, FAULTY)),
    ids=("sound", "its test fails", "faulty"),
)
def test_a_pod_starts_only_with_a_mapping_that_is_sound(mapping: str, test: int, check: int, tmp_path: Path) -> None:
    """An init container that ends with anything but 0 keeps the consumer of its pod from starting."""
    given = tmp_path / "mapping.yaml"
    given.write_text(mapping)
    pod = PodFiles(tmp_path, in_a_cluster("default", "--set-file", f"mapping.inline={given}"))

    assert [test, check] == [exit_code(pod, container) for container in ("test", "check")]


def test_a_static_member_has_the_name_of_its_pod() -> None:
    """Which a StatefulSet keeps; all other pods have none, and are no static members."""
    name = "LOOPS_CONSUMER__KAFKA__GROUP_INSTANCE_ID"
    field = {"name": name, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    (consumer,) = pod_spec(objects("static-membership"))["containers"]

    assert field in consumer["env"]
    assert "StatefulSet" == of_kind("StatefulSet", objects("static-membership"))["kind"]
    assert name not in rendered("everything")


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """Brokers with the two topics of the chart's defaults."""
    with MockBroker() as running:
        running.create_topic(TOPIC, 1)
        running.create_topic("loops-dead-letters", 1)
        yield running


def test_a_running_pod_takes_a_new_mapping_and_a_new_key(broker: MockBroker, tmp_path: Path) -> None:
    """It starts with the mapping that is paused and with a key that Loops refuses; both are renewed where it stands."""
    values = tmp_path / "mapping.yaml"
    values.write_text(MAPPING)
    with SandboxThread(sandbox_of(10)) as loops:
        where = _set("kafka.bootstrapServers", broker.bootstrap_servers)
        where += _set("settings.loops.base_url", loops.base_url)
        pod = PodFiles(tmp_path, [*documents(rendered("default", *where)), *OLD_SECRET])
        environment = {"LOOPS_CONSUMER__ADMIN__PORT": "0"}
        with ConsumerProcess(pod.settings, tmp_path / "log", environment) as consumer:
            consumer.until_ready()
            producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
            producer.produce(TOPIC, EVENT)
            assert 0 == producer.flush(10)
            assert consumer.status()["mapping"]["paused"]

            upgraded = documents(rendered("default", *where, "--set-file", f"mapping.inline={values}"))
            pod.renew([*upgraded, *OLD_SECRET])
            until(lambda: 401 in {entry.status for entry in loops.received()}, WITHIN_S, "Loops refuses the old key")
            assert {"rules": 1, "paused": False}.items() <= consumer.status()["mapping"].items()
            assert [] == loops.events()

            pod.renew([*upgraded, *SECRETS])
            loops.until_events(1, WITHIN_S)


def test_helm_test_asks_loops_and_kafka(broker: MockBroker, tmp_path: Path) -> None:
    """It passes where both let the program in; a key that Loops refuses fails the one, and the other goes on."""
    with SandboxThread(sandbox_of(10)) as loops:
        where = _set("kafka.bootstrapServers", broker.bootstrap_servers)
        where += _set("settings.loops.base_url", loops.base_url)
        made = documents(rendered("default", *where))
        pod = PodFiles(tmp_path, [*made, *SECRETS])
        right = [exit_code(pod, container) for container in ("loops", "kafka")]
        pod.renew([*made, *OLD_SECRET])
        wrong = [exit_code(pod, container) for container in ("loops", "kafka")]

    assert [DONE, DONE] == right
    assert [FAILED, DONE] == wrong


def exit_code(pod: PodFiles, container: str) -> int:
    """How the command of a container ends."""
    return subprocess.run(  # noqa: S603 - this Python, and a file of ours
        command(*pod.arguments(container)), check=False, env=clean_environment(), capture_output=True, timeout=WITHIN_S
    ).returncode


def _set(value: str, text: str) -> tuple[str, ...]:
    """Options of helm."""
    return ("--set-string", f"{value}={text.replace(',', chr(92) + ',')}")
