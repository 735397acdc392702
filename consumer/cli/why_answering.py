"""Puts together what the topics, the group, the dead letters and Loops know of a person."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from consumer.adapters.kafka_peek import PeekFailed
from consumer.cli.letter_options import fail
from consumer.cli.why_contacts import LoopsWitness
from consumer.cli.why_letters import letters_of
from consumer.cli.why_topics import Read, Search
from consumer.core.record import Position
from consumer.logs import configure
from consumer.mapping.envelope import NotYet
from consumer.mapping.explaining import Explainer
from consumer.settings import Settings
from consumer.why.account import Account, Accountant, Letter
from consumer.why.answer import Answer

__all__ = ["answer"]


def answer(settings: Settings, search: Search) -> Answer:
    """Asks all of them. Ends the command with a sentence where the topics cannot be read; says so where others fail."""
    undo = configure(sys.stderr, terminal=sys.stderr.isatty(), level="critical")
    loops = LoopsWitness(settings.loops, search.whom)
    letters: Mapping[Position, Sequence[Letter]] = {}
    letters_problem = None
    try:
        loops.identify()
        read = search.read()
        try:
            letters = letters_of(settings.kafka, read.found.records.keys(), search.begin)
        except PeekFailed as failed:
            letters_problem = str(failed)
        contacts = loops.contacts()
    except PeekFailed as failed:
        fail(str(failed))
    finally:
        undo()
    return Answer(
        whom=search.whom,
        coverage=read.coverage,
        mapping=search.mapping,
        found=read.found,
        accounts=_accounts(search, read, letters),
        group=read.group,
        rate_per_s=settings.loops.expected_rate_per_s - settings.loops.reserve_per_s,
        letters_problem=letters_problem,
        contacts=contacts,
        contacts_problem=loops.problem,
    )


def _accounts(search: Search, read: Read, letters: Mapping[Position, Sequence[Letter]]) -> list[Account]:
    explainer = Explainer(search.mapping, search.decoder)
    accountant = Accountant(read.standings, lambda at: letters.get(at, ()), read.backlog.ahead_of)
    clock_ms = round(time.time() * 1000)
    records = sorted(read.found.records.values(), key=lambda record: (record.timestamp_ms, record.position))
    found = []
    for record in records:
        try:
            found.append(accountant.take(explainer.explain(record, clock_ms=clock_ms)))
        except NotYet as waits:
            read.found.not_decoded[str(waits)] += 1
    return found
