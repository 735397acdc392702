"""The panels of the debug dashboard that look towards Loops: requests, the pacer, and lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from deploy.grafana.panels import About, Query, heat, lines, states
from deploy.grafana.runbook import Section
from deploy.grafana.series import bucket, increase, per_second, quantile, series

__all__ = ["ROWS"]

_RED: Final = "red"
_DURATION: Final = bucket("request_duration_seconds")
_WAIT: Final = bucket("pacer_wait_seconds")

_REQUESTS: Final = (
    lines(
        About(
            "Outcomes",
            "suffix: req/s",
            Section.REQUESTS,
            "Every answer, by verdict and reason. conflict is an event that Loops has already: usual after a crash. "
            "unauthorized or forbidden: the key. bad_body or unexpected_status: something between us and Loops "
            "answers.",
            12,
        ),
        Query(per_second(series("requests_total"), "verdict, reason"), "{{verdict}}: {{reason}}"),
        stacked=True,
    ),
    heat(
        About(
            "Latency",
            "s",
            Section.LOOPS_UNAVAILABLE,
            "From sending to the end of the answer: how many requests took how long. A second band above the usual "
            "one is a part of Loops, or of the way there, that is slow. What reaches loops.timeout_s is tried again.",
            12,
        ),
        increase(_DURATION, "le"),
    ),
    lines(
        About(
            "Latency, by call",
            "s",
            Section.LOOPS_UNAVAILABLE,
            "95 of 100 requests take no longer; points are single requests with their trace, where tracing is on. At "
            "a latency of over a second the requests on the wire bound the rate: see On the wire.",
        ),
        Query(f"{quantile(0.95, _DURATION, 'call')} >= 0", "{{call}}, 95 %", exemplars=True),
        Query(quantile(0.5, _DURATION), "all, half"),
    ),
    lines(
        About(
            "Retries",
            "suffix: req/s",
            Section.REQUESTS,
            "Attempts that will be made again. Those that are counted come to a dead letter after "
            "delivery.attempts_max; 429 and outages are not. A steady rate of counted ones: some contact or event "
            "fails by itself.",
        ),
        Query(f"{per_second(series('retries_total'), 'reason, counted')} > 0", "{{reason}}, counted: {{counted}}"),
        stacked=True,
    ),
    lines(
        About(
            "429 a second",
            "suffix: req/s",
            Section.LIMIT_TAKEN,
            "Requests that Loops refused for the limit; each costs a slot and nothing else. A few in an hour are the "
            "price of using all. Many: others take of the limit, or the way to Loops is uneven (see Margin).",
        ),
        Query(per_second(series("requests_total", 'reason="throttled"')), "429"),
    ),
    states(
        About(
            "Outages",
            "short",
            Section.LOOPS_UNAVAILABLE,
            "Which calls are held back until Loops takes one again. All of them: Loops is down, or the key is "
            "refused. Probes go out every few seconds, and it ends by itself.",
            12,
        ),
        Query(f"max by (call) ({series('outage')})", "{{call}}"),
        (("taken", "green"), ("held back", _RED)),
    ),
    lines(
        About(
            "Outages that began",
            "short",
            Section.KEY_REFUSED,
            "By call and reason. unauthorized or forbidden: replace the key's file, which is read again by itself. "
            "server_error, timeout or connect_failed: Loops, or the way there.",
            12,
        ),
        Query(f"{increase(series('outages_total'), 'call, reason')} > 0", "{{call}}: {{reason}}"),
        stacked=True,
    ),
)

_PACER: Final = (
    lines(
        About(
            "Parts of the limit",
            "suffix: req/s",
            Section.PACER,
            "What each pod may send a second, against the team's limit: together never more. They follow what each "
            "wants. One that stays small while others are idle: see What others want was read.",
        ),
        Query(f"max({series('rate_limit_requests_per_second')})", "limit"),
        Query(f"sum by (instance) ({series('rate_allowed_requests_per_second')})", "{{instance}}"),
    ),
    lines(
        About(
            "Wanted and used",
            "suffix: req/s",
            Section.PACER,
            "What the pods tell each other that they would use, and what left within the last second. Wanted above "
            "used for long is a backlog.",
        ),
        Query(f"sum({series('rate_wanted_requests_per_second')})", "wanted"),
        Query(f"sum({series('rate_used_requests_per_second')})", "used"),
    ),
    heat(
        About(
            "Wait for the pacer",
            "s",
            Section.PACER,
            "How long requests stood ready before they left. Milliseconds below the limit; in a backlog as long as "
            "the backlog is. Long waits without a backlog: a pod has too small a part.",
        ),
        increase(_WAIT, "le"),
    ),
    lines(
        About(
            "Margin",
            "s",
            Section.PACER,
            "What the pacer adds to the second between two uses of a slot, learned from 429. Above 0.1 s the limit is "
            "not used by a tenth: the way to Loops jitters, or others send (see Taken by others).",
        ),
        Query(f"max by (instance) ({series('pacer_margin_seconds')})", "{{instance}}"),
    ),
    lines(
        About(
            "What others want was read",
            "s",
            Section.PACER,
            "How long ago each pod read what the others want; every 2 s is usual. Above 3 s they fall back on shares "
            "by partitions: the group's coordinator does not answer.",
        ),
        Query(f"max by (instance) ({series('others_read_age_seconds')})", "{{instance}}"),
    ),
    lines(
        About(
            "Partitions of others that are told",
            "short",
            Section.PACER,
            "Of how many partitions of other pods each knows what is wanted. 0 with several pods: nothing is told "
            "beside the commits, and the limit is shared by partitions alone.",
        ),
        Query(f"max by (instance) ({series('others_told_partitions')})", "{{instance}}"),
    ),
)

_LANES: Final = (
    lines(
        About(
            "Lanes that wait",
            "short",
            Section.LANES,
            "Contacts with a request that has not left. Many lanes and few ready requests: the contacts' earlier "
            "requests are on the wire or in backoff. Few lanes and a large backlog: a few contacts have most of the "
            "events.",
        ),
        Query(f"sum({series('waiting_lanes')})", "lanes"),
        Query(f"sum({series('ready_requests')})", "ready requests"),
    ),
    lines(
        About(
            "Oldest that is ready",
            "s",
            Section.LANES,
            "How long the oldest ready request has been ready, by pod. It grows in a backlog and in an outage; at "
            "other times something is wrong with the pod's part of the limit.",
        ),
        Query(f"max by (instance) ({series('oldest_wait_seconds')})", "{{instance}}"),
    ),
    lines(
        About(
            "Held back by metadata",
            "short",
            Section.LANES,
            "Requests whose end would find no room in their partition's commit. Above 0 for long: one record at the "
            "watermark does not end (see Lag by partition and Retries) while thousands behind it do.",
        ),
        Query(f"sum by (instance) ({series('held_back_requests')})", "{{instance}}"),
    ),
    lines(
        About(
            "On the wire",
            "short",
            Section.LANES,
            "Sent and not answered, and final but not committed, against how many both may be together: at the bound "
            "nothing leaves. Uncommitted ones at the bound: commits fail (see Commits).",
        ),
        Query(f"sum({series('on_wire_requests')})", "on the wire"),
        Query(f"sum({series('uncommitted_requests')})", "uncommitted"),
        Query(f"sum({series('on_wire_limit_requests')})", "bound"),
    ),
    lines(
        About(
            "In flight, records",
            "percentunit",
            Section.LANES,
            "Received and not finished, as a part of delivery.in_flight_records_max. At 100 % the partitions are "
            "paused: usual in a backlog.",
        ),
        Query(
            f"max by (instance) ({series('in_flight_records')} / {series('in_flight_limit_records')})", "{{instance}}"
        ),
    ),
    lines(
        About(
            "In flight, bytes",
            "percentunit",
            Section.LANES,
            "Their keys and values, as a part of delivery.in_flight_bytes_max. At 100 % with few records: the records "
            "are large. The bound keeps the pod's memory; raise both together.",
        ),
        Query(f"max by (instance) ({series('in_flight_bytes')} / {series('in_flight_limit_bytes')})", "{{instance}}"),
    ),
)

ROWS: Final[Mapping[str, Sequence[Builder[Panel]]]] = {
    Section.REQUESTS.value: _REQUESTS,
    Section.PACER.value: _PACER,
    Section.LANES.value: _LANES,
}
"""The panels of each row."""
