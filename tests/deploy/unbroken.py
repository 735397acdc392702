"""Installations that are not broken, though something is going on with them that might look like it."""

from __future__ import annotations

from confluent_kafka import Consumer, TopicPartition

from tests.deploy.breakage import FEW, OLD_S, WITHIN_S, Breakage, Look
from tests.deploy.product_stream import Stream
from tests.kafka import product
from tests.kafka.job import MAPPING, Job
from tests.waiting import until

__all__ = ["FirstStart", "Paused", "Replayed", "Sound"]


class Sound(Breakage):
    """Two replicas that have something to do."""

    def prepare(self) -> None:
        """Both, and a product."""
        self.consumers += [self.job.start(), self.job.start()]
        self.stream.feed(self.job, per_s=8)


class FirstStart(Breakage):
    """A topic with a past is read for the first time: nobody is late for that."""

    def prepare(self) -> None:
        """Nothing runs."""

    def act(self) -> None:
        """All of it is old."""
        self.make_late(OLD_S)
        self.consumers.append(self.job.start())


class Replayed(Breakage):
    """Offsets are set back by hand, and what was delivered is read again."""

    def prepare(self) -> None:
        """It ran, and stopped."""
        self.run_before(age_s=OLD_S)

    def act(self) -> None:
        """As kafka-consumer-groups does it."""
        client = Consumer({"bootstrap.servers": self.job.kafka.bootstrap_servers, "group.id": self.job.group})
        client.commit(
            offsets=[TopicPartition(self.job.topic, number, 0) for number in range(product.PARTITIONS)],
            asynchronous=False,
        )
        client.close()
        self.consumers.append(self.job.start())


class Paused(Breakage):
    """The mapping is paused while old records wait, and goes on later."""

    def __init__(self, job: Job, stream: Stream) -> None:
        """It is not paused yet."""
        super().__init__(job, stream)
        self._goes_on = False

    def prepare(self) -> None:
        """With commits of its own, so that a restart would be no excuse."""
        self.run_before()
        super().prepare()

    def act(self) -> None:
        """Paused first: nothing of what comes is read."""
        self.job.map({**MAPPING, "paused": True})
        (consumer,) = self.consumers
        until(lambda: consumer.status()["mapping"]["paused"], WITHIN_S, "it is paused")
        self.make_late(OLD_S / 2)

    def look(self, look: Look) -> None:
        """It goes on when that has lasted: what became late meanwhile is nobody's fault."""
        if look.paused_for_long and not self._goes_on:
            self.job.map(MAPPING)
            self._goes_on = True

    def is_over(self) -> bool:
        """All of that is delivered."""
        return self._goes_on and len(self.job.sandbox.events()) >= 6 * FEW
