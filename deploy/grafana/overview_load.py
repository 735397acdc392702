"""The panels of the overview's rows on what waits, on the limit, and on what could not be delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from deploy.grafana.panels import About, Query, lines, list_of, number
from deploy.grafana.runbook import Section
from deploy.grafana.series import increase, per_second, series

__all__ = ["ROWS"]

_ORANGE: Final = "orange"
_RED: Final = "red"

_BACKLOG: Final = (
    lines(
        About(
            "Lag in seconds, by topic",
            "s",
            Section.BACKLOG,
            "Age of the oldest record that is not finished. Where it grows without end, more arrives than the limit "
            "allows, or nothing leaves: see The limit, and what is held back.",
            6,
        ),
        Query(f"max by (topic) ({series('lag_seconds')})", "{{topic}}"),
    ),
    lines(
        About(
            "Of the retention",
            "percentunit",
            Section.LAG_NEAR_RETENTION,
            "The same age, of how long the topic keeps a record. At 100 % records are deleted before they are read; "
            "at half (dashed) and growing somebody is called: raise retention.ms first, then find out why.",
            6,
        ),
        Query(
            f"max by (topic) ({series('lag_seconds')}) / max by (topic) ({series('retention_seconds')})", "{{topic}}"
        ),
        line_at=[(0.5, _RED)],
    ),
    lines(
        About(
            "Lag in records, by topic",
            "short",
            Section.BACKLOG,
            "Records from the watermark to the end. Most of them no rule wants: the panel beside it says what they "
            "come to.",
            6,
        ),
        Query(f"sum by (topic) ({series('lag_records')})", "{{topic}}"),
    ),
    lines(
        About(
            "Requests that wait",
            "short",
            Section.BACKLOG,
            "Received and not sent, by rule, and what the records not read yet will come to. Where one rule is most "
            "of it, is its where too wide, or may its priority be low?",
            6,
        ),
        Query(f"sum by (rule) ({series('waiting_requests')})", "{{rule}}"),
        Query(f"sum({series('unread_requests')})", "not read yet"),
        stacked=True,
    ),
    lines(
        About(
            "Time to drain",
            "s",
            Section.BACKLOG,
            "Until nothing waits, by the slowest pod: all, at the allowed rate less what arrives (empty: never, at "
            "these rates), and what is in memory alone. Where it is too long, see the runbook for what can be sent "
            "less or later.",
            12,
        ),
        Query(f"max({series('backlog_drain_seconds')}) < +Inf", "all that waits"),
        Query(f"max({series('time_to_drain_seconds')}) < +Inf", "in memory"),
    ),
    lines(
        About(
            "Oldest that waits, by priority",
            "s",
            Section.BACKLOG,
            "How long the oldest ready request has been ready. high should stay near 0 in a backlog; where it does "
            "not, more than half of the limit is urgent: raise delivery.starvation_s, or lower some rule's priority.",
            12,
        ),
        Query(f"max by (priority) ({series('oldest_priority_wait_seconds')})", "{{priority}}"),
    ),
)

_LIMIT: Final = (
    number(
        About(
            "Of the limit in use",
            "percentunit",
            Section.LIMIT_TOO_SMALL,
            "Requests that leave, of those that Loops allows the team. Near 100 % for long, with a backlog that "
            "grows: the limit is too small for what arrives.",
            4,
        ),
        f"{per_second(series('sent_requests_total'))} / max({series('rate_limit_requests_per_second')})",
        (0.9, _ORANGE),
        graph=True,
    ),
    lines(
        About(
            "Use of the limit, by rule",
            "suffix: req/s",
            Section.LIMIT_TOO_SMALL,
            "Requests that leave, against what the team's limit leaves us and what new records want. Arriving above "
            "the limit for long: the backlog only grows. Without a rule are probes of an outage.",
            10,
        ),
        Query(per_second(series("sent_requests_total"), "rule"), "{{rule}}"),
        Query(f"max({series('rate_limit_requests_per_second')})", "limit"),
        Query(f"max({series('rate_reserve_requests_per_second')})", "left to others"),
        Query(f"sum({series('arriving_requests_per_second')})", "arriving"),
    ),
    lines(
        About(
            "Pods by how they stand",
            "short",
            Section.LIMIT_TOO_SMALL,
            "keeping_up: what waits leaves within 10 s. catching_up: more waits, and it shrinks. overloaded: more "
            "arrives than may leave. held: nothing leaves, as in an outage or with a paused mapping.",
            10,
        ),
        Query(f"sum by (state) ({series('load_state')})", "{{state}}"),
        stacked=True,
    ),
    lines(
        About(
            "Taken by others",
            "suffix: req/s",
            Section.LIMIT_TAKEN,
            "What programs that are not of this group take of the team's limit, at least. Where it is not 0, find who "
            "else uses a key of the team, and set loops.reserve_per_s to its busiest second.",
            12,
            6,
        ),
        Query(f"max({series('limit_taken_by_others')})", "taken by others"),
    ),
    lines(
        About(
            "Requests saved",
            "suffix: req/s",
            Section.LIMIT,
            "What needed not be sent, as a later update or event told it, or as it was unchanged. It rises with a "
            "backlog. Nothing saved in a backlog of updates: are delivery.merge.updates and into_events on?",
            12,
            6,
        ),
        Query(per_second(series("requests_saved_total"), "by"), "{{by}}"),
        stacked=True,
    ),
)

_LETTERS: Final = (
    number(
        About(
            "Dead letters",
            "short",
            Section.LETTERS_APPEAR,
            "Records that became dead letters in the time shown. Each is a message that somebody did not get: look at "
            "them with loops-consumer dead-letters list, mend the cause, and redrive them.",
            4,
        ),
        increase(series("finished_records_total", 'fate="dead_lettered"'), over="$__range"),
        (1, _ORANGE),
    ),
    lines(
        About(
            "Dead letters, by rule",
            "short",
            Section.LETTERS_APPEAR,
            "As they appear. One rule alone: its expressions, or what Loops refuses of it. Without a rule: the "
            "records cannot be read, so the format in the mapping, or the producer, is wrong.",
            7,
        ),
        Query(increase(series("finished_records_total", 'fate="dead_lettered"'), "rule"), "{{rule}}"),
        stacked=True,
    ),
    list_of(
        About(
            "Dead letters, by stage and reason",
            "short",
            Section.LETTERS_APPEAR,
            "decode: it cannot be read. map: a rule makes no request of it. deliver: Loops refuses it, it failed too "
            "often, or its rule let it go no further. The reason says which; dead-letters list has each.",
            7,
        ),
        f"{increase(series('dead_letters_total'), 'stage, reason', over='$__range')} > 0",
        ("stage", "reason"),
        "letters",
    ),
    lines(
        About(
            "Not confirmed",
            "short",
            Section.LETTERS,
            "Dead letters that the broker has not confirmed. They hold their partitions' commits. Where it stays "
            "above 0: does the dead-letter topic exist, may the consumer write to it, does it take 1 MB records?",
            6,
        ),
        Query(f"sum({series('unconfirmed_letters')})", "not confirmed"),
    ),
)

ROWS: Final[Mapping[str, Sequence[Builder[Panel]]]] = {
    Section.BACKLOG.value: _BACKLOG,
    Section.LIMIT.value: _LIMIT,
    Section.LETTERS.value: _LETTERS,
}
"""The panels of each row."""
