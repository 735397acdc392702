"""Values as producers write them: by confluent-kafka's own serializers, in either framing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.message import Message

from consumer.core.record import Headers
from tests.fakes.schema_registry import SchemaRegistry

__all__ = ["Encoded", "Encoder"]

_TOPIC: Final = "events"


class Encoded(NamedTuple):
    """One record's value and headers."""

    value: bytes
    headers: Headers


class Encoder:
    """Writes values, and registers their schemas on the way."""

    def __init__(self, registry: SchemaRegistry, *, in_header: bool = False) -> None:
        """``in_header``: a schema is named by its GUID in a header, and not by its number in front of the value."""
        self._client = SchemaRegistryClient({"url": registry.url, "max.retries": 0})
        self._conf: dict[str, Any] = {"schema.id.serializer": header_schema_id_serializer} if in_header else {}

    def avro(self, schema: Mapping[str, Any] | Schema, value: Any) -> Encoded:
        """In Avro; a schema that refers to others comes as the client's own kind."""
        text = schema if isinstance(schema, Schema) else json.dumps(schema)
        return self._written(AvroSerializer(self._client, text, conf=self._conf), value)

    def json(self, schema: Mapping[str, Any] | Schema, value: Any, *, checked: bool = True) -> Encoded:
        """In JSON with a JSON Schema; unless ``checked``, the value may be what that does not allow."""
        text = schema if isinstance(schema, Schema) else json.dumps(schema)
        conf = {**self._conf, "validate": checked}
        return self._written(JSONSerializer(text, self._client, conf=conf), value)

    def protobuf(self, message: Message) -> Encoded:
        """In Protobuf."""
        serializer: Any = ProtobufSerializer(type(message), self._client, conf=self._conf)
        return self._written(serializer, message)

    def _written(self, serializer: Any, value: Any) -> Encoded:
        headers: Any = []
        written = serializer(value, SerializationContext(_TOPIC, MessageField.VALUE, headers))
        return Encoded(written, tuple(headers))
