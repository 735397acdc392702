"""A pipeline under a test's hand: literal times, records and answers in a line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from consumer.core.completions import Completions, encode
from consumer.core.delivery import Delivery
from consumer.core.effect import Attempt, Commit, Committable, DeadLetter, Effect, Fate, Finished, Letter, Send
from consumer.core.outcome import Outcome, Verdict
from consumer.core.partition import Partition
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Batch, Plan, Received, Record, Rejection, TopicPartition, Wanted
from consumer.core.request import Call, CreateContact, DeleteContact, HttpRequest, SendEvent, UpdateContact, Value
from consumer.core.sharing import Sharing
from consumer.core.terms import DEFAULT_TERMS, Terms
from consumer.core.watermark import Run

T = TypeVar("T")

P0 = TopicPartition("events", 0)
P1 = TopicPartition("events", 1)

DONE = Outcome(Verdict.DONE, "ok", 200)
CONFLICT = Outcome(Verdict.DONE, "conflict", 409)
REFUSED = Outcome(Verdict.REFUSED, "refused", 400, "Invalid email address.")
BUSY = Outcome(Verdict.RETRY, "server_error", 500)
THROTTLED = Outcome(Verdict.THROTTLED, "throttled", 429)
UNAUTHORIZED = Outcome(Verdict.OUTAGE, "unauthorized", 401)
NOT_FOUND = Outcome(Verdict.NOT_FOUND, "not_found", 404)

WALL = 1_777_629_600.0
"""2026-05-01 10:00 UTC; the driver's wall clock at its second 0."""


def sharing_of(policy: Policy, *owned: TopicPartition) -> Sharing:
    """These are all partitions there are, and ours since second 0."""
    sharing = Sharing(policy, {tp: Partition(tp, 1, None, Completions()) for tp in owned}, now=0.0)
    sharing.share_out(owned, now=0.0, wall=WALL)
    return sharing


def send(
    user: str | None = None,
    email: str | None = None,
    *,
    max_age_s: float | None = None,
    age_s: float = 0,
    contact: Mapping[str, Value] | None = None,
    terms: Terms = DEFAULT_TERMS,
) -> SendEvent:
    """A request of rule ``r`` for a contact, of an event that happened ``age_s`` before second 0; on no list."""
    return SendEvent(
        rule="r",
        email=email,
        user_id=user,
        event_name="trialStarted",
        idempotency_key=f"key-{user}",
        event_time_ms=int((WALL - age_s) * 1000),
        max_age_s=max_age_s,
        contact=contact or {},
        lists={"list": True} if contact else {},
        terms=terms,
    )


def update(
    user: str | None,
    email: str | None = None,
    *,
    age_s: float = 0,
    contact: Mapping[str, Value] | None = None,
    lists: Mapping[str, bool] | None = None,
    terms: Terms = DEFAULT_TERMS,
) -> UpdateContact:
    """An update of rule ``u``, of an event that happened ``age_s`` before second 0."""
    return UpdateContact(
        rule="u",
        email=email,
        user_id=user,
        event_time_ms=int((WALL - age_s) * 1000),
        contact={"plan": "pro"} if contact is None else contact,
        lists=lists or {},
        terms=terms,
    )


def create(user: str | None, email: str, *, terms: Terms = DEFAULT_TERMS) -> CreateContact:
    """A create of rule ``c``, of an event that happened at second 0."""
    return CreateContact(
        rule="c", email=email, user_id=user, event_time_ms=int(WALL * 1000), contact={"plan": "pro"}, terms=terms
    )


def delete(user: str | None, email: str | None, *, age_s: float = 0) -> DeleteContact:
    """A delete of rule ``d``, of an event that happened ``age_s`` before second 0."""
    return DeleteContact(rule="d", email=email, user_id=user, event_time_ms=int((WALL - age_s) * 1000))


def unreadable() -> Rejection:
    """What a record that is no event comes to."""
    return Rejection("undecodable", "not JSON")


