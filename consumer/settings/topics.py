"""Which names Kafka allows, and how a regular expression of topics is told from a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["checked_name", "checked_topic", "complaints"]

_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
"""Kafka's own rule for names of topics and of static members; 249 characters because a topic's folder has its name."""


def checked_name(text: str) -> str:
    """The name of a topic or of a static member. Raises ``ValueError`` with a sentence for the user."""
    if _NAME.fullmatch(text) is None or text in {".", ".."}:
        raise ValueError(f'found "{text}"; allowed: 1 to 249 of the characters A-Z a-z 0-9 . _ -, but not . or ..')
    return text


def checked_topic(text: str) -> str:
    """A topic's name, or a regular expression, which starts with ``^``. Raises ``ValueError`` with a sentence."""
    if not text.startswith("^"):
        try:
            return checked_name(text)
        except ValueError as error:
            raise ValueError(str(error), "a regular expression starts with ^") from None
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f'found "{text}"; allowed: a regular expression ({error})') from None
    return text


def complaints(topics: Sequence[str], dead_letter_topic: str) -> Iterator[tuple[int, str, str | None]]:
    """Index, message and hint of each topic that does not go with the others or with the topic of dead letters."""
    for index, topic in enumerate(topics):
        pattern = topic.startswith("^")
        if pattern and len(topics) > 1:
            yield index, f'found "{topic}" beside other topics; a regular expression stands alone', None
        elif topic in topics[:index]:
            yield index, f'found "{topic}" twice', None
        if topic == dead_letter_topic or (pattern and re.match(topic, dead_letter_topic)):
            message = f"{dead_letter_topic} would be read, which is where dead letters are written"
            yield index, message, "give kafka.dead_letter_topic a name that kafka.topics does not include"
