"""A client that loses once what it took. Run as a module it is ``loops-consumer`` with that client."""

from __future__ import annotations

import sys

from confluent_kafka import Consumer, Message

from consumer.adapters import kafka_thread
from consumer.cli.main import main

__all__ = ["Losing"]


class Losing(Consumer):
    """Throws away what one call took, as the real one does where a callback raises."""

    loses: bool = False
    """The next time that there is something."""

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        """What was there; nothing where it loses that."""
        taken = super().consume(num_messages, timeout)
        if Losing.loses and taken:
            Losing.loses = False
            return []
        return taken


if __name__ == "__main__":
    Losing.loses = True
    kafka_thread.Consumer = Losing  # type: ignore[attr-defined]  # what a test does with monkeypatch
    sys.exit(main())
