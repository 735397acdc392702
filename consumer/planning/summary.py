"""What a simulation came to, as plain data for a program and for the tables of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from consumer.core.terms import Priority
from consumer.planning.course import Course
from consumer.planning.figures import backlog, standing, use, waiting, waits
from consumer.planning.setting import Setting

__all__ = ["SETTLE_S", "summary"]

_DECIMALS = 3

SETTLE_S = 15.0
"""Seconds at the beginning in which replicas join and learn; what is used while records wait is told without them."""


def summary(setting: Setting, course: Course) -> dict[str, Any]:
    """JSON's types alone; seconds from the beginning; numbers with three decimals."""
    whole = use(course, 0.0, setting.for_s)
    records = len(course.produced_s)
    found = {
        "limit_per_s": setting.limit_per_s,
        "replicas": setting.replicas,
        "partitions": setting.partitions,
        "window": setting.way.value,
        "reserve_per_s": setting.policy.reserve_per_s,
        "starvation_s": setting.policy.starvation_s,
        "jitter_ms": round(setting.jitter_s * 1000),
        "for_s": setting.for_s,
        "seed": setting.seed,
        "records": {"produced": records, "per_s": records / setting.for_s, "delivered": len(course.delivered)},
        "requests": {
            "accepted": whole.admitted,
            "per_s": whole.admitted / setting.for_s,
            "used_percent": whole.used_percent(setting.limit_per_s),
            "used_percent_while_waiting": _used_while_waiting(setting, course),
            "refused": whole.refused,
            "refused_per_1000": whole.refused_per_1000,
        },
        "waits": list(_waits(setting, course)),
        "backlog": _backlog(setting, course),
        "commits_per_s": course.commits / setting.for_s,
    }
    return {name: _rounded(value) for name, value in found.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, Mapping):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


def _backlog(setting: Setting, course: Course) -> dict[str, Any]:
    found = backlog(course, setting.for_s, setting.limit_per_s)
    return {
        "most": found.most,
        "at_end": found.at_end,
        "drained_s": found.drained_s,
        "arrived_per_s": found.arrived_per_s,
        "left_per_s": found.left_per_s,
        "drains_in_s": found.drains_in_s,
    }


def _waits(setting: Setting, course: Course) -> Iterator[Mapping[str, Any]]:
    """Of what has left, and what still waits, which has waited for ``oldest_s`` at most."""
    for priority in Priority:
        found = waits(one.waited_s for one in course.delivered if one.priority is priority)
        still = standing(course, priority, setting.for_s)
        if found.count or still.count:
            yield {
                "priority": priority.name.lower(),
                "records": found.count,
                "median_s": found.median_s if found.count else None,
                "p99_s": found.p99_s if found.count else None,
                "longest_s": found.longest_s if found.count else None,
                "waiting": still.count,
                "oldest_s": still.oldest_s,
            }


def _used_while_waiting(setting: Setting, course: Course) -> float | None:
    """Of the limit, in the seconds at whose both ends more waited than a second takes; None where there are none."""
    waits_there = waiting(course, setting.for_s)
    busy = {
        second
        for second in range(max(1, int(SETTLE_S)), len(waits_there))
        if min(waits_there[second - 1 : second + 1]) >= setting.limit_per_s
    }
    if not busy:
        return None
    taken = sum(1 for one in course.counted if one.admitted and int(one.at_s) in busy)
    return 100 * taken / (len(busy) * setting.limit_per_s)
