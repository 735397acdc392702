"""The topic of a simulation: its partitions' records, and what became of each of their plans in truth."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from random import Random

from consumer.core.record import Plan, Received, Record, Rejection, TopicPartition, Wanted
from consumer.core.request import CreateContact, DeleteContact, HttpRequest, Request, SendEvent, UpdateContact
from consumer.core.terms import DEFAULT_TERMS, Priority, Terms
from tests.sim.mapping import SimulatedMapping, place_under
from tests.sim.scenario import TopicShape
from tests.sim.stories import Stories

__all__ = ["WALL", "Entry", "PartitionLog", "Planned", "Topic", "topic_of"]

WALL = 1_777_629_600.0
"""Seconds since 1970 at the simulation's beginning."""

_MARK = b'"at":"'
_ADDRESS_AT = "contact.example"


@dataclass(slots=True, eq=False)
class Planned:
    """One plan of one record, and what became of it in truth, whatever the replicas know."""

    id: str
    """``topic/partition/offset/number``."""
    tp: TopicPartition
    offset: int
    number: int
    """Its place among the record's plans, under the first version of the mapping."""
    plan: Plan
    lanes: tuple[str, ...] = ()
    stubborn: bool = False
    """It fails as long as there is trouble."""
    refused: bool = False
    """Loops takes nothing of this contact."""
    effects: int = 0
    """How often it took effect at Loops."""
    told: int = 0
    """How often, of an event, an update did that was made of it."""
    same: list[Planned] = field(default_factory=list)
    """Events that bear the same key, it among them, where its rule acts once."""
    deleted_by: Planned | None = None
    """The delete of its contact, before or behind it."""
    settled: bool = False
    """Loops answered that there is nothing to do: a used key, a contact that is there already, or is not there."""
    letters: int = 0
    """How often the broker took a dead letter of it."""
    passed_over: bool = False
    """The client delivers its record late."""
    plans: int = 1
    """How many plans its record has."""

    @property
    def request(self) -> Request | None:
        """What Loops is to be asked; None for a rejection."""
        return None if isinstance(self.plan, Rejection) else self.plan

    @property
    def terms(self) -> Terms:
        """What its rule says of its delivery."""
        return DEFAULT_TERMS if isinstance(self.plan, Rejection) else self.plan.terms

    @property
    def tells(self) -> bool:
        """Whether an update can be made of it where it is not sent: it says more of its contact than ``subscribed``."""
        return isinstance(self.plan, SendEvent) and bool(set(self.plan.contact) - {"subscribed"})

    def is_in(self, mask: int, mapping: int) -> bool:
        """Whether a mask of final plans, under a version of the mapping (its fingerprint), names it."""
        return bool(mask >> place_under(mapping, self.number, self.plans) & 1)


@dataclass(slots=True, eq=False)
class Entry:
    """One record."""

    offset: int
    arrives_s: float
    wanted: Wanted | None = None
    """None where no rule wants it."""
    plans: tuple[Planned, ...] = ()
    excused: bool = False
    """Retention took it before it was read."""
    undelivered: bool = False
    """The client has passed over it, and reads it again only when told to."""
    at_risk: bool = False
    """So has perhaps a commit: whoever crashes before the next one loses it."""
    to_pass_over: bool = False
    """The client will pass over it when it comes to it."""

    def wanted_by(self, mapping: str) -> Wanted | None:
        """What a version of the mapping, named by its digest, makes of it."""
        if self.wanted is None or len(self.plans) == 1:
            return self.wanted
        count = len(self.plans)
        made = sorted(self.plans, key=lambda planned: place_under(mapping, planned.number, count))
        return Wanted(self.wanted.record, tuple(planned.plan for planned in made))


