"""Installations of the consumer, each with what breaks it for real and the alerts that this brings, and no other."""

from __future__ import annotations

import signal
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final, cast

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from consumer.sandbox.broker import Api, MockBroker
from tests.deploy.breakage import FEW, OLD_S, WITHIN_S, Breakage, Look
from tests.deploy.product_stream import Stream, produce_aged
from tests.deploy.stopped_threads import StoppedThreads, python_threads
from tests.deploy.unbroken import FirstStart, Paused, Replayed, Sound
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import CLIENT, Job
from tests.kafka.real_kafka import RealKafka
from tests.redaction import API_KEY

__all__ = ["BREAKAGES", "CommitsFail", "embedded"]

LATE_S: Final = 400
"""Over the five minutes that the objective leaves."""
LATE: Final = 400
"""So many that the budget would be spent fast, were it not for the limit."""
_METADATA_TOO_LARGE: Final = 12


class KeyRefused(Breakage):
    """Loops does not know the key."""

    alerts = frozenset({"KeyRefused", "NothingDelivered"})

    def prepare(self) -> None:
        """Nobody notices before something is to be sent."""
        self.job.environment = {"LOOPS_API_KEY": "the-key-of-last-year"}
        super().prepare()

    def act(self) -> None:
        """A few events."""
        self.job.produce(product.make(FEW, users=20))


class LoopsDown(Breakage):
    """Loops answers 503, and what waits is late, and over half of what the topic keeps."""

    alerts = frozenset(
        {
            "LoopsUnavailable",
            "NothingDelivered",
            "FreshnessBudgetBurnsFast",
            "FreshnessBudgetBurnsSlowly",
            "LagNearRetention",
        }
    )

    def prepare(self) -> None:
        """It ran before."""
        self.run_before()
        super().prepare()

    def act(self) -> None:
        """Nothing passes from here on."""
        self.job.sandbox.inject(status=503, body="html")
        self.make_late(OLD_S)


class DeadLetters(Breakage):
    """Loops refuses what is sent."""

    alerts = frozenset({"DeadLetters"})

    def act(self) -> None:
        """With words, so that it is the request's fault."""
        self.job.sandbox.inject(status=400, message="Invalid plan.")
        self.job.produce(product.make(3, users=3))


class NotRead(Breakage):
    """The topic is not there."""

    alerts = frozenset({"NothingDelivered"})

    def prepare(self) -> None:
        """Nothing runs."""

    def act(self) -> None:
        """It waits for the topic."""
        self.job.configure(kafka={"topics": [f"absent-{uuid.uuid4().hex[:12]}"]})
        self.consumers.append(self.job.start())


class RecordsLost(Breakage):
    """Retention passes the commit while nobody reads."""

    alerts = frozenset({"RecordsLost"})

    def prepare(self) -> None:
        """It ran, and stopped."""
        self.run_before()

    def act(self) -> None:
        """Half of what came since is deleted."""
        self.job.produce(product.make(FEW, users=20, first=1_000))
        admin = AdminClient({"bootstrap.servers": self.job.kafka.bootstrap_servers, "log_level": 0})
        gone = [TopicPartition(self.job.topic, number, end - 5) for number, end in self.job.ends().items()]
        for deleted in admin.delete_records(gone).values():
            deleted.result(WITHIN_S)
        self.consumers.append(self.job.start())


class Rebalancing(Breakage):
    """Another member comes and goes."""

    alerts = frozenset({"RebalancesAllTheTime"})

    def __init__(self, job: Job, stream: Stream) -> None:
        """The other is there only once it is broken."""
        super().__init__(job, stream)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._come_and_go, name="comes-and-goes", daemon=True)

    def act(self) -> None:
        """From now on."""
        self._thread.start()

    def close(self) -> None:
        """The other one goes."""
        self._over.set()
        self._thread.join(WITHIN_S)

    def _come_and_go(self) -> None:
        settings = {**CLIENT, "partition.assignment.strategy": "cooperative-sticky", "enable.auto.commit": False}
        where = {"bootstrap.servers": self.job.kafka.bootstrap_servers, "group.id": self.job.group}
        while not self._over.is_set():
            other = Consumer({**settings, **where, "log_level": 0})
            other.subscribe([self.job.topic])
            end = time.monotonic() + 3
            while time.monotonic() < end and not self._over.is_set():
                other.poll(0.1)
            other.close()
            self._over.wait(1)


class StandsStill(Breakage):
    """One process of two stands still as a whole: it answers no scrape."""

    alerts = frozenset({"PollLoopStuck"})

    def prepare(self) -> None:
        """The other one goes on."""
        self.consumers += [self.job.start(), self.job.start()]

    def act(self) -> None:
        """As a node does that swaps."""
        self.consumers[0].send(signal.SIGSTOP)


class PollLoopStuck(Breakage):
    """The thread that asks Kafka stands still, and the rest of the process answers."""

    alerts = frozenset({"PollLoopStuck"})

    def __init__(self, job: Job, stream: Stream) -> None:
        """Nothing is stopped yet."""
        super().__init__(job, stream)
        self._stopped: StoppedThreads | None = None

    def act(self) -> None:
        """It waits for Kafka nearly always; stopped while it holds the interpreter, all would stand: then once more."""
        (consumer,) = self.consumers
        while self._stopped is None:
            stopped = StoppedThreads(python_threads(consumer.pid))
            with ExitStack() as again:
                again.enter_context(stopped)
                if consumer.page("/livez")[0]:
                    again.pop_all()
                    self._stopped = stopped

    def close(self) -> None:
        """It goes on."""
        if self._stopped is not None:
            self._stopped.__exit__(None, None, None)


