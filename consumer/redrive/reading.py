"""Reads the dead-letter topic: all of it to see what lies there, and once more for the letters that were chosen."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from consumer.adapters.kafka_config import KafkaConfig
from consumer.adapters.kafka_peek import Peek
from consumer.adapters.letter_reading import Lying, StoredLetter, read_letter
from consumer.core.record import Position, TopicPartition
from consumer.redrive.survey import Survey

__all__ = ["surveyed", "with_values"]


def surveyed(peek: Peek, survey: Survey, progress: Callable[[int], object]) -> None:
    """Takes in all that ``peek`` reads; ``progress`` is told how many records are read.

    Raises :class:`~consumer.adapters.kafka_peek.PeekFailed`.
    """
    for found in _lying(peek):
        survey.take(found)
        progress(peek.done)


def with_values(kafka: KafkaConfig, chosen: Sequence[Position]) -> Generator[list[StoredLetter], None, None]:
    """The letters that lie there, read once more with all they hold, in batches and in each partition's order.

    What is gone by then does not come. Raises :class:`~consumer.adapters.kafka_peek.PeekFailed`.
    """
    wanted = set(chosen)
    begin: dict[TopicPartition, int] = {}
    for topic, partition, offset in wanted:
        tp = TopicPartition(topic, partition)
        begin[tp] = min(offset, begin.get(tp, offset))
    if not wanted:
        return
    with Peek(kafka, topics=[kafka.dead_letter_topic], begin=begin) as peek:
        for found in _lying(peek):
            letters = [one for one in found if isinstance(one, StoredLetter) and one.at in wanted]
            wanted.difference_update(letter.at for letter in letters)
            yield letters
            if not wanted:
                return


def _lying(peek: Peek) -> Generator[list[Lying], None, None]:
    for messages in peek:
        yield [read_letter(message) for message in messages]