class PartitionLog:
    """The records of one partition in offset order, with gaps."""

    def __init__(self, tp: TopicPartition) -> None:
        """Empty."""
        self.tp = tp
        self.entries: list[Entry] = []
        self.offsets: list[int] = []
        self.visible = 0
        """How many have arrived."""
        self.low = 0
        """What lies below is gone."""

    def add(self, entry: Entry) -> None:
        """One more; it becomes visible by :meth:`arrive`."""
        self.entries.append(entry)
        self.offsets.append(entry.offset)

    def arrive(self, now: float) -> bool:
        """Makes visible what has arrived by now. Returns whether anything was."""
        before = self.visible
        while self.visible < len(self.entries) and self.entries[self.visible].arrives_s <= now:
            self.visible += 1
        return self.visible > before

    def index(self, offset: int) -> int:
        """Of the first entry at or above an offset."""
        return bisect_left(self.offsets, offset)

    def between(self, first: int, end: int) -> list[Entry]:
        """The entries from one offset to below another."""
        return self.entries[self.index(first) : self.index(end)]

    def entry(self, offset: int) -> Entry | None:
        """The record that lies at an offset."""
        index = self.index(offset)
        return self.entries[index] if index < len(self.offsets) and self.offsets[index] == offset else None

    def skip_to_low(self, position: int) -> int:
        """Where reading goes on that stood at ``position``; what retention took on the way is excused."""
        for entry in self.between(position, self.low):
            entry.excused = True
        return max(position, self.low)

    def read(
        self, position: int, records_max: int, mapping: SimulatedMapping, *, by_owner: bool
    ) -> tuple[Received | None, int, list[Entry]]:
        """What a read from ``position`` brings, where the next one begins, and what was passed over on the way.

        ``by_owner``: the reader was not put out of the group.
        """
        start = self.index(position)
        end = min(start + records_max, self.visible)
        if end <= start:
            return None, position, []
        received, passed_over = Received(mapping=mapping.rules.digest), []
        following = -1
        for entry in self.entries[start:end]:
            if entry.to_pass_over and by_owner:
                entry.to_pass_over, entry.undelivered, entry.at_risk = False, True, True
                passed_over.append(entry)
                continue
            entry.undelivered = entry.undelivered and not by_owner
            if entry.offset == following:
                received.runs[-1] = (received.runs[-1][0], entry.offset)
            else:
                received.runs.append((entry.offset, entry.offset))
            following = entry.offset + 1
            received.records += 1
            if (wanted := entry.wanted_by(received.mapping)) is not None:
                received.wanted.append(wanted)
        received.last_timestamp_ms = int((WALL + self.entries[end - 1].arrives_s) * 1000)
        return received, self.offsets[end - 1] + 1, passed_over


@dataclass(slots=True, eq=False)
class Topic:
    """All partitions, and every plan by what its request looks like on the wire."""

    logs: dict[TopicPartition, PartitionLog] = field(default_factory=dict)
    planned: dict[bytes, Planned] = field(default_factory=dict)
    by_body: dict[bytes, Planned] = field(default_factory=dict)
    by_user: dict[str, Planned] = field(default_factory=dict)
    """Those that ask whether their contact is there: each is the only one about its userId."""
    passed_over: dict[TopicPartition, list[Entry]] = field(default_factory=dict)
    """Records that the client fails to deliver once."""

    def planned_of(self, request: HttpRequest) -> Planned | None:
        """Which plan a request is of; None for a probe."""
        body = request.body
        if body is None:
            return self.by_user.get(request.query.get("userId", ""))
        at = body.find(_MARK)
        if at < 0:
            return self.by_body[body]
        at += len(_MARK)
        return self.planned[body[at : body.index(b'"', at)]]

    def all_planned(self) -> list[Planned]:
        """Every plan."""
        return [planned for log in self.logs.values() for entry in log.entries for planned in entry.plans]


def topic_of(shape: TopicShape, random: Random, *, refused: int, stubborn: int) -> Topic:
    """Draws it: ``refused`` and ``stubborn`` are numbers of contacts."""
    topic = Topic()
    tps = [TopicPartition("events", number) for number in range(shape.partitions + shape.added)]
    topic.logs = {tp: PartitionLog(tp) for tp in tps}
    later = set(tps[shape.partitions :])
    contacts = _Contacts(shape, random, refused, stubborn)
    maker = _Maker(shape, random, contacts, Stories(random))
    following = dict.fromkeys(tps, 0)
    arrivals = sorted(random.uniform(0, shape.arrive_over_s) for _ in range(shape.wanted))
    for arrived_s in arrivals:
        contact = random.randrange(shape.contacts)
        tp = tps[contact % len(tps)] if random.random() >= shape.spread else random.choice(tps)
        arrives_s = max(arrived_s, shape.added_at_s) if tp in later else arrived_s
        log = topic.logs[tp]
        for _ in range(random.randint(0, shape.unwanted_max)):
            log.add(Entry(following[tp], arrives_s))
            following[tp] += 1
        if random.random() < shape.gaps:
            following[tp] += random.choice((1, 1, 2, 40))
        entry = maker.entry(tp, following[tp], arrives_s, contact)
        following[tp] += 1
        log.add(entry)
        for planned in entry.plans:
            topic.planned[planned.id.encode()] = planned
    _relate(topic)
    wanted = [(log.tp, entry) for log in topic.logs.values() for entry in log.entries if entry.wanted is not None]
    for tp, entry in random.sample(wanted, shape.undelivered):
        entry.to_pass_over = True
        topic.passed_over.setdefault(tp, []).append(entry)
        for planned in entry.plans:
            planned.passed_over = True
    return topic


def _relate(topic: Topic) -> None:
    """What plans have to do with each other, and how a request without a mark is read back."""
    once: dict[str, list[Planned]] = {}
    deletes: dict[str | None, Planned] = {}
    for planned in topic.planned.values():
        if isinstance(planned.plan, DeleteContact):
            _add_bodies(topic, planned, planned.plan)
            deletes[planned.plan.user_id] = planned
        if planned.terms.once and isinstance(planned.plan, SendEvent):
            planned.same = once.setdefault(planned.plan.idempotency_key, [])
            planned.same.append(planned)
        if planned.request is not None and (planned.terms.unknown_wait_s or planned.terms.unknown_dropped):
            topic.by_user[planned.request.user_id or ""] = planned
    for planned in topic.planned.values():
        if planned.request is not None and not isinstance(planned.plan, DeleteContact):
            planned.deleted_by = deletes.get(planned.request.user_id)


