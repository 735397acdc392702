"""Requests of rules that say something of their delivery, each kind with contacts of its own.

Those of one contact lie in one partition, as a topic's key has it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from consumer.core.record import TopicPartition
from consumer.core.request import CreateContact, DeleteContact, Request, SendEvent, UpdateContact
from consumer.core.terms import Terms
from tests.sim.topic import STILL

__all__ = ["ADDRESS_AT", "BUDGET", "STILL_RULE", "Stories"]

ADDRESS_AT = "contact.example"

STILL_RULE = "q0"
"""Of all that is about contacts judged by what Loops has of them."""

BUDGET = 12
"""Requests an hour of a rule that is bounded."""

_DAY_S = 86_400.0
_ONCE_CONTACTS = 3
"""In each partition: few, so that many events are capped."""

_EVENTS_APART_S = 60.0
"""How much earlier than its record an event of one who leaves may have happened."""

_DELETE_ONE_IN = 4
_MAKER_CHANCE = 0.5
"""That a record about a stranger is one that makes the contact."""

_STILL_CONTACTS = 3
"""In each partition: few, so that they are told the same again."""

_KINDS = ("once", "old", "stranger", "leaver", "budget")


@dataclass(slots=True)
class Stories:
    """Draws them."""

    random: Random
    _strangers: dict[TopicPartition, list[str]] = field(default_factory=lambda: defaultdict(list))
    """UserIds of contacts that Loops does not know, and that nothing makes yet."""
    _leavers: dict[TopicPartition, list[str]] = field(default_factory=lambda: defaultdict(list))
    _deleted: set[str] = field(default_factory=set)

    def request(self, tp: TopicPartition, at: str, number: int, time_ms: int) -> Request:
        """One more, which bears ``at`` wherever it can be read back; ``number`` is its plan's."""
        kind = self.random.choice(_KINDS)
        made: Request = getattr(self, f"_{kind}")(tp, at, number, time_ms)
        return made

    def _once(self, tp: TopicPartition, at: str, number: int, time_ms: int) -> Request:
        """At most one of a contact takes effect, and what the others say of the contact does."""
        user = f"once-{tp.partition}-{self.random.randrange(_ONCE_CONTACTS)}"
        tells = self.random.random() < 0.7
        return SendEvent(
            rule=f"o{number}",
            email=f"{user}@{ADDRESS_AT}",
            user_id=user,
            event_time_ms=time_ms,
            max_age_s=_DAY_S,
            event_name="happened",
            idempotency_key=user,
            event={} if tells else {f"#{at}": 1},
            contact={f"#{at}": 1} if tells else {},
            lists={"list": True},
            terms=Terms(once=True),
        )

    def _old(self, tp: TopicPartition, at: str, number: int, time_ms: int) -> Request:
        """Soon too old, and then told as an update, if there is anything to tell."""
        user = f"old-{tp.partition}-{self.random.randrange(20)}"
        tells = self.random.random() < 0.7
        return SendEvent(
            rule=f"s{number}",
            email=None,
            user_id=user,
            event_time_ms=time_ms,
            max_age_s=self.random.choice((1.0, 5.0, 20.0)),
            event_name="happened",
            idempotency_key=at,
            event={} if tells else {f"#{at}": 1},
            contact={f"#{at}": 1, "subscribed": True} if tells else {"subscribed": True},
            lists={"list": True},
            terms=Terms(stale_update=True),
        )

    def _stranger(self, tp: TopicPartition, at: str, number: int, time_ms: int) -> Request:
        """One that Loops does not know; what makes the contact; or what has to wait behind the first of it."""
        unknown, random = self._strangers[tp], self.random
        user = unknown[-1] if unknown else at
        if unknown and random.random() < _MAKER_CHANCE:
            unknown.pop()
            return self._maker(user, at, number, time_ms)
        terms = Terms()
        if user == at or random.random() < 0.5:
            user, terms = at, Terms(unknown_wait_s=random.choice((4.0, 12.0)))
            terms = Terms(unknown_dropped=True) if random.random() < 0.3 else terms
            unknown.append(user)
        if random.random() < 0.3:
            return UpdateContact(
                rule=f"w{number}", email=None, user_id=user, event_time_ms=time_ms, contact={f"#{at}": 1}, terms=terms
            )
        return SendEvent(
            rule=f"w{number}",
            email=None,
            user_id=user,
            event_time_ms=time_ms,
            event_name="happened",
            idempotency_key=at,
            event={f"#{at}": 1},
            terms=terms,
        )

    def _maker(self, user: str, at: str, number: int, time_ms: int) -> Request:
        kind = self.random.choice((UpdateContact, CreateContact))
        return kind(
            rule=f"m{number}",
            email=f"{user.replace('/', '.')}@{ADDRESS_AT}",
            user_id=user,
            event_time_ms=time_ms,
            contact={f"#{at}": 1},
        )

    def _leaver(self, tp: TopicPartition, at: str, number: int, time_ms: int) -> Request:
        """Of a contact that is deleted once: some of what comes behind that had happened before it."""
        there, random = self._leavers[tp], self.random
        if not there or random.random() < 0.2:
            there.append(f"leaves-{at}")
        user = random.choice(there)
        email = f"{user.replace('/', '.')}@{ADDRESS_AT}"
        if user not in self._deleted and random.randrange(_DELETE_ONE_IN) == 0:
            self._deleted.add(user)
            return DeleteContact(rule=f"d{number}", email=email, user_id=user, event_time_ms=time_ms)
        return UpdateContact(
            rule=f"l{number}",
            email=random.choice((None, email)),
            user_id=user,
            event_time_ms=time_ms - int(random.uniform(0, _EVENTS_APART_S) * 1000),
            contact={f"#{at}": 1},
        )

    def _budget(self, tp: TopicPartition, at: str, number: int, time_ms: int) -> Request:
        """Of a rule that may send so many an hour."""
        return SendEvent(
            rule=f"b{number}",
            email=None,
            user_id=f"budget-{tp.partition}-{self.random.randrange(20)}",
            event_time_ms=time_ms,
            event_name="happened",
            idempotency_key=at,
            event={f"#{at}": 1},
            terms=Terms(max_per_hour=BUDGET),
        )

    def still(self, tp: TopicPartition, at: str, time_ms: int) -> Request:
        """Of a contact that is told little, and mostly what it was told before; now and then it is deleted."""
        random, user = self.random, f"{STILL}{tp.partition}-{self.random.randrange(_STILL_CONTACTS)}"
        email, kind = f"{user}@{ADDRESS_AT}", self.random.random()
        if kind < 0.06:
            return DeleteContact(rule=STILL_RULE, email=email, user_id=user, event_time_ms=time_ms)
        names = (email, user) if random.random() < 0.8 else random.choice(((None, user), (email.upper(), user)))
        told = {name: random.randrange(3) for name in random.choice(("a", "a", "ab", "b"))}
        if kind < 0.8:
            return UpdateContact(rule=STILL_RULE, email=names[0], user_id=names[1], event_time_ms=time_ms, contact=told)
        return SendEvent(
            rule=STILL_RULE,
            email=names[0],
            user_id=names[1],
            event_time_ms=time_ms,
            event_name="happened",
            idempotency_key=at,
            event={f"#{at}": 1},
            contact=told if random.random() < 0.5 else {},
        )
