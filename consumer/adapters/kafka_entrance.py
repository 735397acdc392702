"""Whether the group takes this process in: what it does while another holds its place, and what it says when put out.

1. Under the classic protocol who comes later takes the place of the member with its name; the earlier one ends.
2. Under ``group.protocol=consumer`` the earlier one keeps it until it leaves, or until the brokers let go of it: a pod
   that was killed holds up its own successor until its session is over. The client of the one that comes is broken by
   that at once, and another is made every two seconds until one is taken in.
3. Who was a member once, and is put out then, ends: another process with its name has its place.
"""

from __future__ import annotations

import math
import struct
import threading
import time

from confluent_kafka import Consumer, KafkaError

from consumer.adapters.kafka_config import KafkaConfig, is_new_protocol
from consumer.adapters.kafka_errors import is_fatal, sentence_of
from consumer.adapters.kafka_status import Waits
from consumer.logs import logger

__all__ = ["AGAIN_AFTER_S", "BROKEN_CLIENTS_MAX", "Entrance", "is_member"]

AGAIN_AFTER_S = 2.0
"""Between two tries to be taken in."""

BROKEN_CLIENTS_MAX = 3
"""Broken clients that may be waited for to be destroyed. It takes about 1 ms, but nothing says that it ends."""

_ANOTHER = (KafkaError.FENCED_INSTANCE_ID, KafkaError.UNRELEASED_INSTANCE_ID)
_NOT_KNOWN = (KafkaError.UNSUPPORTED_VERSION, KafkaError._UNSUPPORTED_FEATURE)  # noqa: SLF001 - the client's names begin so
_NOT_YET = (KafkaError.UNRELEASED_INSTANCE_ID, KafkaError.GROUP_AUTHORIZATION_FAILED)
"""What passes by itself, or once someone acts."""

_EPOCH = struct.Struct("=7xi")
"""The group's metadata as librdkafka hands it from client to client: seven characters, then the epoch of the member,
which is 0 or less before it is one (``rd_kafka_consumer_group_metadata_write``)."""

_log = logger("kafka")


class Entrance:
    """Used on the client's thread alone."""

    def __init__(self, config: KafkaConfig, waits: Waits, *, again_after_s: float = AGAIN_AFTER_S) -> None:
        """Nobody is kept out yet."""
        self.kept_out = False
        """The client is broken: it was not taken in. Another may be."""
        self._config = config
        self._waits = waits
        self._again_after_s = again_after_s
        self._again_at = -math.inf
        self._ending: list[threading.Thread] = []

    @property
    def waits_s(self) -> float:
        """How long until the next try, in seconds; 0 where it is due."""
        return max(0.0, self._again_at - time.monotonic())

    def keeps_out(self, error: KafkaError) -> bool:
        """Takes note of why a client that never was a member broke; False where another would fare no better."""
        code = _behind(error, _NOT_YET) if is_fatal(error) else None
        if code is None:
            return False
        if code == KafkaError.UNRELEASED_INSTANCE_ID:
            self._waits.missing(
                "place",
                f'the brokers hold the place of the group_instance_id "{self._config.group_instance_id}" for another '
                "process: one that was killed, until its session is over (group.consumer.session.timeout.ms of the "
                "brokers), or one that still runs: UNRELEASED_INSTANCE_ID",
            )
        else:
            self._waits.note(KafkaError(code))
        self.kept_out = True
        self._again_at = time.monotonic() + self._again_after_s
        return True

    def give_up(self, broken: list[Consumer]) -> bool:
        """Has the one client in the list destroyed on a thread of its own, so that the next may try.

        The list must hold the only reference. False where too many are not destroyed yet.
        """
        self.kept_out = False
        self._ending = [thread for thread in self._ending if thread.is_alive()]
        thread = threading.Thread(target=broken.clear, name="kafka-destroy", daemon=True)
        thread.start()
        self._ending.append(thread)
        return len(self._ending) < BROKEN_CLIENTS_MAX

    def why_ended(self, error: KafkaError) -> str:
        """A sentence for people: what happened, and what to do."""
        group, name = self._config.group_id, self._config.group_instance_id
        if _behind(error, _ANOTHER) is not None:
            return (
                f'another process joined the group "{group}" with the same kafka.group_instance_id, "{name}", and has '
                "this one's place now; each replica needs a name of its own, as its pod's: "
                f"{sentence_of(error)}"
            )
        if is_new_protocol(self._config) and _behind(error, _NOT_KNOWN) is not None:
            return (
                "the brokers do not take group.protocol=consumer, which came with Kafka 4.0; leave it out of "
                f"kafka.client: {sentence_of(error)}"
            )
        return sentence_of(error)


def is_member(client: Consumer) -> bool:
    """Whether the brokers took the client in.

    Under ``group.protocol=consumer`` a member without a partition is told nothing, so this is the only sign.
    """
    metadata: bytes = client.consumer_group_metadata()
    if len(metadata) < _EPOCH.size:
        return False
    epoch: int = _EPOCH.unpack_from(metadata)[0]
    return epoch > 0


def _behind(error: KafkaError, codes: tuple[int, ...]) -> int | None:
    """Which of these it is. A fatal error has a number of its own, and what is behind it only in its text."""
    return next((code for code in codes if error.code() == code or KafkaError(code).str() in error.str()), None)
