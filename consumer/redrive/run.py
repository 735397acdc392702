"""Builds a redrive and runs it: the same runner and pipeline as the consumer's, between other edges."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from consumer.adapters.dead_letters import KafkaLetters
from consumer.adapters.letter_marks import KafkaMarks
from consumer.adapters.letter_reading import StoredLetter
from consumer.adapters.schema_registry import registry_decoder
from consumer.app import api_of, listen_for_signals, policy_of
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Position, TopicPartition
from consumer.core.rules import Rules
from consumer.logs import log_loop_error
from consumer.mapping.again import Again
from consumer.mapping.rules import CompiledMapping
from consumer.redrive.contacts import KnownContacts
from consumer.redrive.hand import Hand, Tally
from consumer.redrive.letters import LettersAgain
from consumer.redrive.pace import PacedLoops
from consumer.redrive.planning import Planner
from consumer.redrive.reading import with_values
from consumer.redrive.source import Letters, LetterSource
from consumer.redrive.watching import Watcher
from consumer.runner import CLOSING_S, Clock, Ports, Runner
from consumer.settings import HeldKey, Settings

__all__ = ["Redrive"]

_ON_WIRE_MAX = 10
"""Attempts under way where the settings leave it open; those of a share wait for their turn among themselves."""

_REQUESTS_MAX = 3
"""Of one attempt: a question by each of a contact's two identifiers, and the call."""

_MARGIN_S = 5.0
"""For what waits for its turn, and for the last marks."""

_UNDECODABLE_PER_MIN = 1_000_000
"""Letters that cannot be read were chosen by hand: here their rate says nothing of the topic's format."""


@dataclass(frozen=True, slots=True)
class Redrive:
    """One redrive of letters that a survey found."""

    settings: Settings
    mapping: CompiledMapping
    key: HeldKey
    requests_per_s: int
    """Over all that it asks of Loops."""
    asks: bool
    """Whether Loops is asked for each contact before something is sent that would create it."""
    send_stale: bool

    def run(
        self,
        partitions: Sequence[TopicPartition],
        chosen: Sequence[StoredLetter],
        tally: Tally,
        changed: Callable[[], None],
    ) -> bool:
        """Redrives them; ``partitions`` are all of their topic. Returns whether it came to its end by itself.

        SIGINT and SIGTERM end it early: what is on its way is finished and marked, and a second one ends the process.
        ``changed`` is called when the tally may have. Raises :class:`~consumer.runner.RunnerFailed`.
        """
        try:
            return asyncio.run(self._run(partitions, [letter.at for letter in chosen], tally, changed))
        finally:
            tally.leave_rest(chosen)

    async def _run(
        self,
        partitions: Sequence[TopicPartition],
        chosen: Sequence[Position],
        tally: Tally,
        changed: Callable[[], None],
    ) -> bool:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(log_loop_error)
        loops, kafka = self.settings.loops, self.settings.kafka
        hand = Hand(tally)
        ending = _Ending()
        chance = random.SystemRandom().random
        client = api_of(loops, self.key, version("loops-consumer"))
        api = PacedLoops(client, self.requests_per_s, now=loop.time, random=chance)
        letters = Letters(tuple(partitions), lambda: with_values(kafka, chosen))
        decoder = registry_decoder(kafka.schema_registry, patient=True)
        planner = Planner(Again(self.mapping, decoder), send_stale=self.send_stale)
        source = LetterSource(letters, planner, KafkaMarks(kafka), hand, wall=time.time, ended=ending.reached)
        again = LettersAgain(KafkaLetters(kafka, loop), hand, loop)
        gate = KnownContacts(api, wall=time.time) if self.asks else None
        policy = _policy(self.settings, self.requests_per_s, asks=self.asks)
        rules = Rules(self.mapping.digest)
        pipeline = Pipeline(policy, now=loop.time(), random=chance, rules=rules)
        ports = Ports(source, api, again, Watcher(hand, changed), gate)
        drain_s = max(self.settings.delivery.drain_s, _REQUESTS_MAX * loops.timeout_s + CLOSING_S + _MARGIN_S)
        runner = ending.runner = Runner(pipeline, ports, Clock(loop.time, time.time), drain_s=drain_s)
        listen_for_signals(loop, runner.stop)
        await runner.run()
        return ending.is_reached


class _Ending:
    """Stops the runner once nothing is left to do."""

    def __init__(self) -> None:
        self.runner: Runner | None = None
        self.is_reached = False

    def reached(self) -> None:
        self.is_reached = True
        if self.runner is not None:
            self.runner.stop()


def _policy(settings: Settings, requests_per_s: int, *, asks: bool) -> Policy:
    """The consumer's own, but for what is about a share of the rate and about records that cannot be read.

    No request is saved: each letter comes to an end of its own, and its marks hold no refusals. What paces
    requests is :class:`PacedLoops`; this rate is that of attempts, which make two where Loops is asked.
    """
    policy = policy_of(settings)
    return replace(
        policy,
        rate_per_s=math.ceil(requests_per_s / 2) if asks else requests_per_s,
        reserve_per_s=0,
        demand_every_s=math.inf,
        on_wire_max=policy.on_wire_max or _ON_WIRE_MAX,
        merge_updates=False,
        merge_into_events=False,
        unchanged_for_s=0.0,
        undecodable_per_min=_UNDECODABLE_PER_MIN,
    )
