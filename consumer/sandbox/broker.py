"""An embedded broker: librdkafka's mock cluster, in this process, on loopback.

It serves the demo and the fast tests, to this process and to others, as long as the object is open. It is not Kafka:
it keeps 5 MB or 100,000 records of a partition, takes commit metadata of any length, and knows no static membership,
no topic settings and no offsets by timestamp. Its topics come into being when they are first named, with 4 partitions,
or by :meth:`MockBroker.create_topic`.

confluent-kafka offers only the broker's bare existence, so the rest is called in the C library that it has loaded.
Source of the calls: librdkafka's ``rdkafka_mock.h``.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from enum import IntEnum
from types import TracebackType
from typing import Any, Final, Self

from confluent_kafka import cimpl

__all__ = ["ALL_BROKERS", "Api", "MockBroker"]

ALL_BROKERS: Final = -1
"""In place of a broker's number, which counts from 1."""

_PRODUCER: Final = 0
_CONF_OK: Final = 0
_LOG_ERRORS_ONLY: Final = b"3"
_MESSAGE_LENGTH_MAX: Final = 512


class Api(IntEnum):
    """Kafka's requests, by the number that the protocol gives them."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    LEAVE_GROUP = 13
    SYNC_GROUP = 14
    INIT_PRODUCER_ID = 22
    CONSUMER_GROUP_HEARTBEAT = 68


class MockBroker:
    """A cluster of ``brokers`` on free ports of 127.0.0.1, from the moment it is made until it is closed.

    A group's first rebalance waits for nothing. Every method raises ``ValueError`` with librdkafka's name of the error
    where the cluster knows no such topic, partition or broker, and ``RuntimeError`` once it is closed.
    """

    def __init__(self, *, brokers: int = 1) -> None:
        """Starts it; ``RuntimeError`` where the library cannot."""
        self._library = _library()
        self._client: int | None = None
        self._cluster: int | None = None
        message = ctypes.create_string_buffer(_MESSAGE_LENGTH_MAX)
        self._client = self._library.rd_kafka_new(_PRODUCER, _quiet(self._library), message, _MESSAGE_LENGTH_MAX)
        if self._client is None:
            raise RuntimeError(f"no embedded broker: {message.value.decode(errors='replace')}")
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._client, brokers)
        if self._cluster is None:
            self.close()
            raise RuntimeError(f"no embedded broker: {brokers} brokers could not be started")
        self.set_rebalance_delay(0)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients find it: ``host:port``, with commas between several."""
        found: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._open())
        return found.decode()

    def create_topic(self, name: str, partitions: int) -> None:
        """Makes a topic with so many partitions; ``ValueError`` where it exists."""
        self._check(self._library.rd_kafka_mock_topic_create(self._open(), name.encode(), partitions, 1))

    def set_rebalance_delay(self, delay_ms: int) -> None:
        """How long a new group waits for more members before its first assignment."""
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._open(), delay_ms)

    def fail_next(self, api: Api, errors: Sequence[int]) -> None:
        """Answers the next requests of this kind with these errors, one each, after those that are still to come.

        Numbers as in ``confluent_kafka.KafkaError``; 0 is none; ``KafkaError._TRANSPORT`` breaks the connection.
        """
        array = (ctypes.c_int * len(errors))(*errors)
        self._library.rd_kafka_mock_push_request_errors_array(self._open(), api, len(errors), array)

    def stop_failing(self, api: Api) -> None:
        """Takes back what :meth:`fail_next` still had to come."""
        self._library.rd_kafka_mock_clear_request_errors(self._open(), api)

    def delete_records(self, topic: str, partition: int, before_offset: int) -> None:
        """Does what retention does: the partition begins at ``before_offset``."""
        call = self._library.rd_kafka_mock_partition_delete_records
        self._check(call(self._open(), topic.encode(), partition, before_offset))

    def take_down(self, broker: int = ALL_BROKERS) -> None:
        """Breaks this broker's connections and refuses new ones; what it holds stays."""
        self._check(self._library.rd_kafka_mock_broker_set_down(self._open(), broker))

    def bring_up(self, broker: int = ALL_BROKERS) -> None:
        """Lets clients connect to it again."""
        self._check(self._library.rd_kafka_mock_broker_set_up(self._open(), broker))

    def set_round_trip(self, round_trip_ms: int, broker: int = ALL_BROKERS) -> None:
        """Delays each of its answers by so much."""
        self._check(self._library.rd_kafka_mock_broker_set_rtt(self._open(), broker, round_trip_ms))

    def move_coordinator(self, group_id: str, broker: int) -> None:
        """Makes this broker the group's coordinator; it need not exist."""
        self._check(self._library.rd_kafka_mock_coordinator_set(self._open(), b"group", group_id.encode(), broker))

    def move_leader(self, topic: str, partition: int, broker: int) -> None:
        """Makes this broker the partition's leader; -1 leaves it without one."""
        call = self._library.rd_kafka_mock_partition_set_leader
        self._check(call(self._open(), topic.encode(), partition, broker))

    def close(self) -> None:
        """Ends it and frees its ports; may be called twice."""
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            self._library.rd_kafka_mock_cluster_destroy(cluster)
        client, self._client = self._client, None
        if client is not None:
            self._library.rd_kafka_destroy(client)

    def _open(self) -> int:
        if self._cluster is None:
            raise RuntimeError("the embedded broker is closed")
        return self._cluster

    def _check(self, error: int) -> None:
        if error:
            raise ValueError(self._library.rd_kafka_err2name(error).decode())


