"""One whole job: a topic on a real Kafka, a sandbox in Loops' place, and consumers between them as processes."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from confluent_kafka import Consumer, Message, TopicPartition

from consumer.core.completions import Completions, decode
from consumer.core.effect import Committable
from consumer.sandbox.journal import Entry
from consumer.sandbox.options import SandboxOptions
from tests.kafka import group, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.real_kafka import RealKafka
from tests.kafka.sandbox_thread import SandboxThread
from tests.redaction import API_KEY
from tests.waiting import until

__all__ = ["EVENT_NAME", "RULE", "Job", "Letter", "MakeJob", "let_in", "numbers_of", "sandbox_of"]

RULE: Final = "trial-started"
EVENT_NAME: Final = "trialStarted"

MAPPING: Final[Mapping[str, Any]] = {
    "format": "segment",
    "rules": [
        {
            "name": RULE,
            "when": product.WANTED,
            "send": EVENT_NAME,
            "event": {"number": "properties.number", "note": "properties.note"},
        }
    ],
}

CLIENT: Final[Mapping[str, Any]] = {"heartbeat.interval.ms": 200, "session.timeout.ms": 6_000}
"""A group that notices changes soon; six seconds are the least that Kafka takes."""

_COMMITS_WITHIN_S: Final = 60
_LETTERS_WITHIN_S: Final = 60


def sandbox_of(rate_per_s: int, **options: Any) -> SandboxOptions:
    """A sandbox that takes the tests' key, with this limit; counted as a sliding window unless told otherwise."""
    return SandboxOptions(api_key=API_KEY, rate_per_s=rate_per_s, **options)


def numbers_of(entries: Iterable[Entry]) -> list[int]:
    """The numbers of the product's events, in the order of the entries."""
    return [int(str((entry.event_properties or {})["number"])) for entry in entries]


def let_in(entries: Iterable[Entry]) -> list[Entry]:
    """Those that were not over the limit: what is answered 429 has no effect, and goes again."""
    return [entry for entry in entries if entry.status != HTTPStatus.TOO_MANY_REQUESTS]


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter as it lies on its topic."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    def said(self, name: str) -> str | None:
        """A header as text; ``None`` where it is not there."""
        return next((value.decode() for found, value in self.headers if found == name), None)


class Job:
    """A topic with four partitions, one for dead letters, a group and a sandbox of its own, within a ``with``.

    The team's limit is the sandbox's, and is the consumer's ``rate_per_s`` too unless :meth:`configure` says otherwise.
    Consumers that still run at the end are killed.
    """

    def __init__(
        self,
        kafka: RealKafka,
        directory: Path,
        logs: Path,
        *,
        name: str,
        sandbox: SandboxOptions,
        topic: str | None = None,
        topic_config: Mapping[str, str] | None = None,
    ) -> None:
        """Makes the topics that are not given; files go to ``directory``, logs to ``logs``, both called by ``name``."""
        self.kafka = kafka
        self.sandbox = SandboxThread(sandbox)
        self.topic = topic or kafka.new_topic(product.PARTITIONS, topic_config)
        self.letters_topic = kafka.new_topic()
        self.group = f"group-{uuid.uuid4().hex[:12]}"
        self.config = directory / "consumer.yaml"
        self.key_file = directory / "key"
        self.environment = {"LOOPS_API_KEY": API_KEY}
        self._directory = directory
        self._logs = logs
        self._name = name
        self._numbers = itertools.count(1)
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        """Starts the sandbox and writes the files."""
        self._ending.enter_context(self.sandbox)
        self.configure()
        self.map(MAPPING)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends every process, then the sandbox."""
        self._ending.close()

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Writes the settings: the job's own, and over them what ``kafka``, ``loops`` and ``delivery`` say."""
        own: dict[str, dict[str, Any]] = {
            "kafka": {
                "bootstrap_servers": self.kafka.bootstrap_servers,
                "group_id": self.group,
                "topics": [self.topic],
                "dead_letter_topic": self.letters_topic,
                "client": CLIENT,
            },
            "loops": {"base_url": self.sandbox.base_url, "rate_per_s": self.sandbox.options.rate_per_s},
            "delivery": {},
            "admin": {"host": "127.0.0.1", "port": 0},
        }
        settings = {name: {**section, **sections.get(name, {})} for name, section in own.items()}
        self.config.write_text(json.dumps({**settings, "mapping": "mapping.yaml"}, indent=2))

    def map(self, mapping: Mapping[str, Any] | str) -> None:
        """Writes the mapping; text as it is."""
        text = mapping if isinstance(mapping, str) else json.dumps(mapping, indent=2)
        (self._directory / "mapping.yaml").write_text(text)

    def start(self, *options: str) -> ConsumerProcess:
        """A consumer with these options, started and not waited for."""
        log = self._logs / f"{self._name}-{next(self._numbers)}.log"
        return self._ending.enter_context(ConsumerProcess(self.config, log, self.environment, *options))

    def produce(self, events: Iterable[product.Made]) -> None:
        """Writes the product's events to the topic."""
        product.produce(self.kafka.bootstrap_servers, self.topic, events)

    def committed(self) -> dict[int, int]:
        """The next offset to read of each partition that has a commit."""
        return group.committed(self.kafka.bootstrap_servers, self.group, self.topic)

    def commits(self) -> dict[int, Committable]:
        """The commit of each partition that has one, with its metadata."""
        return group.commits(self.kafka.bootstrap_servers, self.group, self.topic)

    def finished(self) -> int:
        """How many records the commits call finished: those before each offset, and those named beside it."""
        count = 0
        for commit in self.commits().values():
            beside = decode(commit.metadata, offset=commit.offset)
            assert isinstance(beside, Completions)
            count += commit.offset + sum(last - first + 1 for first, last in beside.runs)
        return count

    def ends(self) -> dict[int, int]:
        """Where each partition ends, of those that are not empty."""
        return group.ends(self.kafka.bootstrap_servers, self.topic)

    def until_committed(self, wanted: Mapping[int, int] | None = None, within_s: float = _COMMITS_WITHIN_S) -> None:
        """Waits until the commits stand there, by default at the end of every partition that is not empty."""
        wanted = self.ends() if wanted is None else wanted
        try:
            until(lambda: wanted.items() <= self.committed().items(), within_s, f"commits at {wanted}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; they stand at {self.committed()}") from None

    def letters(self, count: int) -> list[Letter]:
        """The dead letters: waits for so many, then takes all that there are by then."""
        client = Consumer({"bootstrap.servers": self.kafka.bootstrap_servers, "group.id": "reads-letters"})
        client.assign([TopicPartition(self.letters_topic, 0, 0)])
        found: list[Message] = []

        def has_come() -> bool:
            found.extend(message for message in client.consume(100, 0.2) if message.error() is None)
            return len(found) >= count

        try:
            until(has_come, _LETTERS_WITHIN_S, f"{count} dead letters")
            found.extend(message for message in client.consume(100, 0.2) if message.error() is None)
        finally:
            client.close()
        return [_letter(message) for message in found]


def _letter(message: Message) -> Letter:
    key, value = message.key(), message.value()
    assert not isinstance(key, str)
    assert not isinstance(value, str)
    headers = message.headers() or []
    assert isinstance(headers, list)
    return Letter(key, value, tuple((name, found) for name, found in headers if isinstance(found, bytes)))


MakeJob = Callable[..., Job]
"""What the fixture ``make_job`` gives: the arguments are a sandbox's options, and ``topic_config``."""
