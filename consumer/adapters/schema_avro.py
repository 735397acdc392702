"""Values in Avro, through confluent-kafka's deserializer."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final, cast

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.serde import SchemaId
from fastavro.schema import parse_schema

from consumer.adapters.schema_known import KnownSchema, no_subject
from consumer.adapters.schema_questions import Question, SchemaQuestions
from consumer.adapters.schema_values import plain
from consumer.mapping.avro_parts import AvroParts

__all__ = ["reader"]

_KIND: Final = "AVRO"


def reader(question: Question, questions: SchemaQuestions) -> Callable[[bytes], Any]:
    """Reads values with this schema in front as plain data; raises what confluent-kafka and fastavro raise.

    Raises ``NotYet`` and ``Unreadable`` where the schema cannot be had, and so may what it returns.
    """
    known = KnownSchema(question, questions, _KIND)
    deserialize = _Deserializer(cast("SchemaRegistryClient", known), conf={"subject.name.strategy": no_subject})

    def read(data: bytes) -> Any:
        payload = SchemaId(_KIND).from_bytes(io.BytesIO(data))
        deserialize.parts(known.schema).check(data, payload.tell())
        return plain(deserialize(data))

    return read


class _Deserializer(AvroDeserializer):
    """Tells of the schema that it reads by how to count what a value has."""

    _parts: AvroParts | None = None

    def parts(self, schema: Schema) -> AvroParts:
        """Made once."""
        if self._parts is None:
            named: dict[str, Any] = {}
            self._parts = AvroParts(parse_schema(self._get_parsed_schema(schema), named), named)
        return self._parts
