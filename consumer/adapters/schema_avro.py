"""Values in Avro, through confluent-kafka's deserializer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer

from consumer.adapters.schema_known import KnownSchema, no_subject
from consumer.adapters.schema_questions import Question, SchemaQuestions
from consumer.adapters.schema_values import plain

__all__ = ["reader"]


def reader(question: Question, questions: SchemaQuestions) -> Callable[[bytes], Any]:
    """Reads values with this schema in front as plain data; raises what confluent-kafka and fastavro raise.

    Raises ``NotYet`` and ``Unreadable`` where the schema cannot be had, and so may what it returns.
    """
    known = cast("SchemaRegistryClient", KnownSchema(question, questions, "AVRO"))
    deserialize = AvroDeserializer(known, conf={"subject.name.strategy": no_subject})
    return lambda data: plain(deserialize(data))
