"""Decodes values with schemas of a registry: behind :class:`consumer.mapping.envelope.ValueDecoder`.

Each schema has a reader of its own, made when its first value comes, with what confluent-kafka's deserializers need
from then on. What brings them is the extra ``schema-registry``; nothing of it is imported before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from consumer.adapters.schema_framing import framed, name_of
from consumer.adapters.schema_questions import KEPT_MAX, Question, SchemaQuestions
from consumer.core.record import Headers
from consumer.mapping.envelope import Encoding, NotYet, Unreadable
from consumer.mapping.format_choice import Lack, Lacks
from consumer.settings import SchemaRegistrySettings

__all__ = ["RegistryDecoder", "lacks_of", "registry_decoder"]

_EXTRA: Final = "pip install '.[schema-registry]' in the checkout"

_MODULES: Final[dict[Encoding, str]] = {
    "avro": "consumer.adapters.schema_avro",
    "protobuf": "consumer.adapters.schema_protobuf",
    "json_schema": "consumer.adapters.schema_json",
}
"""Each has a function ``reader``."""

_CLIENT: Final = "consumer.adapters.schema_client"

_WAITS_S: Final = 0.25
"""A registry that is well answers within some milliseconds; commands and the group wait no longer than this."""

_PATIENT_S: Final = 15.0
"""Longer than connecting and an answer may take."""

_Reader = Callable[[bytes], Any]


def lacks_of(settings: SchemaRegistrySettings) -> Lacks:
    """Says of an encoding what is missing to decode it: the registry's address, or the libraries."""

    def lacks(encoding: Encoding) -> Lack | None:
        if settings.url is None:
            message = f"the schemas of {encoding} values come from a schema registry, and the settings name none"
            return Lack(message, "give its address as kafka.schema_registry.url")
        if not _is_there(_MODULES[encoding]):
            return Lack(f"what decodes {encoding} is not installed", _EXTRA)
        return None

    return lacks


def registry_decoder(settings: SchemaRegistrySettings, *, patient: bool) -> RegistryDecoder | None:
    """A decoder with the registry of these settings; nothing is asked yet. ``None`` where nothing could be decoded.

    ``patient`` is who waits for a schema until it is there, or cannot be had; else no value waits longer than the Kafka
    thread may stand still. Raises :class:`~consumer.faults.Faults` where the password or the certificates cannot be
    read.
    """
    if settings.url is None or not _is_there(_CLIENT):
        return None
    ask = import_module(_CLIENT).RegistryClient(settings)
    waits_s = _PATIENT_S if patient else _WAITS_S
    return RegistryDecoder(SchemaQuestions(ask, host=settings.host, waits_s=waits_s))


class RegistryDecoder:
    """Implements :class:`~consumer.mapping.envelope.ValueDecoder`. Used by one thread at a time."""

    def __init__(self, questions: SchemaQuestions) -> None:
        """Knows no schema yet."""
        self._questions = questions
        self._readers: dict[tuple[Encoding, bytes], _Reader] = {}

    def decode(self, encoding: Encoding, topic: str, value: bytes, headers: Headers) -> Any:  # noqa: ARG002 - a schema's name stands for the same in every topic
        """The value as plain data. Raises :class:`Unreadable`, and ``NotYet`` while its schema cannot be had."""
        schema, data = framed(value, headers)
        read = self._readers.get((encoding, schema))
        try:
            if read is None:
                read = self._made(encoding, schema)
            return read(data)
        except (NotYet, Unreadable):
            raise
        except Exception as error:  # noqa: BLE001 - each library has its own, and their texts quote the value
            raise Unreadable(f"the value cannot be decoded with its schema ({type(error).__name__})") from None

    def _made(self, encoding: Encoding, schema: bytes) -> _Reader:
        found: _Reader = import_module(_MODULES[encoding]).reader(Question(name_of(schema)), self._questions)
        if len(self._readers) >= KEPT_MAX:
            del self._readers[next(iter(self._readers))]
        self._readers[encoding, schema] = found
        return found


def _is_there(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True
