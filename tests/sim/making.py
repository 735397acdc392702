"""Draws the topic of a simulation: who there is, and what its records ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from consumer.core.record import Record, Rejection, TopicPartition, Wanted
from consumer.core.request import CreateContact, DeleteContact, Request, SendEvent, UpdateContact
from consumer.core.terms import Priority
from tests.sim.contact import StillContact
from tests.sim.planned import Planned
from tests.sim.scenario import TopicShape
from tests.sim.stories import ADDRESS_AT, STILL_RULE, Stories
from tests.sim.topic import WALL, Entry, PartitionLog, Topic

__all__ = ["topic_of"]


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
            if planned.still is not None:
                planned.still.disturbed = True
    return topic


def _relate(topic: Topic) -> None:
    """What plans have to do with each other, and how a request without a mark is read back."""
    once: dict[str, list[Planned]] = {}
    deletes: dict[str | None, Planned] = {}
    for planned in topic.planned.values():
        if planned.request is not None and planned.request.rule == STILL_RULE:
            _add_still(topic, planned, planned.request)
        elif isinstance(planned.plan, DeleteContact):
            _add_bodies(topic, planned, planned.plan)
            deletes[planned.plan.user_id] = planned
        if planned.terms.once and isinstance(planned.plan, SendEvent):
            planned.same = once.setdefault(planned.plan.idempotency_key, [])
            planned.same.append(planned)
        if planned.request is not None and (planned.terms.unknown_wait_s or planned.terms.unknown_dropped):
            topic.by_user[planned.request.user_id or ""] = (planned,)
    for planned in topic.planned.values():
        if planned.request is not None and not isinstance(planned.plan, DeleteContact):
            planned.deleted_by = deletes.get(planned.request.user_id)


def _add_bodies(topic: Topic, planned: Planned, delete: DeleteContact) -> None:
    for request in (delete, DeleteContact(rule="", email=delete.email, user_id=None, event_time_ms=0)):
        topic.by_body[request.http().body or b""] = (planned,)


def _add_still(topic: Topic, planned: Planned, request: Request) -> None:
    """Its contact's names begin alike, whichever of them it bears."""
    user = request.user_id or (request.email or "").partition("@")[0].lower()
    planned.still = topic.still.setdefault(user, StillContact())
    topic.still[f"{user}@{ADDRESS_AT}"] = planned.still
    planned.still.plans.append(planned)


class _Contacts:
    """Who there is: each has a userId, an address that may be another's too, and perhaps a fault."""

    def __init__(self, shape: TopicShape, random: Random, refused: int, stubborn: int) -> None:
        count = shape.contacts
        self.users = [f"u{number}" for number in range(count)]
        owners = [random.randrange(count) if random.random() < shape.shared else number for number in range(count)]
        self.emails = [f"c{owner}@{ADDRESS_AT}" for owner in owners]
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
        elif random.random() < self.shape.still:
            at = _id(tp, offset, 0)
            made = [_wanted(at, tp, offset, 0, self.stories.still(tp, at, time_ms))]
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
        planned = _wanted(at, tp, offset, number, request)
        if not (tells_a_story or isinstance(request, DeleteContact)):
            planned.stubborn = contact in self.contacts.stubborn
            planned.refused = contact in self.contacts.refused or self.random.random() < self.shape.poisoned
        return planned

    def _request(self, at: str, number: int, contact: int, time_ms: int) -> Request:
        random, rule = self.random, f"r{number}"
        email, user = self.contacts.emails[contact], self.contacts.users[contact]
        if random.random() < 0.3:
            email = email.upper()
        mark = {f"#{at}": 1}
        kind = random.random()
        if kind < 0.05:
            return DeleteContact(rule=rule, email=f"{at}@{ADDRESS_AT}", user_id=at, event_time_ms=time_ms)
        if kind < 0.1:
            return CreateContact(rule=rule, email=email, user_id=user, event_time_ms=time_ms, contact=mark)
        names = (email, user) if random.random() < self.shape.alike else random.choice(((None, user), (email, None)))
        max_age_s = self.shape.max_age_s if random.random() < 0.33 else None
        told = {f"p{random.randrange(3)}": at for _ in range(random.randrange(3))}
        lists = {f"l{random.randrange(2)}": random.random() < 0.5} if random.random() < 0.1 else {}
        if kind < 0.1 + self.shape.updates:
            return UpdateContact(
                rule=rule,
                email=names[0],
                user_id=names[1],
                event_time_ms=time_ms,
                max_age_s=max_age_s,
                contact={**told, **mark},
                lists=lists,
            )
        return SendEvent(
            rule=rule,
            email=names[0],
            user_id=names[1],
            event_time_ms=time_ms,
            max_age_s=max_age_s,
            event_name="happened",
            idempotency_key=at,
            event=mark,
            contact=told,
            lists=lists,
        )

    @staticmethod
    def _rejected(tp: TopicPartition, offset: int, number: int, rejection: Rejection) -> Planned:
        return Planned(_id(tp, offset, number), tp, offset, number, rejection)


def _lane(kind: str, name: str | None) -> str | None:
    """What the order is kept of, said a second time: the oracles do not ask the program that they judge."""
    return None if name is None else kind + (name.lower() if kind == "e" else name)


def _id(tp: TopicPartition, offset: int, number: int) -> str:
    return f"{tp.topic}/{tp.partition}/{offset}/{number}"


def _wanted(at: str, tp: TopicPartition, offset: int, number: int, request: Request) -> Planned:
    lanes = (_lane("e", request.email), _lane("u", request.user_id))
    return Planned(at, tp, offset, number, request, tuple(name for name in lanes if name is not None))