class MappingRefused(Breakage):
    """Somebody saves a mapping with a fault."""

    alerts = frozenset({"MappingRefused"})

    def act(self) -> None:
        """It is not even YAML."""
        self.job.map("rules: [")


class TakenByOthers(Breakage):
    """Another program of the team sends beside the consumer."""

    alerts = frozenset({"LimitTakenByOthers"})
    rate_per_s = 10

    def __init__(self, job: Job, stream: Stream) -> None:
        """The other program is there only once it is broken."""
        super().__init__(job, stream)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="other-program", daemon=True)

    def prepare(self) -> None:
        """Answers are what it sees others by."""
        super().prepare()
        self.stream.feed(self.job, per_s=4)

    def act(self) -> None:
        """Four a second."""
        self._thread.start()

    def close(self) -> None:
        """The other program ends."""
        self._over.set()
        self._thread.join(WITHIN_S)

    def _ask(self) -> None:
        while not self._over.wait(0.25):
            request = urllib.request.Request(  # noqa: S310 - the sandbox, on loopback
                f"{self.job.sandbox.base_url}/api-key", headers={"Authorization": f"Bearer {API_KEY}"}
            )
            try:
                urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - the same
            except urllib.error.HTTPError as error:
                error.close()
            except OSError:
                """A busy machine lets it wait: it asks again."""


class Overloaded(Breakage):
    """Much more arrives than the limit lets out; what is late is so for that alone.

    The limit is the settings' own, and Loops never refuses: what a busy machine's jitter makes of a rate would be
    another cause.
    """

    alerts = frozenset({"LimitTooSmall"})
    rate_per_s = 100

    def __init__(self, job: Job, stream: Stream) -> None:
        """Nothing is late yet."""
        super().__init__(job, stream)
        self._is_late = False

    def prepare(self) -> None:
        """It ran before."""
        self.job.configure(loops={"rate_per_s": 20})
        self.run_before()
        super().prepare()

    def act(self) -> None:
        """Half a minute of this makes a backlog; nothing of it is late yet."""
        self.stream.feed(self.job, per_s=60)

    def look(self, look: Look) -> None:
        """Once the limit is short many are late, and none later: it need not be that short till the end."""
        if look.limit_is_short and not self._is_late:
            produce_aged(self.job, product.make(LATE, users=20, first=1_000), age_s=LATE_S)
            self._is_late = True


class Absent(Breakage):
    """The only replica is gone, and is no target any more."""

    alerts = frozenset({"Absent"})

    def __init__(self, job: Job, stream: Stream) -> None:
        """It is there."""
        super().__init__(job, stream)
        self._ending: list[ConsumerProcess] = []

    def act(self) -> None:
        """As its pod is told to end, which takes it off the list of targets."""
        self._ending = [self.consumers.pop()]

    def look(self, look: Look) -> None:
        """It ends when Prometheus has read the list, which takes five seconds and more: before, it would be down."""
        if not look.is_target:
            while self._ending:
                self._ending.pop().kill()


class CommitsFail(Breakage):
    """The group's coordinator takes no commit; the embedded broker alone can be told to do that."""

    alerts = frozenset({"CommitsFail"})

    def __init__(self, job: Job, stream: Stream) -> None:
        """The job's Kafka is an embedded broker."""
        super().__init__(job, stream)
        self._broker = cast("_Embedded", job.kafka).broker

    def act(self) -> None:
        """Each attempt is answered with an error that the client does not mend by itself."""
        self._broker.fail_next(Api.OFFSET_COMMIT, [_METADATA_TOO_LARGE] * 5_000)
        self.job.produce(product.make(4, users=4))


class _Embedded:
    """An embedded broker as far as a job needs Kafka."""

    def __init__(self, broker: MockBroker) -> None:
        self.broker = broker
        self.bootstrap_servers = broker.bootstrap_servers

    def new_topic(self, partitions: int = 1, config: Mapping[str, str] | None = None) -> str:  # noqa: ARG002 - Kafka's
        name = f"topic-{uuid.uuid4().hex[:12]}"
        self.broker.create_topic(name, partitions)
        return name


def embedded(broker: MockBroker) -> RealKafka:
    """What a job takes for Kafka."""
    return cast("RealKafka", cast("Any", _Embedded(broker)))


BREAKAGES: Final[Mapping[str, type[Breakage]]] = {
    "sound": Sound,
    "first-start": FirstStart,
    "replayed": Replayed,
    "paused": Paused,
    "key-refused": KeyRefused,
    "loops-down": LoopsDown,
    "dead-letters": DeadLetters,
    "not-read": NotRead,
    "records-lost": RecordsLost,
    "rebalancing": Rebalancing,
    "stands-still": StandsStill,
    "poll-loop-stuck": PollLoopStuck,
    "mapping-refused": MappingRefused,
    "taken-by-others": TakenByOthers,
    "overloaded": Overloaded,
    "absent": Absent,
    "commits-fail": CommitsFail,
}
"""By the job under which Prometheus scrapes it."""