def none_ends(_: Delivery) -> None:
    """Whatever's turn has come leaves."""


def fates(effects: Iterable[Effect]) -> list[tuple[Fate, str | None]]:
    """What became of single records, and by which rule."""
    return [(finished.fate, finished.rule) for finished in of(Finished, effects) if finished.offset is not None]


def told(offset: int, *runs: Run, partly: Mapping[int, int] | None = None, mapping: int = 0) -> Committable:
    """A committed offset that tells of finished runs beyond it."""
    return Committable(offset, encode(Completions(runs, partly or {}, mapping), offset=offset))


def record(offset: int, partition: TopicPartition = P0, size_bytes: int = 4) -> Record:
    """A record of that size."""
    return Record(*partition, offset, int(WALL * 1000), None, b"x" * size_bytes)


def batch(
    plans: Mapping[int, Iterable[Plan]],
    *,
    last: int,
    partition: TopicPartition = P0,
    first: int = 0,
    mapping: str = "",
) -> Batch:
    """One read from ``first`` to ``last``; ``plans`` says which offsets ``mapping`` (a digest) wants, and for what."""
    wanted = [Wanted(record(offset, partition), tuple(made)) for offset, made in plans.items()]
    return {partition: Received([(first, last)], last - first + 1, wanted, int(WALL * 1000), mapping)}


class Driven:
    """Owns both partitions from second 0, with its quota settled at second 2, where a test begins."""

    def __init__(self, policy: Policy | None = None, committed: int | None = 0) -> None:
        """Jitter is full: every backoff is as long as it can be."""
        self.now = 0.0
        self.pipeline = Pipeline(policy or Policy(), now=0.0, random=lambda: 1.0)
        self.effects: list[Effect] = []
        had = None if committed is None else Committable(committed)
        self.tell("assigned", {P0: had, P1: had}, [P0, P1])
        self.at(2.0)

    def tell(self, what: str, *arguments: object) -> list[Effect]:
        """Tells it and returns what came back; all that ever came back is in ``effects``."""
        effects: list[Effect] = getattr(self.pipeline, what)(*arguments, now=self.now, wall=WALL + self.now)
        self.effects += effects
        return effects

    def at(self, now: float) -> list[Effect]:
        """Goes to a later moment, in steps as the timers ask; returns what came back on the way."""
        came: list[Effect] = []
        while True:
            wait_s = self.pipeline.next_timer(now=self.now)
            if wait_s is None or self.now + wait_s > now:
                break
            self.now += max(wait_s, 1e-6)
            came += self.tell("tick")
        self.now = now
        return came + self.tell("tick")

    def commit(self, effects: Iterable[Effect]) -> list[Effect]:
        """The group takes the commits among these effects."""
        return [came for commit in of(Commit, effects) for came in self.tell("committed", commit.positions)]

    def answer(self, attempt: Attempt, outcome: Outcome = DONE) -> list[Effect]:
        """An attempt's answer."""
        return self.tell("answered", attempt, outcome)


def of(kind: type[T], effects: Iterable[object]) -> list[T]:
    """The effects of one kind."""
    return [effect for effect in effects if isinstance(effect, kind)]


def attempts(effects: Iterable[Effect]) -> list[Attempt]:
    """What was put on the wire."""
    return [effect.attempt for effect in of(Send, effects)]


def requests(effects: Iterable[Effect]) -> list[HttpRequest]:
    """What was put on the wire, but for probes."""
    return [attempt.request for attempt in attempts(effects) if attempt.request.call is not Call.API_KEY]


def probes(effects: Iterable[Effect]) -> list[Attempt]:
    """The probes that were put on the wire."""
    return [attempt for attempt in attempts(effects) if attempt.request.call is Call.API_KEY]


def letters(effects: Iterable[Effect]) -> list[Letter]:
    """The dead letters to be written."""
    return [effect.letter for effect in of(DeadLetter, effects)]
