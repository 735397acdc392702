"""What the status comes to, in a person's words: what is wrong, how bad that is, and how long things take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from consumer.status import LoadState, MappingStatus, OutageStatus, SourceState, SourceStatus, Status

__all__ = ["PAUSED_AS", "POLL_AGE_MAX_S", "STATES", "Notice", "Tone", "duration", "notices", "number"]

POLL_AGE_MAX_S: Final = 120.0
"""Seconds without a poll after which the Kafka thread counts as stuck: above everything it may wait for (a revoke, a
drain), well below the 300 s after which the group itself takes the member for dead (``max.poll.interval.ms``)."""

_OTHERS_MIN_PER_S: Final = 0.5
"""Below that what other programs seem to take is the noise of counting."""

_LETTER_NEW_S: Final = 3_600.0
"""Seconds for which a dead letter is said first of all; how many there were is shown for good."""

PAUSED_AS: Final = {
    "full": "as much is in flight as may be",
    "dead_letters": "the broker does not take its dead letters",
    "undecodable": "too many of its records cannot be read",
    "mapping_paused": "the mapping is paused",
    "draining": "the program stops",
}
"""Why a partition is not read, by ``Pause.reason``."""

STATES: Final = {
    LoadState.KEEPING_UP: "Keeping up: what waits leaves within ten seconds",
    LoadState.CATCHING_UP: "Catching up: more waits than that, and less arrives than may leave",
    LoadState.OVERLOADED: "Overloaded: more arrives than may leave",
    LoadState.HELD: "Nothing leaves for now",
}
"""How the replica stands with its part of the limit."""

_OUTAGES: Final = {
    "unauthorized": "Loops refuses the key (401)",
    "forbidden": "Loops refuses the key (403)",
    "no_such_page": "Loops' API is not where loops.base_url says (404)",
    "method_not_allowed": "Loops' API is not where loops.base_url says (405)",
    "redirected": "Loops' API is not where loops.base_url says (it redirects)",
    "connect_failed": "Loops cannot be reached",
    "timeout": "Loops does not answer in time",
    "connection_broken": "the connection to Loops breaks",
    "server_error": "Loops fails (5xx)",
}


class Tone(IntEnum):
    """How bad something is; the worst is the highest."""

    GOOD = 0
    SLOW = 1
    BAD = 2


class Notice(NamedTuple):
    """One sentence, without its full stop."""

    tone: Tone
    text: str


def duration(seconds: float | None) -> str:
    """A length of time, roughly; ``unknown`` where there is none."""
    if seconds is None:
        return "unknown"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f}".removesuffix(".0") + " s"


def number(value: float | None) -> str:
    """A number with its thousands apart; ``unknown`` where there is none."""
    return (
        "unknown" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")
    )


def notices(status: Status) -> list[Notice]:
    """All that a person should know at once, the worst first; empty where all is well."""
    found = [*_of_source(status.source), *_of_mapping(status.mapping), *_of_outages(status.outages), *_of_load(status)]
    letters = status.dead_letters
    if letters.last_ago_s is not None and letters.last_ago_s < _LETTER_NEW_S:
        about = f"the last {duration(letters.last_ago_s)} ago: {letters.last_reason}"
        found.append(Notice(Tone.SLOW, f"Dead letters since the start: {number(letters.count)}, {about}"))
    paused = Counter(reason for partition in status.partitions for reason in partition.paused)
    for reason, count in paused.items():
        if reason not in {"mapping_paused", "draining"}:
            tone = Tone.SLOW if reason == "full" else Tone.BAD
            found.append(Notice(tone, f"{_partitions(count)} not read: {PAUSED_AS.get(reason, reason)}"))
    return sorted(found, key=lambda notice: -notice.tone)


def _of_source(source: SourceStatus) -> Iterator[Notice]:
    if source.poll_age_s > POLL_AGE_MAX_S:
        yield Notice(Tone.BAD, f"The Kafka thread has not polled for {duration(source.poll_age_s)}: it is stuck")
    because = f": {source.waits_for}" if source.waits_for else ""
    match source.state:
        case SourceState.FAILED:
            yield Notice(Tone.BAD, f"The Kafka thread has failed{because}")
        case SourceState.STARTING | SourceState.JOINING:
            yield Notice(Tone.SLOW, f"It has not joined the group yet{because}")
        case SourceState.DRAINING | SourceState.CLOSED:
            yield Notice(Tone.SLOW, "It stops: nothing new leaves")
        case _ if source.waits_for:
            yield Notice(Tone.SLOW, f"The Kafka thread waits{because}")
    for count, what in (
        (source.records_skipped_by_retention, "records were gone before they were read: the topic's retention"),
        (source.positions_lost, "times a position was not on the broker any more"),
        (source.records_missed, "times a record was found missing; all after it was read again"),
        (source.callback_errors, "faults of this program in a callback of the client"),
    ):
        if count:
            yield Notice(Tone.BAD, f"Since the start, {number(count)} {what}")


def _of_mapping(mapping: MappingStatus) -> Iterator[Notice]:
    if not mapping.digest:
        yield Notice(Tone.BAD, "There is no valid mapping")
    if mapping.refused:
        yield Notice(
            Tone.BAD, "What the mapping's files hold now is refused, as is said below; the one before it is in use"
        )
    if mapping.paused:
        yield Notice(Tone.SLOW, "The mapping is paused: nothing is read and nothing new leaves")


def _of_outages(outages: tuple[OutageStatus, ...]) -> Iterator[Notice]:
    for reason in dict.fromkeys(outage.reason for outage in outages):
        since_s = max(outage.since_s for outage in outages if outage.reason == reason)
        yield Notice(Tone.BAD, f"{_OUTAGES.get(reason, f'Loops does not take it: {reason}')}, for {duration(since_s)}")


def _of_load(status: Status) -> Iterator[Notice]:
    load, rate = status.load, status.rate
    if load.state is LoadState.OVERLOADED:
        asked = (
            f"{number(load.arriving_per_s)} requests a second arrive for {number(load.allowed_per_s)} that may leave"
        )
        yield Notice(Tone.SLOW, f"{asked}; the rules below say who uses the limit up")
    if load.state is LoadState.HELD and not status.outages and not status.mapping.paused:
        yield Notice(Tone.SLOW, "This replica has no part of the team's limit for now")
    if rate.taken_by_others_per_s >= _OTHERS_MIN_PER_S:
        others = f"{number(rate.taken_by_others_per_s)} requests a second"
        yield Notice(Tone.SLOW, f"Other programs take {others} of the team's limit")


def _partitions(count: int) -> str:
    return "1 partition is" if count == 1 else f"{number(count)} partitions are"
