"""The panels at the overview's top: is it working, in time, and what does it deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from deploy.grafana.panels import About, Query, lines, number, share
from deploy.grafana.runbook import Section
from deploy.grafana.series import bucket, increase, per_second, quantile, recorded, series

__all__ = ["HEAD", "ROWS"]

_RED: Final = "red"
_ORANGE: Final = "orange"
_GREEN: Final = "green"
_BLUE: Final = "blue"

_LOOKS_BACK: Final = "[6h:30s]"
"""How far back pods that are gone are looked for."""
_SEEN_AT: Final = f"max_over_time(max(timestamp({series('build_info')})){_LOOKS_BACK})"
_AIM: Final = 0.99
"""Of the records that a rule wants, those that are to be delivered within 5 minutes."""
_IN_TIME: Final = series("judged_records_total", 'freshness="fresh"')
_JUDGED: Final = series("judged_records_total")
_BUDGET: Final = "0.01"
"""What may come late: what the aim leaves."""
_JUDGED_A_SECOND: Final = recorded("judged_records:rate2m")
_LATE_OTHERWISE: Final = recorded("late_otherwise:rate2m")
"""For another reason than that the limit is short."""

HEAD: Final[Sequence[Builder[Panel]]] = (
    number(
        About(
            "Pods that answer",
            "short",
            Section.ABSENT,
            "Pods whose /metrics was read at the last scrape. 0: all are gone, and nothing is sent; what arrives "
            "waits on the topic. Look at the two figures beside it for how long and for what was left, and at the "
            "pods.",
            4,
            4,
        ),
        f"count({series('build_info')}) or vector(0)",
        (1, _GREEN),
        first=_RED,
        graph=True,
    ),
    number(
        About(
            "Last seen",
            "s",
            Section.ABSENT,
            "How long ago any pod answered, within the last 6 hours; half a minute is usual. Where it grows all pods "
            "are gone, or Prometheus does not reach them.",
            4,
            4,
        ),
        f"time() - {_SEEN_AT}",
        (120, _RED),
    ),
    number(
        About(
            "Left when last seen",
            "short",
            Section.ABSENT,
            "Records that were not finished when a pod answered last. With all pods gone it is what waits at least.",
            4,
            4,
        ),
        f"last_over_time(sum({series('lag_records')}){_LOOKS_BACK})",
        first=_BLUE,
    ),
    number(
        About(
            "Calls that are held back",
            "short",
            Section.LOOPS_UNAVAILABLE,
            "Kinds of calls that wait until Loops takes one again. Above 0: Loops is down or refuses the key. Nothing "
            "is lost, nothing becomes a dead letter; it goes on by itself. Look at Outages on the debug dashboard.",
            4,
            4,
        ),
        f"sum(max by (call) ({series('outage')}))",
        (1, _RED),
        graph=True,
    ),
    number(
        About(
            "Mappings refused",
            "short",
            Section.MAPPING_REFUSED,
            "Pods whose mapping's files hold something that cannot be used. What was in use stays in use. Run "
            "loops-consumer check and test on the files; /status says what is wrong.",
            4,
            4,
        ),
        f"sum({series('mapping_refused')})",
        (1, _ORANGE),
        graph=True,
    ),
    number(
        About(
            "Records lost",
            "short",
            Section.RECORDS_LOST,
            "Records that the topic's retention took before they were read, in the time shown. Anything but 0 is gone "
            "for good: raise the topic's retention, and see why the lag grew.",
            4,
            4,
        ),
        increase(series("records_skipped_by_retention_total"), over="$__range"),
        (1, _RED),
    ),
)
"""Above the first row: what is seen at one look, with all pods gone too."""

_FRESHNESS: Final = (
    number(
        About(
            "Delivered within 5 minutes",
            "percentunit",
            Section.BUDGET_SLOW,
            "Of the records that a rule wants and whose time came in the time shown, those that Loops had within 5 "
            "minutes of being produced. The aim is 99 %. Below it: is the backlog large (Backlog), does more arrive "
            "than the limit allows (The limit), or was Loops down (Calls that are held back)?",
            4,
        ),
        f"{increase(_IN_TIME, over='$__range')} / {increase(_JUDGED, over='$__range')}",
        (0.98, _ORANGE),
        (_AIM, _GREEN),
        first=_RED,
    ),
    number(
        About(
            "Budget left, of 30 days",
            "percentunit",
            Section.BUDGET_SLOW,
            "Of the 1 % of a month's records that may come late, what is left; below 0 it is used up. What is late "
            "for the limit alone does not count. Where it shrinks by a tenth in a day, find out why before anything "
            "else is changed.",
            4,
        ),
        f"1 - sum(avg_over_time({_LATE_OTHERWISE}[30d])) / sum(avg_over_time({_JUDGED_A_SECOND}[30d])) / {_BUDGET}",
        (0.0, _ORANGE),
        (0.5, _GREEN),
        first=_RED,
    ),
    share(
        About(
            "Share within 5 minutes",
            "percentunit",
            Section.BUDGET_FAST,
            "The same at each moment, against the 99 % aimed at. A short dip is an outage or a burst; one that lasts "
            "uses the budget up.",
            8,
        ),
        Query(f"{per_second(_IN_TIME)} / {per_second(_JUDGED)}", "within 5 minutes"),
        _AIM,
    ),
    lines(
        About(
            "Age when delivered",
            "s",
            Section.FRESHNESS,
            "From an event's own time to Loops' answer. Milliseconds where nothing waits. Where the median grows, "
            "everything waits: see Backlog. Where only the 99th percentile does, some contacts or rules wait: see "
            "Lanes.",
            8,
        ),
        Query(quantile(0.5, bucket("event_age_seconds")), "half"),
        Query(quantile(0.95, bucket("event_age_seconds")), "95 %"),
        Query(quantile(0.99, bucket("event_age_seconds")), "99 %"),
        line_at=[(300, _RED)],
    ),
    lines(
        About(
            "How fast the budget burns",
            "suffix: x",
            Section.BUDGET_FAST,
            "Over three windows; at 1 the month's budget lasts a month. Over 5 minutes and an hour at 14.4 (dashed) "
            "it lasts two days and somebody is called. High over 5 minutes alone: it has just begun, or is a spike.",
            12,
            7,
        ),
        *(
            Query(f"max({recorded(f'late_otherwise:ratio{window}')}) / {_BUDGET}", f"over {window}")
            for window in ("5m", "1h", "6h")
        ),
        line_at=[(14.4, _RED)],
    ),
    lines(
        About(
            "Late a second, and why",
            "suffix: rec/s",
            Section.LIMIT_TOO_SMALL,
            "Records that were not delivered within 5 minutes, as soon as that is seen. By the limit: more arrives "
            "than Loops takes, see The limit. For another reason: see what is held back, and Lag in seconds.",
            12,
            7,
        ),
        Query(f"sum({recorded('late_by_limit:rate2m')})", "by the limit"),
        Query(f"sum({_LATE_OTHERWISE})", "for another reason"),
        stacked=True,
    ),
)

_DELIVERY: Final = (
    lines(
        About(
            "Delivered a second, by rule",
            "suffix: rec/s",
            Section.NOTHING_DELIVERED,
            "Records whose requests Loops has taken. Nothing, while something waits: Loops is down, the key is "
            "refused, or the mapping is paused. One rule that stops while others go on: its producer, or its rule, "
            "was changed.",
            12,
        ),
        Query(per_second(series("finished_records_total", 'fate="delivered"'), "rule"), "{{rule}}"),
        stacked=True,
    ),
    lines(
        About(
            "What became of them, a second",
            "suffix: rec/s",
            Section.DELIVERY,
            "Every record that a rule wants, by its fate; those that no rule wants are left out. A rise of stale: "
            "events are older than their rule's max_age when their turn comes. capped: a rule asks for more than its "
            "max_per_hour. dead_lettered has a row below.",
            12,
        ),
        Query(per_second(series("finished_records_total", 'fate!="filtered"'), "fate"), "{{fate}}"),
        stacked=True,
    ),
    lines(
        About(
            "Read a second, by topic",
            "suffix: rec/s",
            Section.DELIVERY,
            "Records read from Kafka. It falls to nothing where the producers are silent, or where partitions are "
            "paused: see Paused partitions on the debug dashboard.",
            12,
            7,
        ),
        Query(per_second(series("received_records_total"), "topic"), "{{topic}}"),
    ),
    lines(
        About(
            "Answers a second",
            "suffix: req/s",
            Section.LOOPS_UNAVAILABLE,
            "What Loops answered. done is taken; throttled is a 429 and costs nothing but a slot; refused is a 400 "
            "and becomes a dead letter; the others are tried again. Requests on the debug dashboard has the reasons.",
            12,
            7,
        ),
        Query(per_second(series("requests_total"), "verdict"), "{{verdict}}"),
        stacked=True,
    ),
)

ROWS: Final[Mapping[str, Sequence[Builder[Panel]]]] = {
    Section.FRESHNESS.value: _FRESHNESS,
    Section.DELIVERY.value: _DELIVERY,
}
"""The panels of each row."""
