"""Apache Kafka itself, one broker on loopback, from the jars that ``make kafka`` fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from tests.kafka.listeners import Listener
from tests.ports import free_ports
from tests.waiting import until

__all__ = ["RealKafka", "what_is_missing"]

LIBRARIES: Final = Path(__file__).parents[2] / ".cache" / "kafka-libs"

_CLUSTER_ID: Final = "bG9vcHMtY29uc3VtZXItdA"
_START_WITHIN_S: Final = 120
_STOP_WITHIN_S: Final = 30
_LOG_TAIL_LINES: Final = 40


def what_is_missing() -> str | None:
    """What a run of Kafka lacks on this machine, as a sentence, or ``None``."""
    if shutil.which("java") is None:
        return "Java is not installed (17 or later is needed)"
    if not (LIBRARIES / ".ready").exists():
        return "Kafka's jars are not there (`make kafka` fetches them; it needs Maven)"
    return None


class RealKafka:
    """One broker that is its own controller, with its data, settings and log in ``directory``.

    The ports are the same after a restart. A topic has to be made before it is used. Retention is looked at every
    second, and a new group's first rebalance waits for nothing. Under ``group.protocol=consumer`` a group has Kafka's
    own time-outs unless :meth:`configure_group` says otherwise.
    """

    def __init__(self, directory: Path, *, log: Path | None = None, listeners: Sequence[Listener] = ()) -> None:
        """Takes free ports and writes the settings; nothing runs yet. ``log`` is ``kafka.log`` beside them."""
        self._directory = directory
        self._port, controller_port, *others = free_ports(2 + len(listeners))
        self._ports = dict(zip((listener.name for listener in listeners), others, strict=True))
        self._settings = directory / "server.properties"
        self._java_options = [option for listener in listeners for option in listener.java_options]
        self._process: subprocess.Popen[bytes] | None = None
        self._log_file: IO[bytes] | None = None
        self.log = log or directory / "kafka.log"
        directory.mkdir(parents=True, exist_ok=True)
        settings = _settings(directory / "data", self._port, controller_port)
        settings = _with_listeners(settings, listeners, self._ports)
        self._settings.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))

    def __enter__(self) -> Self:
        """Starts it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self.stop()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self._port}"

    def address(self, listener: Listener) -> str:
        """Where clients come in by one of its listeners."""
        return f"127.0.0.1:{self._ports[listener.name]}"

    def start(self) -> None:
        """Starts it and returns when it answers; ``RuntimeError`` with the end of its log where it does not."""
        if self._process is not None:
            return
        self._log_file = self.log.open("ab")
        if not (self._directory / "data" / "meta.properties").exists():
            self._java("kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(self._settings)).wait()
        self._process = self._java("kafka.Kafka", str(self._settings))
        try:
            until(self._answers, _START_WITHIN_S, "Kafka answers")
        except (TimeoutError, ChildProcessError) as error:
            self.kill()
            raise RuntimeError(f"Kafka did not start: {error}\n{self.tail()}") from error

    def stop(self) -> None:
        """Ends it in an orderly way, or by force where that takes over 30 s; may be called twice."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._ended()

    def kill(self) -> None:
        """Ends it as a power cut would; may be called twice."""
        if self._process is not None:
            self._process.kill()
        self._ended()

    def restart(self) -> None:
        """Stops and starts it, with the same ports and data."""
        self.stop()
        self.start()

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])

    def admin(self) -> AdminClient:
        """A client for what is not here; it must be kept in a variable while it works."""
        return AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})

    def create_topic(self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> str:
        """Makes a topic, and returns its name when every client can see it with a leader for each partition."""
        admin = self.admin()
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=dict(config or {}))
        admin.create_topics([topic])[name].result(30)

        def is_there() -> bool:
            found = admin.list_topics(name, timeout=60).topics[name].partitions
            return len(found) == partitions and all(partition.leader == 1 for partition in found.values())

        until(is_there, 30, f"topic {name} with {partitions} partitions")
        return name

    def new_topic(self, partitions: int = 1, config: Mapping[str, str] | None = None) -> str:
        """Makes a topic with a name of its own, and returns that."""
        return self.create_topic(f"topic-{uuid.uuid4().hex[:12]}", partitions, config)

    def configure_group(self, group: str, config: Mapping[str, str]) -> None:
        """Sets what the broker decides for a group, which need not exist yet, under ``group.protocol=consumer``.

        ``consumer.session.timeout.ms`` from 1,000 and ``consumer.heartbeat.interval.ms`` from 100.
        """
        self._configure(ResourceType.GROUP, group, config)

    def configure(self, config: Mapping[str, str]) -> None:
        """Changes settings of the running broker."""
        self._configure(ResourceType.BROKER, "1", config)

    def _configure(self, kind: ResourceType, name: str, config: Mapping[str, str]) -> None:
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()
        ]
        admin = self.admin()
        for changed in admin.incremental_alter_configs(
            [ConfigResource(kind, name, incremental_configs=entries)]
        ).values():
            changed.result(30)

    def _java(self, *arguments: str) -> subprocess.Popen[bytes]:
        java = shutil.which("java")
        if java is None:
            raise RuntimeError(what_is_missing())
        command = [
            java,
            "-Xmx512m",
            *self._java_options,
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-cp",
            f"{LIBRARIES}{os.sep}*",
        ]
        return subprocess.Popen(  # noqa: S603 - the program is Java and every argument is ours
            [*command, *arguments], stdin=subprocess.DEVNULL, stdout=self._log_file, stderr=self._log_file
        )

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise ChildProcessError(f"it ended with {self._process.returncode}")
        admin = self.admin()
        try:
            return bool(admin.list_topics(timeout=3).brokers)
        except KafkaException:
            return False

    def _ended(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.wait()
        log_file, self._log_file = self._log_file, None
        if log_file is not None:
            log_file.close()


def _with_listeners(
    settings: Mapping[str, str], listeners: Iterable[Listener], ports: Mapping[str, int]
) -> dict[str, str]:
    """The same with further listeners: each stands in three lists, and has settings of its own."""
    found = dict(settings)
    for listener in listeners:
        address = f",{listener.name}://127.0.0.1:{ports[listener.name]}"
        found["listeners"] += address
        found["advertised.listeners"] += address
        found["listener.security.protocol.map"] += f",{listener.name}:{listener.protocol}"
        found |= listener.properties()
    return found


def _settings(data: Path, port: int, controller_port: int) -> dict[str, str]:
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.consumer.min.session.timeout.ms": "1000",
        "group.consumer.min.heartbeat.interval.ms": "100",
        "auto.create.topics.enable": "false",
        "log.retention.check.interval.ms": "1000",
    }
