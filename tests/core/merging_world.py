"""A pipeline that merges between a topic, a group and a Loops in memory, whose every step a test decides.

Contacts are known by userId. Loops refuses whatever holds the property ``bad``; of a key one event takes effect.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from consumer.core.effect import (
    Attempt,
    Commit,
    Committable,
    DeadLetter,
    Effect,
    Handed,
    Letter,
    ReadAgain,
    Saved,
    Send,
)
from consumer.core.outcome import Outcome, Verdict
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Received, Record, TopicPartition, Wanted
from consumer.core.request import Call, DeleteContact, Request, SendEvent
from consumer.core.rules import Rules
from tests.core.driving import BUSY, CONFLICT, DONE, P0, P1, REFUSED, THROTTLED, UNAUTHORIZED, WALL

SILENCE = Outcome(Verdict.RETRY, "timeout")
DIGEST = "0badcafe"
KINDS = (*["answered"] * 8, "lost before", *["lost behind"] * 3, "busy", "throttled", "unauthorized")

State = dict[str, dict[str, Any]]
"""Of each contact its properties, lists among them."""


class Loops:
    """What took effect."""

    def __init__(self, *, refusals_use_keys: bool) -> None:
        """``refusals_use_keys``: a key that was refused is known from then on."""
        self.contacts: State = defaultdict(dict)
        self.events: Counter[str] = Counter()
        """By key, without the number of refusals."""
        self.requests = 0
        self._keys: set[str] = set()
        self._refusals_use_keys = refusals_use_keys

    def call(self, attempt: Attempt, *, answered: bool = True) -> Outcome:
        """Takes or refuses a request; one that is not ``answered`` uses no key by a refusal."""
        request = attempt.request
        if request.call is Call.API_KEY:
            return DONE
        self.requests += 1
        body, key = orjson.loads(request.body or b"{}"), request.idempotency_key
        if key in self._keys:
            return CONFLICT
        if body.pop("bad", None):
            if key is not None and self._refusals_use_keys and answered:
                self._keys.add(key)
            return REFUSED
        if key is not None:
            self._keys.add(key)
            self.events[key.split(".")[0]] += 1
        _told(self.contacts, request.call, body)
        return DONE


def _told(contacts: State, call: Call, body: dict[str, Any]) -> None:
    user = body.pop("userId")
    if call is Call.DELETE:
        contacts[user] = {}
        return
    for name in ("eventName", "email"):
        body.pop(name, None)
    lists = body.pop("mailingLists", {})
    contacts[user].update(body)
    contacts[user].update({f"list {name}": joined for name, joined in lists.items()})


def expected(topic: Mapping[TopicPartition, Sequence[Sequence[Request]]]) -> State:
    """What contacts come to when each request takes effect by itself, in the order of the records."""
    contacts: State = defaultdict(dict)
    for records in topic.values():
        for request in (plan for plans in records for plan in plans):
            assert request is not None
            if not is_bad(request):
                _told(contacts, request.call, orjson.loads(request.http().body or b"{}"))
    return contacts


def is_bad(request: Request) -> bool:
    """Whether Loops refuses it."""
    return not isinstance(request, DeleteContact) and "bad" in request.contact


class World:
    """All of it. The group's commits outlive the process."""

    def __init__(self, policy: Policy, *, refusals_use_keys: bool) -> None:
        """The process owns both partitions."""
        self.policy = policy
        self.loops = Loops(refusals_use_keys=refusals_use_keys)
        self.topic: dict[TopicPartition, list[list[Request]]] = {P0: [], P1: []}
        self.group: dict[TopicPartition, Committable | None] = {P0: None, P1: None}
        self.letters: Counter[tuple[TopicPartition, int, int]] = Counter()
        """Those that were written, by record and plan."""
        self.saved = 0
        self.now = 0.0
        self.read_to: dict[TopicPartition, int] = {}
        self.begin()

    def begin(self) -> None:
        """A process begins, and knows what the group has."""
        self.on_wire: list[Attempt] = []
        self.writing: list[Letter] = []
        self.committing: list[Commit] = []
        self.again: list[TopicPartition] = []
        self.gone: tuple[TopicPartition, ...] = ()
        self.pipeline = Pipeline(self.policy, now=self.now, random=lambda: 1.0, rules=Rules(DIGEST))
        self.assign(P0, P1)
        self.wait(2.0)

    def assign(self, *partitions: TopicPartition) -> None:
        """These are the process'."""
        self.read_to.update({tp: self.committed(tp) for tp in partitions})
        self.tell("assigned", {tp: self.group[tp] for tp in partitions}, [P0, P1])

    def committed(self, tp: TopicPartition) -> int:
        """What the group has."""
        position = self.group[tp]
        return 0 if position is None else position.offset

    def tell(self, what: str, *arguments: object) -> None:
        """Tells the pipeline, and takes note of what it wants."""
        effects: list[Effect] = getattr(self.pipeline, what)(*arguments, now=self.now, wall=WALL + self.now)
        for effect in effects:
            match effect:
                case Send(attempt):
                    self.on_wire.append(attempt)
                case DeadLetter(letter):
                    self.writing.append(letter)
                case Commit():
                    self.committing.append(effect)
                case Handed(partitions, positions):
                    self.group.update(positions)
                    self.gone = partitions
                case ReadAgain(tp, offset):
                    self.read_to[tp] = min(self.read_to[tp], offset)
                    self.again.append(tp)
                case Saved(_, count, _):
                    self.saved += count
                case _:
                    """A report."""

    def read(self, tp: TopicPartition, most: int) -> None:
        """So many more records of a partition."""
        first = self.read_to[tp]
        plans = self.topic[tp][first : first + most]
        if plans and tp in self.pipeline.partitions:
            wanted = [Wanted(_record(tp, at), tuple(found)) for at, found in enumerate(plans, first)]
            last = first + len(plans) - 1
            self.read_to[tp] = last + 1
            self.tell("selected", {tp: Received([(first, last)], len(plans), wanted, int(WALL * 1000), DIGEST)})
        self.read_again()

    def read_again(self) -> None:
        """Says that a partition is read from where that was asked for."""
        while self.again:
            tp = self.again.pop()
            self.tell("rewound", tp, self.read_to[tp])

    def answer(self, number: int, kind: str) -> None:
        """One attempt ends."""
        attempt = self.on_wire.pop(number % len(self.on_wire))
        others = {"busy": BUSY, "throttled": THROTTLED, "unauthorized": UNAUTHORIZED, "lost before": SILENCE}
        if kind in others:
            outcome = others[kind]
        else:
            outcome = self.loops.call(attempt, answered=kind == "answered")
            outcome = SILENCE if kind == "lost behind" else outcome
        self.tell("answered", attempt, outcome)
        self.read_again()

    def commit(self, *, taken: bool) -> None:
        """The commit under way ends."""
        positions = self.committing.pop(0).positions
        if taken:
            self.group.update(positions)
            self.tell("committed", positions)
        else:
            self.tell("commit_failed", positions, "REQUEST_TIMED_OUT")
        self.read_again()

    def end_commits(self, *, taken: bool) -> None:
        """The source ends what is under way before the partitions change."""
        if self.committing:
            self.commit(taken=taken)

    def write(self, *, taken: bool) -> None:
        """A dead letter is written, or is not."""
        letter = self.writing.pop(0)
        if taken:
            record = letter.record
            self.letters[TopicPartition(record.topic, record.partition), record.offset, letter.plan] += 1
        self.tell("letter_confirmed" if taken else "letter_failed", letter)
        self.read_again()

    def wait(self, seconds: float) -> None:
        """Time passes, in steps as the timers ask."""
        until = self.now + seconds
        while True:
            wait_s = self.pipeline.next_timer(now=self.now)
            if wait_s is None or self.now + wait_s > until:
                break
            self.now += max(wait_s, 1e-3)
            self.tell("tick")
            self.read_again()
        self.now = max(until, self.now)
        self.tell("tick")

    def rebalance(self, tp: TopicPartition) -> None:
        """A partition is revoked, handed over when nothing of it is on the wire, and comes back."""
        self.gone = ()
        self.end_commits(taken=True)
        self.tell("revoked", [tp])
        while tp not in self.gone:
            if self.on_wire:
                self.answer(0, "answered")
            elif self.writing:
                self.write(taken=True)
            else:
                self.wait(1.0)
        self.assign(tp)

    def lose(self, tp: TopicPartition) -> None:
        """A partition is taken away, and comes back: what is on the wire ends late."""
        self.end_commits(taken=False)
        self.tell("lost", [tp])
        self.assign(tp)

    def crash(self, arrive: Sequence[bool]) -> None:
        """The process is gone; what was on the wire takes effect or does not."""
        for attempt, arrives in zip(self.on_wire, (*arrive, *[False] * len(self.on_wire)), strict=False):
            if arrives:
                self.loops.call(attempt, answered=False)
        self.begin()

    def pause(self, *, paused: bool) -> None:
        """The mapping says so."""
        self.tell("mapping", Rules(DIGEST, paused=paused))
        self.read_again()

    def finish(self) -> None:
        """Everything goes well until all is done and committed."""
        self.pause(paused=False)
        for _ in range(3_000):
            for tp in self.topic:
                self.read(tp, 1_000)
            if self.on_wire:
                self.answer(0, "answered")
            elif self.writing:
                self.write(taken=True)
            elif self.committing:
                self.commit(taken=True)
            elif all(self.committed(tp) == len(records) for tp, records in self.topic.items()):
                return
            else:
                self.wait(5.0)
        waiting = [partition.deliveries for partition in self.pipeline.partitions.values()]
        raise AssertionError(f"it does not come to its end: {self.group}, {self.read_to}, {waiting}")

    def check(self) -> None:
        """Nothing is counted twice, and nothing stays of what is gone."""
        pipeline = self.pipeline
        assert pipeline.received == sum(pipeline.fates.values()) + pipeline.in_flight + pipeline.handed_back
        ours = {id(one) for partition in pipeline.partitions.values() for one in partition.deliveries}
        there = {id(one) for one in pipeline.wire.lanes.waiting() if not one.forgotten}
        assert ours == there
        assert {id(one) for one in pipeline.wire.ready} <= there
        for one in pipeline.wire.ready:
            assert pipeline.wire.lanes.is_first(one)
        for partition in pipeline.partitions.values():
            under_way = Counter((part.of.record.offset, part.plan) for part in partition.under_way())
            letters = [of.record.offset for of in pipeline.letters.waiting() if of.partition == partition.tp]
            assert all(count == 1 for count in under_way.values())
            unfinished = sum(of.plans - of.final.bit_count() for of in partition.open.values())
            if partition not in pipeline._holding:
                assert unfinished == len(under_way) + len(letters)


def events_of(topic: Mapping[TopicPartition, Sequence[Sequence[Request]]]) -> Counter[str]:
    """The keys of all events that are to take effect."""
    plans = (plan for records in topic.values() for plans in records for plan in plans)
    return Counter(plan.idempotency_key for plan in plans if isinstance(plan, SendEvent) and not is_bad(plan))


def bad_of(topic: Mapping[TopicPartition, Sequence[Sequence[Request]]]) -> set[tuple[TopicPartition, int, int]]:
    """Where the requests are that Loops refuses."""
    return {
        (tp, offset, number)
        for tp, records in topic.items()
        for offset, plans in enumerate(records)
        for number, plan in enumerate(plans)
        if is_bad(plan)
    }


def _record(tp: TopicPartition, offset: int) -> Record:
    return Record(*tp, offset, int(WALL * 1000), None, b"x")