_POINTER: Final = ctypes.c_void_p
_TEXT: Final = ctypes.c_char_p
_INT: Final = ctypes.c_int  # also the C library's enumerations and, on every platform there is a wheel for, int32_t
_OFFSET: Final = ctypes.c_int64
_SIZE: Final = ctypes.c_size_t

_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "rd_kafka_conf_new": (_POINTER, ()),
    "rd_kafka_conf_set": (_INT, (_POINTER, _TEXT, _TEXT, _TEXT, _SIZE)),
    "rd_kafka_destroy": (None, (_POINTER,)),
    "rd_kafka_err2name": (_TEXT, (_INT,)),
    "rd_kafka_new": (_POINTER, (_INT, _POINTER, _TEXT, _SIZE)),
    "rd_kafka_mock_broker_set_down": (_INT, (_POINTER, _INT)),
    "rd_kafka_mock_broker_set_rtt": (_INT, (_POINTER, _INT, _INT)),
    "rd_kafka_mock_broker_set_up": (_INT, (_POINTER, _INT)),
    "rd_kafka_mock_clear_request_errors": (None, (_POINTER, ctypes.c_int16)),
    "rd_kafka_mock_cluster_bootstraps": (_TEXT, (_POINTER,)),
    "rd_kafka_mock_cluster_destroy": (None, (_POINTER,)),
    "rd_kafka_mock_cluster_new": (_POINTER, (_POINTER, _INT)),
    "rd_kafka_mock_coordinator_set": (_INT, (_POINTER, _TEXT, _TEXT, _INT)),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, (_POINTER, _INT)),
    "rd_kafka_mock_partition_delete_records": (_INT, (_POINTER, _TEXT, _INT, _OFFSET)),
    "rd_kafka_mock_partition_set_leader": (_INT, (_POINTER, _TEXT, _INT, _INT)),
    "rd_kafka_mock_push_request_errors_array": (None, (_POINTER, ctypes.c_int16, _SIZE, ctypes.POINTER(_INT))),
    "rd_kafka_mock_topic_create": (_INT, (_POINTER, _TEXT, _INT, _INT)),
}


@functools.cache
def _library() -> ctypes.CDLL:
    """The librdkafka that confluent-kafka runs on: what its extension is linked to, wherever that lies."""
    library = ctypes.CDLL(cimpl.__file__)
    for name, (result, arguments) in _SIGNATURES.items():
        call = getattr(library, name)
        call.restype, call.argtypes = result, arguments
    return library


def _quiet(library: ctypes.CDLL) -> int:
    """Settings of the client that the cluster hangs on; it talks to nobody, so its notices would only puzzle."""
    settings: int = library.rd_kafka_conf_new()
    message = ctypes.create_string_buffer(_MESSAGE_LENGTH_MAX)
    answer = library.rd_kafka_conf_set(settings, b"log_level", _LOG_ERRORS_ONLY, message, _MESSAGE_LENGTH_MAX)
    if answer != _CONF_OK:
        raise RuntimeError(message.value.decode(errors="replace"))
    return settings
