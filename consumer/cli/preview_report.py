"""What a preview found, as plain data: for programs, and for the tables that people see. It shows no contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consumer.adapters.kafka_span import Begin, Since
from consumer.adapters.letter_headers import iso
from consumer.cli.reading import Reading
from consumer.core.record import Position
from consumer.mapping.rules import CompiledMapping
from consumer.preview.difference import Difference
from consumer.preview.findings import Findings
from consumer.preview.line import Merging
from consumer.preview.lookalikes import lookalikes
from consumer.preview.pressure import Arrivals, as_they_come
from consumer.preview.tally import Tally

__all__ = ["Other", "Preview", "plain_preview"]

_ASSUMED: Final = (
    "each record handled when it came, one request after the other for a contact, none of which fails, none before"
    " another"
)
_MERGED: Final = (
    "while an update waits as a contact's last, {} of the same identity and partition becomes one with it,"
    " whatever both say"
)
_LIVE_ARRIVALS_MAX: Final = 20_000
"""So many are looked at again while reading goes on; more of them, a second's work, only at the end."""


@dataclass(frozen=True, slots=True)
class Other:
    """The mapping that is compared, and what it does otherwise."""

    file: str
    tally: Tally
    difference: Difference


@dataclass(frozen=True, slots=True)
class Preview:
    """All that the report is made of; it may still grow."""

    topics: Sequence[str]
    mapping: CompiledMapping
    rate_per_s: int
    """What this consumer may use of the team's limit."""
    held_max: int
    """Requests that it holds at once."""
    reading: Reading
    tally: Tally
    findings: Findings
    other: Other | None = None


def plain_preview(found: Preview, *, done: bool = True) -> dict[str, Any]:
    """The whole of it. Until it is ``done``, what takes long is left out."""
    names, rehearsal = found.tally.names, found.findings.rehearsal
    records = found.tally.records
    events = [
        {
            "event": name,
            "records": count,
            "share": _share(count, records),
            "rules": list(names.rules.get(name, ())),
        }
        for name, count in names.counts.most_common()
    ]
    letters = [
        {**letter._asdict(), "records": count, "example": _place(rehearsal.examples[letter])}
        for letter, count in rehearsal.letters.most_common()
    ]
    alike = lookalikes(names.unwanted, found.mapping.rules) if done else []
    return {
        "topics": list(found.topics),
        **_span(found),
        "notes": list(_notes(found)),
        "records": records,
        "events": events,
        "events_of_other_names": names.others,
        "rules": list(_rules(found, records)),
        "dead_letters": letters,
        "requests": _requests(found, done=done),
        "drain": _drain(found),
        "contacts": {"count": found.findings.contacts.count, "exact": found.findings.contacts.is_exact},
        "event_ids_again": {
            "copies": found.findings.repeats.copies,
            "differing": found.findings.repeats.differing,
            "examples": [_place(at) for at in found.findings.repeats.examples],
        },
        "lookalikes": [{**one._asdict(), "records": names.counts[one.name]} for one in alike],
        "difference": None if found.other is None else _difference(found.other),
    }


def _span(found: Preview) -> dict[str, Any]:
    window_s = _window_s(found)
    findings = found.findings
    return {
        "since": found.reading.span.since,
        "first_record_at": iso(findings.first_ms),
        "last_record_at": iso(findings.last_ms),
        "window_s": None if window_s is None else round(window_s, 1),
        "reading_s": round(found.reading.seconds, 2),
        "stopped": found.reading.stopped,
    }


def _window_s(found: Preview) -> float | None:
    """In how much of the topic's time the records came; ``None`` where there is no telling."""
    reading, findings = found.reading, found.findings
    if reading.begin is Begin.NOW:
        return reading.seconds or None
    if isinstance(reading.begin, Since) and not reading.stopped:
        return reading.wall - reading.begin.ms / 1_000
    return (findings.last_ms - findings.first_ms) / 1_000 or None


