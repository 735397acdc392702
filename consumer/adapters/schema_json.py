"""Values in JSON that have a JSON Schema, through confluent-kafka's deserializer, which holds them against it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import orjson
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from referencing import Registry
from referencing.exceptions import Unresolvable

from consumer.adapters.schema_known import KnownSchema, no_subject
from consumer.adapters.schema_questions import Question, SchemaQuestions
from consumer.mapping.envelope import Unreadable, check_parts

__all__ = ["reader"]


def reader(question: Question, questions: SchemaQuestions) -> Callable[[bytes], Any]:
    """Reads values with this schema in front as they are; raises what confluent-kafka and orjson raise.

    Raises ``NotYet`` and :class:`Unreadable` where the schema cannot be had, and so may what it returns.
    """
    known = cast("SchemaRegistryClient", KnownSchema(question, questions, "JSON"))
    conf = {"subject.name.strategy": no_subject}
    deserialize = _Deserializer(None, None, known, conf, json_decode=orjson.loads)

    def read(data: bytes) -> Any:
        check_parts(data)
        try:
            return deserialize(data)
        except Unresolvable:
            raise Unreadable("the value's JSON Schema refers to one that the schema registry does not hold") from None

    return read


class _Deserializer(JSONDeserializer):
    """Fetches no schema by an address: one that says ``$ref: http://…`` would send this process anywhere."""

    _closed: tuple[Any, Any] | None = None

    def _get_parsed_schema(self, schema: Schema) -> tuple[Any, Any]:
        if self._closed is None:
            parsed, referred = super()._get_parsed_schema(schema)
            closed: Registry[Any] = Registry()
            self._closed = parsed, closed.with_resources(referred.items() if referred is not None else ())
        return self._closed
