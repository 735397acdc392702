"""Reads the topics for the records about somebody, and for what stands before those that wait."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from consumer.adapters.kafka_group import GroupUnknown, committed, members
from consumer.adapters.kafka_peek import Peek
from consumer.adapters.kafka_span import Begin, Since
from consumer.cli.reading import Stopped
from consumer.cli.screen import Screen
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.core.rules import fingerprint
from consumer.mapping.envelope import NotYet, ValueDecoder
from consumer.mapping.message import Message
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector
from consumer.settings import KafkaSettings
from consumer.why.answer import Coverage, Group
from consumer.why.backlog import Backlog
from consumer.why.finding import Finder, Found
from consumer.why.partitions import partitions_of
from consumer.why.standing import Standings
from consumer.why.whom import Whom

__all__ = ["Read", "Search"]

_SHOW_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Read:
    """What the topics and the group tell."""

    found: Found
    coverage: Coverage
    backlog: Backlog
    standings: Standings
    """As of the end of the reading."""
    group: Group


@dataclass(frozen=True, slots=True)
class Search:
    """A search for one person."""

    kafka: KafkaSettings
    mapping: CompiledMapping
    whom: Whom
    keys: Sequence[str]
    """What records of this person may have as their keys, as it was given."""
    begin: Since | Begin
    quick: bool
    """Only the partitions in which records with such keys lie."""
    decoder: ValueDecoder | None = None

    def read(self) -> Read:
        """Reads from where it begins to where the topics end now.

        The partitions in which records with the person's keys lie come first. Where a record says of another
        identifier, all is read once more for that one: it may stand in what was read before.

        Raises :class:`~consumer.adapters.kafka_peek.PeekFailed`.
        """
        known = self.whom.texts
        with Stopped() as stopped:
            read = self._read_once(stopped)
            if self.whom.texts != known and not stopped:
                read = self._read_once(stopped)
        return read

    def _read_once(self, stopped: Stopped) -> Read:
        now_ms = round(time.time() * 1000)
        with Peek(self.kafka, begin=self.begin) as peek, Screen() as screen:
            standings, problem = self._standings(peek.partitions)
            backlog = Backlog(standings, _before(peek, standings.commits or {}), wall_ms=now_ms)
            finder = Finder(self.mapping, self.whom, self.decoder)
            behind = _Behind(self, peek, standings.commits, backlog)
            first = self._likely(peek.partitions)
            rest = [] if self.quick else [tp for tp in peek.partitions if tp not in first]
            for partitions in (first, rest):
                _each(peek, partitions, stopped, screen, finder.take, behind.take)
            touched = [tp for tp in (*first, *rest) if peek.spans[tp].records]
            coverage = Coverage(
                topics=self.kafka.topics,
                since_ms=self.begin.ms if isinstance(self.begin, Since) else 0,
                until_ms=now_ms,
                records=peek.done,
                of=peek.records,
                partitions=len(first) + len(rest),
                partitions_of=len(peek.partitions),
                stopped=bool(stopped) and peek.done < sum(peek.spans[tp].records for tp in touched),
            )
            standings, problem = self._standings(peek.partitions)
        commits = standings.commits
        has_committed = None if commits is None else any(commits.values())
        group = Group(self.kafka.group_id, members(self.kafka), has_committed, problem)
        return Read(finder.found, coverage, backlog, standings, group)

    def _standings(self, partitions: Sequence[TopicPartition]) -> tuple[Standings, str | None]:
        commits: Mapping[TopicPartition, Committable | None] | None = None
        problem = None
        try:
            commits = committed(self.kafka, partitions)
        except GroupUnknown as unknown:
            problem = str(unknown)
        return Standings(commits, fingerprint(self.mapping.digest)), problem

    def _likely(self, partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        """Where producers put records with the person's keys."""
        counts = Counter(tp.topic for tp in partitions)
        keys = {*self.keys, *self.whom.texts}
        likely = {
            TopicPartition(topic, number)
            for topic, count in counts.items()
            for key in keys
            for number in partitions_of(key.encode(), count)
        }
        return [tp for tp in partitions if tp in likely]


class _Behind:
    """Gives the backlog what is not finished, of the partitions that are behind."""

    def __init__(
        self,
        search: Search,
        peek: Peek,
        commits: Mapping[TopicPartition, Committable | None] | None,
        backlog: Backlog,
    ) -> None:
        self._backlog = backlog
        self._selector = Selector(search.mapping, search.decoder)
        self._from: dict[tuple[str | None, int | None], int] = {
            (tp.topic, tp.partition): begin
            for tp, span in peek.spans.items()
            if (begin := _begin(search.kafka, commits, tp)) is not None and begin < span.end
        }

    def take(self, messages: Sequence[Message]) -> None:
        """Looks at these."""
        if not self._from:
            return
        behind = [message for message in messages if self._is_behind(message)]
        try:
            self._backlog.take(self._selector.select(behind))
        except NotYet:
            return  # the finder tells of it; an estimate may do without

    def _is_behind(self, message: Message) -> bool:
        begin = self._from.get((message.topic(), message.partition()))
        return begin is not None and (message.offset() or 0) >= begin


def _begin(
    kafka: KafkaSettings, commits: Mapping[TopicPartition, Committable | None] | None, tp: TopicPartition
) -> int | None:
    """From where on records are not finished; None: not known.

    A group that starts at the earliest commits nothing of a partition until something of it is finished.
    """
    if commits is None:
        return None
    commit = commits.get(tp)
    if commit is not None:
        return commit.offset
    return 0 if kafka.start == "earliest" and any(commits.values()) else None


def _before(peek: Peek, commits: Mapping[TopicPartition, Committable | None]) -> Mapping[TopicPartition, int]:
    """Of each partition, how many records the group has not finished lie before what is read."""
    return {
        tp: max(0, span.begin - commit.offset)
        for tp, span in peek.spans.items()
        if (commit := commits.get(tp)) is not None
    }


def _each(
    peek: Peek,
    partitions: Collection[TopicPartition],
    stopped: Stopped,
    screen: Screen,
    *takes: Callable[[Sequence[Message]], object],
) -> None:
    shown = time.monotonic()
    for messages in () if stopped else peek.read(partitions):
        for take in takes:
            take(messages)
        if (now := time.monotonic()) - shown >= _SHOW_EVERY_S:
            screen.show(peek)
            shown = now
        if stopped:
            return
