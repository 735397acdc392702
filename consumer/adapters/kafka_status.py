"""What the Kafka thread shows of itself, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from confluent_kafka import KafkaError

from consumer.core.record import TopicPartition
from consumer.logs import logger
from consumer.status import SourceState

__all__ = ["KafkaPartition", "KafkaStatus", "Waits"]

_log = logger("kafka")

_BROKERS = "brokers"
_LOGIN = "login"

_SENTENCES = {
    KafkaError._ALL_BROKERS_DOWN: (_BROKERS, "no broker answers"),  # noqa: SLF001 - the client's names begin so
    KafkaError._AUTHENTICATION: (_LOGIN, "the brokers refuse the credentials"),  # noqa: SLF001 - see above
    KafkaError.SASL_AUTHENTICATION_FAILED: (_LOGIN, "the brokers refuse the credentials"),
    KafkaError._SSL: (_LOGIN, "no secure connection to a broker"),  # noqa: SLF001 - see above
    KafkaError.GROUP_AUTHORIZATION_FAILED: ("group", "the consumer group is not allowed"),
    KafkaError.TOPIC_AUTHORIZATION_FAILED: ("topic", "reading a topic is not allowed"),
    KafkaError.UNKNOWN_TOPIC_OR_PART: ("topic", "a topic does not exist"),
    KafkaError._UNKNOWN_TOPIC: ("topic", "a topic does not exist"),  # noqa: SLF001 - see above
    KafkaError._UNKNOWN_PARTITION: ("topic", "a partition does not exist"),  # noqa: SLF001 - see above
}
"""Errors that pass by themselves once someone acts; the kind tells which good news ends which."""


@dataclass(frozen=True, slots=True)
class KafkaPartition:
    """One partition that is ours. Offsets are of the next record; None: not known yet."""

    position: int | None = None
    high_watermark: int | None = None
    committed: int | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class KafkaStatus:
    """The Kafka thread at one moment; counts are since the start."""

    state: SourceState = SourceState.STARTING
    waits_for: str = ""
    """A sentence with the client's name of the error; empty where it waits for nothing."""
    partitions: Mapping[TopicPartition, KafkaPartition] = field(default_factory=dict)
    rebalances: int = 0
    callback_errors: int = 0
    jumps: int = 0
    """Breaks in the offsets of a partition: compaction, transaction markers, or a loss."""
    records_skipped_by_retention: int = 0
    positions_lost: int = 0
    """How often a position was not there any more: retention passed it, or the topic was made anew."""
    handovers_late: int = 0
    """Revokes that ended without an answer in time."""
    handover_commit_failures: int = 0


class Waits:
    """What is missing, by kind, in the order in which it was noticed. Each new one is logged once."""

    def __init__(self) -> None:
        """Nothing is missing."""
        self._missing: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._missing)

    def __str__(self) -> str:
        return "; ".join(self._missing.values())

    @property
    def for_brokers(self) -> bool:
        """Whether no broker answers."""
        return _BROKERS in self._missing

    def note(self, error: KafkaError, about: str = "") -> bool:
        """Takes note of an error; False where it is none of those that one waits for."""
        kind, sentence = _SENTENCES.get(error.code(), ("", ""))
        if not kind:
            return False
        self.missing(kind, f"{sentence}{about and f' ({about})'}: {error.name()}", bad=kind == _LOGIN)
        return True

    def missing(self, kind: str, sentence: str, *, bad: bool = False) -> None:
        """Something is missing from now on."""
        if self._missing.get(kind) != sentence:
            self._missing[kind] = sentence
            (_log.error if bad else _log.warning)("kafka_waits", waits_for=sentence)

    def no_answer(self, error: KafkaError) -> None:
        """A question to the brokers was not answered."""
        if _BROKERS not in self._missing:
            self.missing(_BROKERS, f"no broker answers: {error.name()}")

    def brokers_answer(self) -> None:
        """A broker answered."""
        self._clear(_BROKERS, _LOGIN)

    def reading(self) -> None:
        """The group took us in, or records came."""
        self._clear(_BROKERS, _LOGIN, "group")

    def topics_exist(self) -> None:
        """Every topic is there."""
        self._clear("topic")

    def _clear(self, *kinds: str) -> None:
        for kind in kinds:
            if (sentence := self._missing.pop(kind, None)) is not None:
                _log.info("kafka_waits_no_more", waited_for=sentence)
