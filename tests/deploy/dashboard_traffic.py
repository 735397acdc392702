"""What a product writes while the dashboards are looked at: much that nobody wants, and all that can go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from confluent_kafka import Producer

from tests.kafka.product import PARTITIONS
from tests.repeated import Repeated

__all__ = ["MAPPING", "REFUSED", "Traffic", "one_rule_more"]

MAPPING: Final = {
    "format": "segment",
    "rules": [
        {"name": "trial-started", "when": "Trial Started", "send": "trialStarted", "priority": "high"},
        {"name": "plan-changed", "when": "Plan Changed", "send": "planChanged", "max_age": "1h"},
        {
            "name": "profile",
            "when": {"type": "identify"},
            "update": True,
            "contact": {"firstName": "traits.firstName", "plan": "traits.plan"},
            "priority": "low",
        },
    ],
}

REFUSED: Final = "refused@example.com"
"""Who has this address is refused by Loops, where the run says so."""

_EVERY_S: Final = 0.25
_UNWANTED: Final = 50
"""Records of each kind in each quarter of a second."""
_TRIALS: Final = 0.6
_PLANS: Final = 0.25
_PROFILES: Final = 0.4
"""How likely one is in each quarter of a second: together half of what the limit allows."""
_USERS: Final = 200
_NOBODY: Final = ("Page Viewed", "Button Clicked", "Search Performed", "Report Exported")
_ENDS_WITHIN_S: Final = 60


def one_rule_more() -> dict[str, Any]:
    """The mapping with a rule for one of the events that nobody wanted."""
    more = {"name": "report-exported", "when": "Report Exported", "where": "properties.number % 100 = 0"}
    return {**MAPPING, "rules": [*MAPPING["rules"], {**more, "send": "reportExported"}]}


class Traffic(Repeated):
    """Writes at a steady rate from ``with`` to its end, and more when it is told to."""

    def __init__(self, bootstrap_servers: str, topic: str) -> None:
        """Nothing is written yet."""
        super().__init__(every_s=_EVERY_S, ends_within_s=_ENDS_WITHIN_S)
        self._servers = bootstrap_servers
        self._topic = topic
        self._producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 5, "log_level": 0})
        self._random = Random(7)  # noqa: S311 - the same each time
        self._number = 0

    def burst(self, count: int) -> None:
        """So many trials and as many profiles of a few people at once: a backlog, in which updates become one."""
        for number in range(count):
            self._write(self._event("Trial Started"), number)
            self._write(self._identify(number % 20), number % 20)

    def what_fails(self) -> None:
        """What cannot be read, what nobody can be found in, what Loops refuses, and what is too old."""
        for number in range(6):
            self._write(b"{not json", number)
            nobody = self._event("Trial Started") | {"userId": None, "context": {}}
            self._write(nobody, number)
            refused = self._event("Trial Started")
            self._write(refused | {"context": {"traits": {"email": REFUSED}}}, number)
            old = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
            self._write(self._event("Plan Changed") | {"timestamp": old}, number)

    def transaction(self) -> None:
        """Some records in a transaction, which leaves marks between the offsets."""
        producer = Producer(
            {"bootstrap.servers": self._servers, "transactional.id": f"{self._topic}-t", "log_level": 0}
        )
        producer.init_transactions(30)
        for _ in range(3):
            producer.begin_transaction()
            for partition in range(PARTITIONS):
                producer.produce(self._topic, json.dumps(self._event("Page Viewed")), b"t", partition)
            producer.commit_transaction(30)

    def _once(self) -> None:
        self._write_all(self._event(self._random.choice(_NOBODY)) for _ in range(_UNWANTED))
        if self._random.random() < _TRIALS:
            self._write_all([self._event("Trial Started")])
        if self._random.random() < _PLANS:
            self._write_all([self._event("Plan Changed")])
        if self._random.random() < _PROFILES:
            self._write_all([self._identify(self._random.randrange(_USERS))])

    def _finish(self) -> None:
        self._producer.flush(_ENDS_WITHIN_S)

    def _write_all(self, documents: Iterable[dict[str, Any]]) -> None:
        for document in documents:
            self._write(document, self._random.randrange(_USERS))

    def _write(self, document: dict[str, Any] | bytes, user: int) -> None:
        value = document if isinstance(document, bytes) else json.dumps(document).encode()
        self._producer.produce(self._topic, value, f"user-{user}".encode(), user % PARTITIONS)
        self._producer.poll(0)

    def _event(self, name: str) -> dict[str, Any]:
        document = self._document(self._random.randrange(_USERS))
        return document | {"type": "track", "event": name, "properties": {"number": self._number}}

    def _identify(self, user: int) -> dict[str, Any]:
        traits = {"firstName": f"Ada {self._number}", "plan": self._random.choice(("free", "pro", "team"))}
        document = self._document(user)
        return document | {"type": "identify", "traits": traits | document["context"]["traits"]}

    def _document(self, user: int) -> dict[str, Any]:
        self._number += 1
        return {
            "messageId": f"event-{self._number}",
            "userId": f"user-{user}",
            "timestamp": datetime.now(UTC).isoformat(),
            "context": {"traits": {"email": f"user-{user}@example.com"}},
        }
