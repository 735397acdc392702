"""``loops-consumer check --live``: the mapping held against the team at Loops that the key belongs to."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from consumer.adapters.loops_calls import LoopsCalls
from consumer.adapters.mapping_folder import MappingFolder, text_of
from consumer.cli.asking import asked
from consumer.core.request import Call
from consumer.documents import Path
from consumer.faults import Fault
from consumer.logs import configure
from consumer.mapping.live_check import LiveCheck, Team, check_live
from consumer.mapping.parts import read_parts
from consumer.mapping.rule import ANY, Rule
from consumer.mapping.rules import CompiledMapping
from consumer.settings import Settings

__all__ = ["Live", "plain_live", "told_live", "with_team"]


class Live(NamedTuple):
    """What the team's answers come to."""

    team: str
    """Its name."""
    known: Mapping[str, tuple[int, int]]
    """Of contact properties, lists and events: how many the mapping names, and how many of them Loops knows."""
    found: LiveCheck


def with_team(settings: Settings, mapping: CompiledMapping) -> Live:
    """Asks Loops, a few calls a second. Raises ``CallFailed`` where it does not answer as it should."""
    undo = configure(sys.stderr, terminal=sys.stderr.isatty(), level="critical")
    try:
        name, team = asyncio.run(asked(settings.loops, "check", lambda calls: _team(calls, mapping)))
    finally:
        undo()
    found = check_live(mapping, team, _Places(settings.mapping))
    named = _named(mapping)
    have: Mapping[str, Iterable[str]] = {
        "contact properties": team.properties,
        "lists": team.lists,
        "events": team.events,
    }
    return Live(name, {what: (len(named[what]), len(named[what] & set(have[what]))) for what in named}, found)


def told_live(live: Live) -> str:
    """How much of what the mapping names is there, for people, in a line; empty where it names nothing."""
    return ", ".join(f"{known} of {count} {what}" for what, (count, known) in live.known.items() if count)


def plain_live(live: Live) -> dict[str, Any]:
    """The same for programs."""
    counts = {what.replace(" ", "_"): {"named": count, "known": known} for what, (count, known) in live.known.items()}
    return {"team": live.team, **counts}


async def _team(calls: LoopsCalls, mapping: CompiledMapping) -> tuple[str, Team]:
    name = await calls.api_key()
    properties = {one.key: one.kind for one in await calls.contact_properties()}
    lists = {one.id: one.name for one in await calls.lists()}
    events = {}
    for event in sorted(_named(mapping)["events"]):
        if (found := await calls.event_properties(event)) is not None:
            events[event] = found
    is_known = _named(mapping)["events"] <= events.keys()
    names = frozenset(events) if is_known else frozenset(await calls.event_names())
    return name, Team(properties, lists, events, names)


def _named(mapping: CompiledMapping) -> dict[str, set[str]]:
    rules = mapping.rules
    return {
        "contact properties": {name for rule in rules for name in rule.members.get("contact", ())} - {ANY},
        "lists": {name for rule in rules for name in rule.members.get("lists", ())} - {ANY},
        "events": {rule.event_name for rule in rules if rule.call is Call.SEND},
    }


class _Places:
    """Where the rules stand in the mapping's files."""

    def __init__(self, mapping: FilePath) -> None:
        parts = read_parts(text_of(mapping), str(mapping), MappingFolder(mapping.parent))
        self._rules = {rule.name: (part.document, index) for part in parts for index, rule in enumerate(part.rules)}

    def fault(self, rule: Rule, keys: Path, message: str, hint: str | None = None, *, of_key: bool = False) -> Fault:
        document, index = self._rules[rule.name]
        return document.fault(("rules", index, *keys), message, hint=hint, of_key=of_key)