def _add_bodies(topic: Topic, planned: Planned, delete: DeleteContact) -> None:
    for request in (delete, DeleteContact(rule="", email=delete.email, user_id=None, event_time_ms=0)):
        topic.by_body[request.http().body or b""] = planned


class _Contacts:
    """Who there is: each has a userId, an address that may be another's too, and perhaps a fault."""

    def __init__(self, shape: TopicShape, random: Random, refused: int, stubborn: int) -> None:
        count = shape.contacts
        self.users = [f"u{number}" for number in range(count)]
        owners = [random.randrange(count) if random.random() < shape.shared else number for number in range(count)]
        self.emails = [f"c{owner}@{_ADDRESS_AT}" for owner in owners]
        faulty = random.sample(range(count), min(refused + stubborn, count))
        self.refused, self.stubborn = frozenset(faulty[:refused]), frozenset(faulty[refused:])


@dataclass(slots=True)
class _Maker:
    """Makes records."""

    shape: TopicShape
    random: Random
    contacts: _Contacts
    stories: Stories

    def entry(self, tp: TopicPartition, offset: int, arrives_s: float, contact: int) -> Entry:
        """A record that a rule wants, or that cannot be read."""
        random = self.random
        time_ms = int((WALL + arrives_s) * 1000)
        record = Record(*tp, offset, time_ms, None, b"x" * random.randint(1, self.shape.bytes_max))
        if random.random() < self.shape.undecodable:
            made: list[Planned] = [self._rejected(tp, offset, 0, Rejection("undecodable", "not JSON"))]
        else:
            count = random.choice((2, 3)) if random.random() < self.shape.several_rules else 1
            made = [self._planned(tp, offset, number, contact, time_ms) for number in range(count)]
        for one in made:
            one.plans = len(made)
        return Entry(offset, arrives_s, Wanted(record, tuple(one.plan for one in made)), tuple(made))

    def _planned(self, tp: TopicPartition, offset: int, number: int, contact: int, time_ms: int) -> Planned:
        if self.random.random() < self.shape.rejected:
            return self._rejected(tp, offset, number, Rejection("bad_value", "an array", f"r{number}"))
        at = _id(tp, offset, number)
        tells_a_story = self.random.random() < self.shape.stories
        if tells_a_story:
            request = self.stories.request(tp, at, number, time_ms)
        else:
            request = self._request(at, number, contact, time_ms)
        if self.shape.priorities:
            request = replace(request, terms=replace(request.terms, priority=self.random.choice(list(Priority))))
        lanes = (_lane("e", request.email), _lane("u", request.user_id))
        planned = Planned(at, tp, offset, number, request, tuple(name for name in lanes if name is not None))
        if not tells_a_story:
            planned.stubborn = contact in self.contacts.stubborn
            planned.refused = contact in self.contacts.refused and not isinstance(request, DeleteContact)
        return planned

    def _request(self, at: str, number: int, contact: int, time_ms: int) -> Request:
        random, rule = self.random, f"r{number}"
        email, user = self.contacts.emails[contact], self.contacts.users[contact]
        if random.random() < 0.3:
            email = email.upper()
        kind = random.random()
        if kind < 0.05:
            return DeleteContact(rule=rule, email=f"{at}@{_ADDRESS_AT}", user_id=at, event_time_ms=time_ms)
        if kind < 0.1:
            return CreateContact(rule=rule, email=email, user_id=user, event_time_ms=time_ms, contact={"at": at})
        names = random.choice(((email, user), (email, user), (None, user), (email, None)))
        if kind < 0.3:
            return UpdateContact(rule=rule, email=names[0], user_id=names[1], event_time_ms=time_ms, contact={"at": at})
        return SendEvent(
            rule=rule,
            email=names[0],
            user_id=names[1],
            event_time_ms=time_ms,
            event_name="happened",
            idempotency_key=at,
            event={"at": at},
            max_age_s=self.shape.max_age_s if random.random() < 0.33 else None,
        )

    @staticmethod
    def _rejected(tp: TopicPartition, offset: int, number: int, rejection: Rejection) -> Planned:
        return Planned(_id(tp, offset, number), tp, offset, number, rejection)


def _lane(kind: str, name: str | None) -> str | None:
    """What the order is kept of, said a second time: the oracles do not ask the program that they judge."""
    return None if name is None else kind + (name.lower() if kind == "e" else name)


def _id(tp: TopicPartition, offset: int, number: int) -> str:
    return f"{tp.topic}/{tp.partition}/{offset}/{number}"
