"""Decodes values with schemas of a registry: behind :class:`consumer.mapping.envelope.ValueDecoder`.

Each schema has a reader of its own, made when its first value comes, with what confluent-kafka's deserializers need
from then on. What brings them is the extra ``schema-registry``; nothing of it is imported before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any, Final

from consumer.adapters.schema_framing import framed, name_of
from consumer.adapters.schema_questions import KEPT_MAX, Question, SchemaQuestions
from consumer.core.record import Headers
from consumer.mapping.envelope import Encoding, NotYet, Unreadable
from consumer.settings import SchemaRegistrySettings

__all__ = ["EXTRA", "RegistryDecoder", "not_installed", "registry_decoder"]

EXTRA: Final = "pip install 'loops-consumer[schema-registry]'"
"""What brings the libraries."""

_MODULES: Final[dict[Encoding, str]] = {
    "avro": "consumer.adapters.schema_avro",
    "protobuf": "consumer.adapters.schema_protobuf",
    "json_schema": "consumer.adapters.schema_json",
}
"""Each has a function ``reader``."""

_Reader = Callable[[bytes], Any]


def not_installed(encodings: Collection[Encoding]) -> list[Encoding]:
    """Those of these encodings whose libraries are not there."""
    return [encoding for encoding in encodings if not _is_there(_MODULES[encoding])]


def registry_decoder(settings: SchemaRegistrySettings, *, waits_s: float) -> RegistryDecoder:
    """A decoder with the registry of these settings, which must have a URL; nothing is asked yet.

    ``waits_s`` is how long one value may wait for its schema. The extra must be there. Raises
    :class:`~consumer.faults.Faults` where the password or the certificates cannot be read.
    """
    from consumer.adapters.schema_client import RegistryClient, host_of  # noqa: PLC0415 - it is of the extra

    ask = RegistryClient(settings)
    return RegistryDecoder(SchemaQuestions(ask, host=host_of(settings.url or ""), waits_s=waits_s))


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
