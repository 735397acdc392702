"""What stands for the registry's client before confluent-kafka's deserializers: one schema, and those it refers to.

They ask it for each record, and it answers from memory; what it does not remember it asks for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from confluent_kafka.schema_registry import RuleKind, RuleMode, Schema

from consumer.adapters.schema_questions import OfVersion, Question, SchemaQuestions
from consumer.mapping.envelope import Unreadable

__all__ = ["KnownSchema", "Referred", "no_subject"]


class Referred(NamedTuple):
    """A schema that another refers to, as the client gives it."""

    schema: Schema


class KnownSchema:
    """One schema; its methods are those of confluent-kafka's client that deserializers call, with its names."""

    def __init__(self, question: Question, questions: SchemaQuestions, kind: str) -> None:
        """``kind`` is what the registry must call it: ``AVRO``, ``PROTOBUF`` or ``JSON``.

        Raises ``NotYet`` and :class:`Unreadable` as :meth:`SchemaQuestions.answer` does.
        """
        self.schema: Schema = questions.answer(question)
        self._questions = questions
        if (self.schema.schema_type or "AVRO") != kind:
            raise Unreadable(f"the value's schema is {self.schema.schema_type}, and the mapping says {kind}")
        if _transforms(self.schema):
            raise Unreadable("the value's schema has rules that change what is read, as encryption does: not supported")

    def get_schema(self, *_: Any) -> Schema:
        """The schema, whatever its number."""
        return self.schema

    def get_schema_by_guid(self, *_: Any) -> Schema:
        """The schema, whatever its GUID."""
        return self.schema

    def get_version(self, subject: str, version: int, _deleted: bool = False, form: str | None = None) -> Referred:
        """A schema that this one refers to. Raises as the constructor does."""
        asked = Question(OfVersion(subject, version), serialized=form is not None)
        return Referred(self._questions.answer(asked))

    def config(self) -> dict[str, Any]:
        """What rules are configured by: nothing."""
        return {}


def no_subject(*_: Any) -> None:
    """The strategy of names under which a schema's subject does not matter: its number says all there is."""


def _transforms(schema: Schema) -> bool:
    rules = schema.rule_set
    reading = [*(rules.domain_rules or ()), *(rules.encoding_rules or ())] if rules is not None else []
    return any(
        rule.kind == RuleKind.TRANSFORM and rule.mode in {RuleMode.READ, RuleMode.WRITEREAD} and not rule.disabled
        for rule in reading
    )
