"""deploy/compose.yaml: what Docker would make of it, and each of its files by the tool that it is for.

No Docker runs here: what the containers run is run as processes, with the same settings, commands and files.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from tests.deploy.tools import ROOT, tool
from tests.kafka.consumer_process import ConsumerProcess, clean_environment, command
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)

FILE: Final = ROOT / "deploy" / "compose.yaml"
OURS: Final = ("listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs")
"""Of Kafka's settings, what names hosts and directories of the container."""
WITHIN_S: Final = 60

Services = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def services() -> Services:
    """As ``docker compose config`` understands the file, without a word of warning."""
    run = [tool("docker-compose"), "--file", str(FILE), "config", "--format", "json"]
    ran = subprocess.run(run, check=False, capture_output=True, text=True)  # noqa: S603 - compose, and our file
    assert (0, "") == (ran.returncode, ran.stderr)
    found: Services = json.loads(ran.stdout)["services"]
    return found


@pytest.fixture
def mounted(services: Services, tmp_path: Path) -> Path:
    """A root with what each container has mounted, each below the name of its service."""
    for name, service in services.items():
        for volume in service.get("volumes", ()):
            at = tmp_path / name / volume["target"].removeprefix("/")
            at.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if Path(volume["source"]).is_dir() else shutil.copy
            copy(volume["source"], at)
            assert volume["read_only"]
    return tmp_path


def test_it_has_what_one_wants_to_see_and_only_this_machine_sees_it(services: Services) -> None:
    """Every port is of loopback, and every image has a version."""
    assert {"kafka", "topics", "sandbox", "consumer", "prometheus", "grafana"} == services.keys()
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert {"3000", "8025", "9090", "9464"} == {port["published"] for port in ports}
    assert {"127.0.0.1"} == {port["host_ip"] for port in ports}
    images = {service["image"] for service in services.values()}
    assert [] == [image for image in images if not re.search(r":(v?\d+\.\d+\.\d+|compose)$", image)]


def test_the_program_is_built_from_the_dockerfile_and_held_as_in_a_pod(services: Services) -> None:
    """Both of its containers; the consumer in as much memory, and with as much time to drain."""
    for name in ("consumer", "sandbox"):
        build = services[name]["build"]
        assert (str(ROOT), ROOT / "deploy" / "Dockerfile") == (build["context"], ROOT / build["dockerfile"])
        assert (True, ["ALL"]) == (services[name]["read_only"], services[name]["cap_drop"])
        assert ["no-new-privileges:true"] == services[name]["security_opt"]
    assert 256 * 2**20 == int(services["consumer"]["mem_limit"])
    assert "35s" == services["consumer"]["stop_grace_period"]


