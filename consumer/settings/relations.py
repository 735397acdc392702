"""The rules between keys, each of which is good on its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from consumer.settings.addresses import in_the_clear
from consumer.settings.client_files import refused_files
from consumer.settings.properties import refused_properties
from consumer.settings.sections import Settings
from consumer.settings.topics import complaints

__all__ = ["DRAIN_OVER_TIMEOUT_S", "Complaint", "Keys", "broken_relations", "with_real_bound"]

Keys: TypeAlias = tuple[str | int, ...]

DRAIN_OVER_TIMEOUT_S = 5
"""Seconds that a drain must have beyond one request: for the last commit, and for leaving the group."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A rule that does not hold. ``keys`` are all that it compares, the one to complain about first."""

    keys: tuple[Keys, ...]
    message: str
    hint: str | None = None
    of_key: bool = False


def broken_relations(settings: Settings) -> Iterator[Complaint]:
    """Every rule between keys that does not hold."""
    yield from _of_time(settings)
    loops = settings.loops
    rate_per_s = loops.expected_rate_per_s
    if loops.reserve_per_s >= rate_per_s:
        most = f"loops.rate_per_s, which is {rate_per_s}"
        if loops.rate_per_s == "auto":
            most = f"{rate_per_s}, which auto begins with"
        message = f"found {loops.reserve_per_s}; allowed: less than {most}"
        yield Complaint((("loops", "reserve_per_s"), ("loops", "rate_per_s")), message, "nothing would ever be sent")
    kafka = settings.kafka
    topics: Keys = ("kafka", "topics")
    for index, message, hint in complaints(kafka.topics, kafka.dead_letter_topic):
        yield Complaint(((*topics, index), topics, ("kafka", "dead_letter_topic")), message, hint)
    for name, message, hint in refused_properties(kafka.client):
        yield Complaint((("kafka", "client", name),), message, hint, of_key=True)
    for name, message, hint in refused_files(kafka.client_files, kafka.client):
        yield Complaint((("kafka", "client_files", name),), message, hint, of_key=True)
    yield from _of_registry(settings)


def with_real_bound(complaint: Complaint, settings: Settings) -> Complaint:
    """The complaint with the bound that holds beside the other keys, where the key's own is lower."""
    if complaint.keys[0] != ("delivery", "drain_s"):
        return complaint
    least = f"from {settings.loops.timeout_s + DRAIN_OVER_TIMEOUT_S:g} (loops.timeout_s + {DRAIN_OVER_TIMEOUT_S}) to"
    return replace(complaint, message=re.sub(r"from [\d.]+ to", least, complaint.message))


def _of_time(settings: Settings) -> Iterator[Complaint]:
    loops, delivery = settings.loops, settings.delivery
    drain_min_s = loops.timeout_s + DRAIN_OVER_TIMEOUT_S
    if delivery.drain_s < drain_min_s:
        message = (
            f"found {delivery.drain_s:g}; allowed: at least {drain_min_s:g}, "
            f"which is loops.timeout_s ({loops.timeout_s:g}) + {DRAIN_OVER_TIMEOUT_S}"
        )
        yield Complaint((("delivery", "drain_s"), ("loops", "timeout_s")), message)
    if delivery.backoff_min_s > delivery.backoff_max_s:
        message = (
            f"found {delivery.backoff_min_s:g}; allowed: at most delivery.backoff_max_s, "
            f"which is {delivery.backoff_max_s:g}"
        )
        yield Complaint((("delivery", "backoff_min_s"), ("delivery", "backoff_max_s")), message)
    if loops.connect_timeout_s > loops.timeout_s:
        message = f"found {loops.connect_timeout_s:g}; allowed: at most loops.timeout_s, which is {loops.timeout_s:g}"
        yield Complaint((("loops", "connect_timeout_s"), ("loops", "timeout_s")), message)


def _of_registry(settings: Settings) -> Iterator[Complaint]:
    registry = settings.kafka.schema_registry
    above = ("kafka", "schema_registry")
    url, username, password_file = (*above, "url"), (*above, "username"), (*above, "password_file")
    given = [name for name in ("username", "password_file", "ca_file") if getattr(registry, name) is not None]
    if registry.url is None:
        if given:
            message = f"there is none, and {given[0]} is given; allowed: an address, as https://registry:8081"
            yield Complaint((url, (*above, given[0])), message)
        return
    if (registry.username is None) != (registry.password_file is None):
        absent, there = ("password_file", username) if registry.username else ("username", password_file)
        yield Complaint((there,), f"needs {absent} beside it", of_key=True)
    elif registry.username is not None and in_the_clear(registry.url):
        message = f'found "{registry.url}" with a username; allowed: https, or http to this machine alone'
        yield Complaint((url, username), message, "the password would cross the network unencrypted")
