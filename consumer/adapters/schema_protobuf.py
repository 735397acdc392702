"""Values in Protobuf, through confluent-kafka's deserializer, with classes made of the registry's descriptors.

The registry gives a schema as a serialized descriptor, so that no compiler is needed. What a schema imports comes from
the registry where it is a reference, and else from what Protobuf and confluent-kafka bring along.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from confluent_kafka.schema_registry import Schema
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.schema_registry.serde import SchemaId
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.message import DecodeError

from consumer.adapters.schema_known import KnownSchema, no_subject
from consumer.adapters.schema_messages import Messages
from consumer.adapters.schema_questions import Question, SchemaQuestions
from consumer.mapping.envelope import NotYet, Unreadable
from consumer.mapping.protobuf_parts import ProtobufParts

__all__ = ["reader"]

_KIND: Final = "PROTOBUF"
_ROOT: Final = "loops-consumer/value.proto"
"""What the file of a value's own schema is called among those that it imports: nothing of it shows."""


def reader(question: Question, questions: SchemaQuestions) -> Callable[[bytes], Any]:
    """Reads values with this schema in front as plain objects; raises what confluent-kafka and Protobuf raise.

    Raises ``NotYet`` and :class:`Unreadable` where the schema cannot be had, and so may what it returns.
    """
    known = KnownSchema(question._replace(serialized=True), questions, _KIND)
    pool = descriptor_pool.DescriptorPool()
    _Files(pool, known).add(_ROOT, known.schema)
    file = pool.FindFileByName(_ROOT)
    messages, parts = Messages(), ProtobufParts()
    made: dict[tuple[int, ...], ProtobufDeserializer] = {}

    def read(data: bytes) -> Any:
        named = SchemaId(_KIND)
        payload = named.from_bytes(io.BytesIO(data))
        place = tuple(named.message_indexes or ())
        descriptor = _message_at(file, place)
        parts.check(descriptor, data, payload.tell())
        deserialize = made.get(place)
        if deserialize is None:
            message = message_factory.GetMessageClass(descriptor)
            # It takes a class for a message, as its own serializer does.
            deserialize = made[place] = ProtobufDeserializer(
                cast("Any", message), {"subject.name.strategy": no_subject}
            )
        return messages.plain(deserialize(data))

    return read


class _Files:
    """Adds a schema's files to a pool, those that it imports first."""

    def __init__(self, pool: descriptor_pool.DescriptorPool, known: KnownSchema) -> None:
        self._pool = pool
        self._known = known
        self._added: set[str] = set()

    def add(self, name: str, schema: Schema) -> None:
        """Adds the file of this schema under this name."""
        file = _parsed(schema)
        file.name = name
        references = {reference.name: reference for reference in schema.references or ()}
        for imported in file.dependency:
            if imported in self._added:
                continue
            self._added.add(imported)
            reference = references.get(imported)
            if reference is not None and reference.subject is not None and reference.version is not None:
                found = self._known.get_version(reference.subject, reference.version, True, "serialized")
                self.add(imported, found.schema)
            else:
                self._add_known(imported)
        self._pool.AddSerializedFile(file.SerializeToString())

    def _add_known(self, name: str) -> None:
        """Adds a file that Protobuf or confluent-kafka brings along, with what that imports."""
        try:
            file = descriptor_pool.Default().FindFileByName(name)
        except KeyError:
            raise Unreadable("the value's schema imports a file that the schema registry does not give") from None
        for imported in file.dependencies:
            if imported.name not in self._added:
                self._added.add(imported.name)
                self._add_known(imported.name)
        self._pool.AddSerializedFile(file.serialized_pb)


def _parsed(schema: Schema) -> descriptor_pb2.FileDescriptorProto:
    try:
        content = base64.b64decode(schema.schema_str or "", validate=True)
        return descriptor_pb2.FileDescriptorProto.FromString(content)
    except (binascii.Error, DecodeError, ValueError):
        raise NotYet("the schema registry gives no serialized Protobuf descriptors (format=serialized)") from None


def _message_at(file: FileDescriptor, place: Sequence[int]) -> Descriptor:
    """The message at this place in its file: the number of one at the top, then of one within that, and so on."""
    found: Descriptor | None = None
    for index in place:
        inside = list(file.message_types_by_name.values()) if found is None else list(found.nested_types)
        if not 0 <= index < len(inside):
            raise Unreadable("the value names a message that its schema does not have")
        found = inside[index]
    if found is None:
        raise Unreadable("the value names no message of its schema")
    return found
