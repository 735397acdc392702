"""What the Kafka thread shows of itself, and what it waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from confluent_kafka import KafkaError

from consumer.adapters.kafka_errors import detail_of, is_no_login, is_refused_certificate
from consumer.core.record import TopicPartition
from consumer.logs import LineBudget, logger
from consumer.status import SourceState

__all__ = ["Counts", "KafkaPartition", "KafkaStatus", "Waits"]

_log = logger("kafka")

_GROUP_SILENT_S_MAX = 10.0
"""Two members that join an empty group take up to 10 s (``group.protocol=consumer``); a commit takes milliseconds."""

_SAME_AGAIN_S = 30.0
"""What comes and goes, as where one broker of several lets nobody in, is logged no more often."""

_BROKERS = "brokers"
_LOGIN = "login"
_NO_CREDENTIALS = "the brokers refuse the credentials (sasl.* under kafka.client)"
_NO_CERTIFICATE = "the brokers refuse this client's certificate, or want one (ssl.certificate.* under kafka.client)"

_SENTENCES = {
    KafkaError._ALL_BROKERS_DOWN: (_BROKERS, "no broker answers"),  # noqa: SLF001 - the client's names begin so
    KafkaError._AUTHENTICATION: (_LOGIN, _NO_CREDENTIALS),  # noqa: SLF001 - see above
    KafkaError.SASL_AUTHENTICATION_FAILED: (_LOGIN, _NO_CREDENTIALS),
    KafkaError._SSL: (_LOGIN, "no secure connection to a broker (ssl.* under kafka.client)"),  # noqa: SLF001 - see above
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


@dataclass(slots=True)
class Counts:
    """Since the start of the thread."""

    jumps: int = 0
    """Breaks in the offsets of a partition: compaction, transaction markers, or a loss."""
    jumps_checked: int = 0
    """Those for which the broker said what lies there."""
    jumps_unanswered: int = 0
    """Checks that the broker did not answer."""
    records_missed: int = 0
    """Checks that found a record which was not delivered to us."""
    records_skipped_by_retention: int = 0
    positions_lost: int = 0
    """How often a position was not there any more: retention passed it, or the topic was made anew."""
    handovers_late: int = 0
    """Revokes that ended without an answer in time."""
    handover_commit_failures: int = 0
    callback_errors: int = 0


@dataclass(frozen=True, slots=True)
class KafkaStatus:
    """The Kafka thread at one moment."""

    state: SourceState = SourceState.STARTING
    waits_for: str = ""
    """A sentence with the client's name of the error; empty where it waits for nothing."""
    partitions: Mapping[TopicPartition, KafkaPartition] = field(default_factory=dict)
    rebalances: int = 0
    counts: Counts = field(default_factory=Counts)


class Waits:
    """What is missing, by kind, in the order in which it was noticed. Each new one is logged once.

    Who is not let in gets no answer either: of the two only the first is told.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing is missing. ``now`` is monotonic seconds."""
        self._now = now
        self._missing: dict[str, str] = {}
        self._lines = LineBudget(lines_max=1, period_s=_SAME_AGAIN_S)
        self._silent: set[str] = set()
        """Kinds of which no line was written."""

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
        kind, sentence = _said(error)
        if not kind:
            return False
        sentence = f"{sentence}{about and f' ({about})'}: {error.name()}"
        if is_no_login(error):
            self._no_login(sentence, error)
        elif kind != _BROKERS or _LOGIN not in self._missing:
            self.missing(kind, sentence)
        return True

    def met(self, error: KafkaError, about: str = "") -> None:
        """Takes note of an error that came in place of a record; one that is not waited for is logged."""
        if not self.note(error, about) and (kept_back := self._lines.take(error.name(), now=self._now())) is not None:
            _log.warning("kafka_error", error=error.name(), kept_back=kept_back)

    def missing(self, kind: str, sentence: str, *, bad: bool = False) -> None:
        """Something is missing from now on."""
        if self._missing.get(kind) != sentence:
            self._missing[kind] = sentence
            kept_back = self._lines.take(sentence, now=self._now())
            if kept_back is None:
                self._silent.add(kind)
            else:
                self._silent.discard(kind)
                (_log.error if bad else _log.warning)("kafka_waits", waits_for=sentence, kept_back=kept_back)

    def no_answer(self, error: KafkaError) -> None:
        """A question to the brokers was not answered."""
        if not {_BROKERS, _LOGIN} & self._missing.keys():
            self.missing(_BROKERS, f"no broker answers: {error.name()}")

    def brokers_answer(self) -> None:
        """A broker answered."""
        self._clear(_BROKERS, _LOGIN)

    def reading(self) -> None:
        """The group took us in, or records came."""
        self._clear(_BROKERS, _LOGIN, "group", "place")

    def topics_exist(self) -> None:
        """Every topic is there."""
        self._clear("topic")

    def decoded(self) -> None:
        """All that was read is decoded."""
        self._clear("schema")

    def group(self, *, silent_s: float, member: bool) -> None:
        """How long the group has owed an answer, in seconds: to a member's commit, or to who wants to be one."""
        if silent_s < _GROUP_SILENT_S_MAX:
            self._clear("coordinator")
        elif member:
            self.missing("coordinator", "the group's coordinator does not answer a commit")
        else:
            self.missing("coordinator", "the group's coordinator has not taken this member in")

    def _no_login(self, sentence: str, error: KafkaError) -> None:
        """The client words one reason in several ways: the first one stays."""
        self._missing.pop(_BROKERS, None)
        if not self._missing.get(_LOGIN, "").startswith(sentence):
            self.missing(_LOGIN, f"{sentence}: {detail_of(error)}", bad=True)

    def _clear(self, *kinds: str) -> None:
        for kind in kinds:
            if (sentence := self._missing.pop(kind, None)) is not None and kind not in self._silent:
                _log.info("kafka_waits_no_more", waited_for=sentence)


def _said(error: KafkaError) -> tuple[str, str]:
    """Its kind and sentence; both empty where it is none of those that one waits for."""
    if is_refused_certificate(error):
        return _LOGIN, _NO_CERTIFICATE
    if "OAUTHBEARER token" in error.str():
        return _LOGIN, "there is no token for the brokers (sasl.oauthbearer.* and https.* under kafka.client)"
    return _SENTENCES.get(error.code(), ("", ""))