def _notes(found: Preview) -> Iterator[str]:
    if found.tally.records and not found.reading.by_time:
        yield "the broker knows no offsets by time: all of the topic was read to find what is new enough"
    if found.reading.stopped and found.reading.begin is not Begin.NOW:
        yield "reading stopped before the end; the figures are of what was read"
    arrivals = found.findings.arrivals
    if len(arrivals) < arrivals.count:
        yield f"coalescing and waiting are told from the first {len(arrivals):,} of {arrivals.count:,} requests"
    if found.tally.names.others:
        yield "there are too many event names to tell all of them apart"


def _rules(found: Preview, records: int) -> Iterator[dict[str, Any]]:
    wanted, rehearsal = found.tally.names.wanted, found.findings.rehearsal
    would: dict[str, Counter[str]] = {rule.id: Counter() for rule in found.mapping.rules}
    for (rule_id, what), count in rehearsal.sends.items():
        would[rule_id][what] += count
    letters: Counter[str | None] = Counter()
    for letter, count in rehearsal.letters.items():
        letters[letter.rule] += count
    for rule in found.mapping.rules:
        matches, stale, dead = wanted[rule.id], rehearsal.stale[rule.id], letters[rule.id]
        requests, capped = would[rule.id].total(), rehearsal.capped[rule.id]
        yield {
            "rule": rule.id,
            "would": dict(would[rule.id].most_common()),
            "records": matches,
            "share": _share(matches, records),
            "requests": requests,
            "filtered": matches - requests - stale - capped - dead,
            "stale": stale,
            "capped": capped,
            "dead_letters": dead,
        }


def _requests(found: Preview, *, done: bool) -> dict[str, Any]:
    """How many a second, against the limit. ``None`` stands for what cannot be told, or not yet."""
    count, window_s = found.findings.rehearsal.requests, _window_s(found)
    plain: dict[str, Any] = {
        "count": count,
        "per_s": _per_s(count, window_s),
        "limit_per_s": found.rate_per_s,
        "after_coalescing": None,
        "busiest_minute_per_s": None,
        "waiting_max": None,
        "wait_max_s": None,
        "assumed": _assumed(found.findings.merging),
    }
    arrivals: Arrivals = found.findings.arrivals
    if not done and len(arrivals) > _LIVE_ARRIVALS_MAX:
        return plain
    pressure = as_they_come(arrivals, found.findings.merging, rate_per_s=found.rate_per_s, waiting_max=found.held_max)
    left = round(count * pressure.left / pressure.arrived) if pressure.arrived else 0
    return {
        **plain,
        "after_coalescing": {"count": left, "per_s": _per_s(left, window_s)},
        "busiest_minute_per_s": round(pressure.busiest / min(max(window_s or 60, 1), 60), 4),
        "waiting_max": pressure.waiting_max,
        "wait_max_s": round(pressure.wait_max_s, 1),
    }


def _assumed(merging: Merging) -> str:
    """What the figures rest on, in words; nothing merges but what the settings merge."""
    next_ones = " or ".join(
        name for name, merges in (("update", merging.updates), ("event", merging.into_events)) if merges
    )
    merged = _MERGED.format(f"the next {next_ones}") if next_ones else "nothing is merged"
    return f"{_ASSUMED}; {merged}"


def _drain(found: Preview) -> dict[str, Any]:
    requests = found.findings.backlog.requests
    return {"requests": requests, "seconds": round(requests / found.rate_per_s, 1)}


def _difference(other: Other) -> dict[str, Any]:
    difference = other.difference
    changes = [
        {
            **change._asdict(),
            "members": list(change.members),
            "records": count,
            "examples": [_place(at) for at in difference.examples[change]],
        }
        for change, count in difference.changes.most_common()
    ]
    return {
        "other": other.file,
        "records": difference.records,
        "changes": changes,
        "further_changes": difference.others,
    }


def _per_s(count: int, window_s: float | None) -> float | None:
    return None if not window_s else round(count / window_s, 4)


def _share(count: int, records: int) -> float:
    return round(count / records, 6) if records else 0.0


def _place(at: Position) -> str:
    return f"{at.topic}:{at.partition}:{at.offset}"
