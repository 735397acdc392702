"""What the demo shows while it runs: read from the consumer's own ``/status`` and ``/metrics``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from consumer.core.effect import Fate
from consumer.core.outcome import Verdict
from consumer.core.request import Call

__all__ = ["ConsumerFigures", "ConsumerPages", "read_figures"]

_WITHIN_S: Final = 2.0
_PREFIX: Final = "loops_consumer_"
_READ: Final = tuple(
    _PREFIX + name for name in ("received_records", "finished_records", "requests", "event_age_seconds")
)
"""All others would take longer to parse than Loops' answers may be late."""
_TEXT: Final = "text/plain; version=0.0.4"
_TAKEN: Final = {Verdict.DONE.value, Verdict.UNCHANGED.value}


@dataclass(frozen=True, slots=True)
class ConsumerFigures:
    """The consumer as it says itself that it stands."""

    received: int = 0
    """Records read."""
    filtered: int = 0
    dead_letters: int = 0
    sent: Mapping[str, int] = field(default_factory=dict)
    """Requests about contacts that Loops took, by call."""
    throttled: int = 0
    """Answers with 429."""
    in_flight: int = 0
    on_wire: int = 0
    rate_used: int = 0
    """Requests within the last second."""
    rate_limit: int = 0
    age_median_s: float | None = None
    """From event to Loops' answer; within the bucket it is drawn as a line. ``None`` before the first."""
    outages: Sequence[str] = ()

    @property
    def waiting(self) -> int:
        """Records whose requests have not left."""
        return max(0, self.in_flight - self.on_wire)


class ConsumerPages:
    """The pages of a consumer's admin port, at ``http://127.0.0.1:<port>``."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        """Reads with ``session``."""
        self.address = f"http://127.0.0.1:{port}"
        self._session = session

    async def ready(self) -> bool:
        """Whether it says that it is."""
        return await self._get("/readyz") is not None

    async def figures(self) -> ConsumerFigures | None:
        """What it shows; ``None`` where it does not answer."""
        status, metrics = await self._get("/status"), await self._get("/metrics")
        return None if status is None or metrics is None else read_figures(orjson.loads(status), metrics.decode())

    async def _get(self, path: str) -> bytes | None:
        timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
        try:
            async with self._session.get(self.address + path, timeout=timeout, headers={"Accept": _TEXT}) as answer:
                return await answer.read() if answer.ok else None
        except (aiohttp.ClientError, TimeoutError):
            return None


def read_figures(status: Mapping[str, Any], metrics: str) -> ConsumerFigures:
    """The figures in a ``/status`` and a ``/metrics`` of about the same moment."""
    lines = "".join(
        line for line in metrics.splitlines(keepends=True) if line.removeprefix("# TYPE ").startswith(_READ)
    )
    families = {family.name.removeprefix(_PREFIX): family for family in text_string_to_metric_families(lines)}
    fates = _sums(families.get("finished_records"), "fate")
    sent: Counter[str] = Counter()
    for sample in _samples(families.get("requests"), "_total"):
        if sample.labels.get("verdict") in _TAKEN and sample.labels.get("call") != Call.API_KEY.value:
            sent[sample.labels.get("call", "")] += int(sample.value)
    return ConsumerFigures(
        received=sum(_sums(families.get("received_records"), "topic").values()),
        filtered=fates[Fate.FILTERED.value],
        dead_letters=fates[Fate.DEAD_LETTERED.value],
        sent={call: count for call, count in sorted(sent.items()) if count},
        throttled=_sums(families.get("requests"), "verdict")[Verdict.THROTTLED.value],
        in_flight=status["in_flight_records"],
        on_wire=status["on_wire"],
        rate_used=status["rate"]["used_last_s"],
        rate_limit=status["rate"]["limit_per_s"],
        age_median_s=_median(_samples(families.get("event_age_seconds"), "_bucket")),
        outages=[f"{outage['call']}: {outage['reason']}" for outage in status["outages"]],
    )


def _samples(family: Metric | None, suffix: str) -> list[Any]:
    return [] if family is None else [sample for sample in family.samples if sample.name.endswith(suffix)]


def _sums(family: Metric | None, label: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for sample in _samples(family, "_total"):
        found[sample.labels.get(label, "")] += int(sample.value)
    return found


def _median(buckets: Iterable[Any]) -> float | None:
    """As Prometheus' ``histogram_quantile(0.5, …)``; what lies beyond the last bound counts as the last bound."""
    counts = sorted((float(bucket.labels["le"]), bucket.value) for bucket in buckets)
    if not counts or not counts[-1][1]:
        return None
    half = counts[-1][1] / 2
    below, count_below = 0.0, 0.0
    for bound, count in counts:
        if count >= half:
            inside = (half - count_below) / (count - count_below)
            return below if bound == float("inf") else below + (bound - below) * inside
        below, count_below = bound, count
    return None
