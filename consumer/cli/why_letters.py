"""The dead letters of some records, wherever they lie on their topic."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from consumer.adapters.kafka_peek import Peek
from consumer.adapters.kafka_span import Begin, Since
from consumer.adapters.letter_reading import Mark, StoredLetter
from consumer.cli.letter_words import safe
from consumer.core.record import Position
from consumer.redrive.reading import surveyed
from consumer.redrive.survey import Survey
from consumer.settings import KafkaSettings
from consumer.why.account import Letter

__all__ = ["letters_of"]


def letters_of(
    kafka: KafkaSettings, records: Collection[Position], begin: Since | Begin
) -> Mapping[Position, Sequence[Letter]]:
    """By record, those that lie there, in the order in which they failed.

    A letter is younger than its record, so that reading may begin where it did on the record's topic. Raises
    :class:`~consumer.adapters.kafka_peek.PeekFailed`.
    """
    if not records:
        return {}
    survey = Survey(lambda letter: letter.record.position in records, keep_done=True)
    with Peek(kafka, topics=[kafka.dead_letter_topic], begin=begin) as peek:
        surveyed(peek, survey, lambda _: None)
    found: dict[Position, list[Letter]] = {}
    for stored in sorted(survey.chosen.values(), key=lambda letter: (letter.written_ms, letter.at)):
        found.setdefault(stored.record.position, []).append(_letter(stored, survey.done.get(stored.at)))
    return found


def _letter(stored: StoredLetter, done: Mark | None) -> Letter:
    return Letter(
        at=stored.at,
        rule=stored.rule,
        stage=safe(stored.stage),
        reason=safe(stored.reason),
        message=safe(stored.message),
        mapping=safe(stored.mapping),
        attempts=stored.attempts,
        first_failed_ms=stored.first_failed_ms,
        fate=None if done is None else safe(done.fate),
        done_ms=0 if done is None else done.marked_ms,
    )
