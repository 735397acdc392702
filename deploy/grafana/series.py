"""How the panels ask: every series by its name in the program's table, and always by what the variables choose."""

from __future__ import annotations

from typing import Final

from consumer.adapters.metrics import BY_NAME, Kind

__all__ = ["JOB", "POD", "bucket", "increase", "per_second", "process", "quantile", "recorded", "series"]

JOB: Final = 'namespace=~"$namespace", job=~"$job"'
"""What chooses series that are told for all pods at once."""
POD: Final = f'{JOB}, instance=~"$instance"'
"""What chooses series of single pods."""

_PREFIX: Final = "loops_consumer_"
_TOPIC: Final = 'topic=~"$topic"'


def series(name: str, where: str = "") -> str:
    """A gauge or counter of the table, by its name without the prefix; ``KeyError`` where the table has no such name.

    ``where`` are further matchers. Where the table gives it a topic, the variable chooses that too.
    """
    topic = _TOPIC if any(label.name == "topic" for label in BY_NAME[name].labels) else ""
    return _selector(f"{_PREFIX}{name}", POD, topic, where)


def bucket(name: str, where: str = "") -> str:
    """The buckets of a histogram of the table; ``ValueError`` where it is none."""
    if BY_NAME[name].kind is not Kind.HISTOGRAM:
        raise ValueError(f"{name} is no histogram")
    return _selector(f"{_PREFIX}{name}_bucket", POD, where)


def process(name: str) -> str:
    """A series that the client library tells of every Python process."""
    return _selector(name, POD)


def recorded(name: str, where: str = "") -> str:
    """What a recording rule tells for all pods of a job at once, by its name without the prefix."""
    return _selector(f"loops_consumer:{name}", JOB, where)


def per_second(counter: str, by: str = "") -> str:
    """Of a counter's selector, how much a second it grows, summed by these labels."""
    return f"{_sum(by)}(rate({counter}[$__rate_interval]))"


def increase(counter: str, by: str = "", over: str = "$__rate_interval") -> str:
    """Of a counter's selector, by how much it grew over a time, summed by these labels."""
    return f"{_sum(by)}(increase({counter}[{over}]))"


def quantile(share: float, histogram: str, by: str = "") -> str:
    """Of the selector of a histogram's buckets, the value that this share of what was observed does not exceed."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {per_second(histogram, labels)})"


def _selector(name: str, *matchers: str) -> str:
    return f"{name}{{{', '.join(matcher for matcher in matchers if matcher)}}}"


def _sum(by: str) -> str:
    return f"sum by ({by}) " if by else "sum"