def test_the_consumer_finds_nothing_wrong_with_its_files(services: Services, mounted: Path) -> None:
    """``check``, as the container would run it."""
    config = mounted / "consumer" / "etc" / "loops-consumer" / "consumer.yaml"
    ran = subprocess.run(  # noqa: S603 - this program, and a file of ours
        command("check", "--config", str(config)),
        check=False,
        capture_output=True,
        text=True,
        env=clean_environment(**services["consumer"]["environment"]),
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr


def test_promtool_finds_nothing_wrong_with_prometheus_files(services: Services, mounted: Path) -> None:
    """The rules among them; and what it scrapes is a name that the network has."""
    config = mounted / "prometheus" / "etc" / "prometheus" / "prometheus.yml"
    run = [tool("promtool"), "check", "config", str(config)]
    ran = subprocess.run(run, check=False, capture_output=True, text=True)  # noqa: S603 - promtool, and our file
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    assert re.search(r"SUCCESS: \d{2,} rules found", ran.stdout)
    (job,) = YAML(typ="safe").load(config)["scrape_configs"]
    (host,) = services["sandbox"]["networks"]["default"]["aliases"]
    assert [{"targets": [f"{host}:9464"], "labels": {"namespace": "compose"}}] == job["static_configs"]
    assert "service:sandbox" == services["consumer"]["network_mode"]


def test_grafana_has_the_dashboards_and_the_source_that_they_ask(services: Services, mounted: Path) -> None:
    """Provisioned files say which; the source is the Prometheus beside it, at the port where it listens."""
    grafana = mounted / "grafana"
    provisioning = grafana / "etc" / "grafana" / "provisioning"
    (source,) = YAML(typ="safe").load(provisioning / "datasources" / "prometheus.yaml")["datasources"]
    (provider,) = YAML(typ="safe").load(provisioning / "dashboards" / "files.yaml")["providers"]
    shown = sorted((grafana / provider["options"]["path"].removeprefix("/")).iterdir())
    uids = [json.loads(file.read_text())["uid"] for file in shown]

    url = urlsplit(source["url"])
    assert ("prometheus", True, "file") == (source["type"], source["isDefault"], provider["type"])
    assert url.hostname in services
    assert url.port in {port["target"] for port in services["prometheus"]["ports"]}
    assert ["loops-consumer-debug", "loops-consumer-overview"] == uids
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (grafana / home.removeprefix("/")) in shown


def test_what_it_runs_works_together(services: Services, mounted: Path, tmp_path: Path, run_logs: Path) -> None:
    """Kafka starts with its settings, the topics are made, events come, and the consumer sends what it should."""
    with RealKafka(tmp_path / "kafka", log=run_logs / "compose-kafka.log") as kafka:
        kafka.stop()
        settle(kafka, tmp_path / "kafka" / "server.properties", services["kafka"]["environment"])
        make_topics(services["topics"], kafka)
        sandbox = start_sandbox(services["sandbox"], kafka)
        try:
            assert sandbox.stdout is not None
            base_url = json.loads(sandbox.stdout.readline())["base_url"]
            config = mounted / "consumer" / "etc" / "loops-consumer" / "consumer.yaml"
            environment = {
                **services["consumer"]["environment"],
                "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
                "LOOPS_BASE_URL": base_url,
                "LOOPS_CONSUMER__ADMIN__PORT": "0",
            }
            with ConsumerProcess(config, run_logs / "compose-consumer.log", environment) as consumer:
                consumer.until_ready()
                delivered = {"name": "loops_consumer_finished_records_total", "fate": "delivered"}
                until(lambda: consumer.metric(**delivered) >= 20, WITHIN_S, "twenty records are delivered")
                assert consumer.metric("loops_consumer_received_records_total") > 100
        finally:
            sandbox.terminate()
            sandbox.communicate(timeout=WITHIN_S)


def settle(kafka: RealKafka, file: Path, environment: Mapping[str, str]) -> None:
    """Starts it with the container's settings, named as its image names them; hosts and directories stay ours."""
    own = dict(line.split("=", 1) for line in file.read_text().splitlines())
    theirs = {name.removeprefix("KAFKA_").lower().replace("_", "."): text for name, text in environment.items()}
    assert set(OURS) - {"log.dirs"} < theirs.keys()
    settings = {**theirs, **{name: own[name] for name in OURS}}
    file.write_text("".join(f"{name}={text}\n" for name, text in settings.items()))
    kafka.start()


def make_topics(service: Mapping[str, Any], kafka: RealKafka) -> None:
    """The container's script, with Kafka's own tool from where it lies here."""
    (script,) = service["command"]
    script = script.replace("/opt/kafka/bin/kafka-topics.sh", tool("kafka-topics.sh")).replace("$$", "$")
    assert "kafka:9092" in script
    shell = [*service["entrypoint"], script.replace("kafka:9092", kafka.bootstrap_servers)]
    subprocess.run(shell, check=True, capture_output=True, timeout=WITHIN_S)  # noqa: S603 - our script
    client = kafka.admin()
    found = client.list_topics(timeout=WITHIN_S).topics
    assert {"product-events": 3, "loops-dead-letters": 3} == {
        name: len(topic.partitions) for name, topic in found.items() if not name.startswith("__")
    }


def start_sandbox(service: Mapping[str, Any], kafka: RealKafka) -> subprocess.Popen[str]:
    """The container's command, at any free port of loopback."""
    words = list(service["command"])
    words[words.index("--port") + 1] = "0"
    words[words.index("--host") + 1] = "127.0.0.1"
    return subprocess.Popen(  # noqa: S603 - this program, and words of ours
        [sys.executable, "-m", "consumer", *words, "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOOPS_API_KEY": "", "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers},
    )
