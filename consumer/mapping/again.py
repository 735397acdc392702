"""What the rules in use now make of a record that was a dead letter."""

from __future__ import annotations

from consumer.core.record import Plan, Record, Rejection
from consumer.mapping.envelope import Unreadable, ValueDecoder
from consumer.mapping.head import Heads
from consumer.mapping.plan import plans
from consumer.mapping.rules import CompiledMapping

__all__ = ["Again"]


class Again:
    """Plans with one mapping, one record at a time."""

    def __init__(self, mapping: CompiledMapping, decoder: ValueDecoder | None = None) -> None:
        """Nothing is planned yet."""
        self.digest = mapping.digest
        self._mapping = mapping
        self._heads = Heads(mapping, decoder)
        self._rules = frozenset(rule.id for rule in mapping.rules)

    def has_rule(self, rule: str) -> bool:
        """Whether a rule of this id is in use."""
        return rule in self._rules

    def has_topic(self, topic: str) -> bool:
        """Whether the mapping knows the format of this topic."""
        return self._heads[topic] is not None

    def plans(self, record: Record, rule: str | None) -> tuple[Plan, ...]:
        """What this rule makes of the record, or, where it is None, all of them; nothing where none wants it.

        The record must have a value, and its topic a format. Raises ``NotYet`` as :class:`Head` does.
        """
        head = self._heads[record.topic]
        if head is None or record.value is None:
            return ()
        try:
            event = head.event(record)
        except Unreadable as reason:
            return (Rejection("undecodable", str(reason), rule),)
        wanting = [found for found in head.wanting_event(event) if rule in {None, found.id}]
        return plans(wanting, event, record, head.form, self._mapping.recipients)
