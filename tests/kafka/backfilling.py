"""A topic with a past on a real Kafka, a consumer that has sent it, and the backfill beside it, as users run it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from consumer.sandbox.journal import Entry
from tests.kafka import group, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import EVENT_NAME, RULE, Job, let_in
from tests.waiting import until

__all__ = ["GONE", "NOTED", "Backfilling"]

GONE: Final = "Account Deleted"
"""The event that deletes its contact."""

NOTED: Final = "Note Taken"
"""The event that updates its contact, and joins a list."""

_ENDS_WITHIN_S: Final = 120
_SENDS_WITHIN_S: Final = 60

_TOLD: Final[Mapping[str, str]] = {"note": "properties.note", "number": "properties.number", "subscribed": "true"}


class Backfilling:
    """A job whose mapping says of contacts what it says only since :meth:`learn`."""

    def __init__(self, job: Job, *, reserve_per_s: int) -> None:
        """The mapping of the beginning sends events and deletes, and tells nothing."""
        self.job = job
        job.configure(loops={"reserve_per_s": reserve_per_s})
        self._map({})

    def learn(self) -> None:
        """From now on it says something of contacts too."""
        self._map(_TOLD)

    def live(self, events: Iterable[product.Made]) -> None:
        """Lets a consumer send these, and ends it when all are committed."""
        self.job.produce(events)
        consumer = self.job.start().until_ready()
        self.job.until_committed()
        consumer.terminate()
        assert consumer.exit_code() == 0

    def start(self, *options: str) -> ConsumerProcess:
        """A backfill, started and not waited for."""
        return self.job.start("--backfill", *options)

    def run(self, *options: str) -> str:
        """A backfill to its end, which it has to reach; what it wrote."""
        return self.ended(self.start(*options))

    @staticmethod
    def ended(backfill: ConsumerProcess) -> str:
        """Waits for it to end by itself; what it wrote."""
        code = backfill.exit_code(_ENDS_WITHIN_S)
        assert code == 0, backfill.tail()
        return backfill.output()

    def committed(self) -> dict[int, int]:
        """What the backfill's group has committed."""
        return group.committed(self.job.kafka.bootstrap_servers, f"{self.job.group}-backfill", self.job.topic)

    def contacts(self) -> dict[str, Mapping[str, object]]:
        """What Loops knows, by userId."""
        return {str(contact["userId"]): contact for contact in self.job.sandbox.contacts()}

    def requests(self, path: str) -> list[Entry]:
        """What Loops let in there."""
        return let_in(entry for entry in self.job.sandbox.received() if entry.path == path)

    def until_requests(self, path: str, count: int) -> None:
        """Waits until Loops has let so many in there."""
        until(lambda: len(self.requests(path)) >= count, _SENDS_WITHIN_S, f"{count} requests to {path}")

    def _map(self, told: Mapping[str, str]) -> None:
        rules: list[dict[str, Any]] = [
            {"name": RULE, "when": product.WANTED, "send": EVENT_NAME, "event": {"number": "properties.number"}},
            {"name": "noted", "when": NOTED, "update": True, "contact": {"wrote": "properties.note", **told}},
            {"name": "gone", "when": GONE, "delete": True},
        ]
        if told:
            rules[0]["contact"] = told
        self.job.map({"format": "segment", "rules": rules})
