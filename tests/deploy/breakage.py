"""One installation of the consumer among those that a Prometheus of the tests watches.

What is late is so by its record's time, which the test chooses: the program's five minutes stay five minutes. For that
an installation runs once before, so that the group has a commit of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from tests.deploy.product_stream import Stream, produce_aged
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job

__all__ = ["FEW", "OLD_S", "WITHIN_S", "Breakage", "Look"]

OLD_S: Final = 700
"""Over the ten minutes after which nothing is read, and half of the retention that the topics have."""
RETENTION_S: Final = 1_200
WITHIN_S: Final = 120
"""All start at once, on a machine that may be slow."""
FEW: Final = 40


@dataclass(frozen=True, slots=True)
class Look:
    """What Prometheus says of one installation just now."""

    is_target: bool
    """One of its processes at least is scraped."""
    limit_is_short: bool
    """The recording rule says so, and has said so for longer than it looks back."""
    paused_for_long: bool
    """The mapping has been paused for longer than the rules look back at a partition that stands still."""


class Breakage:
    """One installation. Its processes are the test's to start, by :meth:`prepare`, and to break, by :meth:`act`."""

    alerts: ClassVar[frozenset[str]] = frozenset()
    """What has to fire, by the names behind ``LoopsConsumer``; nothing else may."""
    rate_per_s: ClassVar[int] = 50
    topic_config: ClassVar[Mapping[str, str]] = {"retention.ms": str(RETENTION_S * 1_000)}

    def __init__(self, job: Job, stream: Stream) -> None:
        """Nothing runs yet but the sandbox."""
        self.job = job
        self.stream = stream
        self.consumers: list[ConsumerProcess] = []
        """Those that Prometheus scrapes."""

    def prepare(self) -> None:
        """Runs well."""
        self.consumers.append(self.job.start())

    def act(self) -> None:
        """Breaks it."""

    def look(self, look: Look) -> None:
        """Told now and then what Prometheus says of it."""

    def is_over(self) -> bool:
        """Whether all has happened that is to happen."""
        return True

    def close(self) -> None:
        """Ends what this has started itself."""

    def run_before(self, age_s: float = 0) -> None:
        """Delivers a few events and stops, so that the group has commits of its own."""
        produce_aged(self.job, product.make(FEW, users=20), age_s=age_s)
        first = self.job.start()
        self.job.sandbox.until_events(FEW, WITHIN_S)
        self.job.until_committed()
        first.terminate()
        assert 0 == first.exit_code()

    def make_late(self, age_s: float) -> None:
        """Events whose records are so old, on every partition."""
        produce_aged(self.job, product.make(5 * FEW, users=20, first=1_000), age_s=age_s)
