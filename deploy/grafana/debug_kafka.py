"""The panels of the debug dashboard that look towards Kafka: partitions, commits, and rebalances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from deploy.grafana.panels import About, Query, lines
from deploy.grafana.runbook import Section
from deploy.grafana.series import increase, per_second, series

__all__ = ["ROWS"]

_RED: Final = "red"
_STUCK_S: Final = 30
"""Age of a poll at which the loop counts as stuck."""

_KAFKA: Final = (
    lines(
        About(
            "Lag in seconds, by partition",
            "s",
            Section.LAG_NEAR_RETENTION,
            "The 20 partitions whose oldest unfinished record is oldest. One alone: a record in it does not end (see "
            "Retries and Not confirmed), or it is paused. All: see the overview's backlog.",
        ),
        Query(f"topk(20, max by (topic, partition) ({series('lag_seconds')}))", "{{topic}} {{partition}}"),
    ),
    lines(
        About(
            "Lag in records, by partition",
            "short",
            Section.KAFKA,
            "The 20 with the most records from the watermark to the end. One alone that grows: its key has most of "
            "the traffic, or its pod does not read.",
        ),
        Query(f"topk(20, sum by (topic, partition) ({series('lag_records')}))", "{{topic}} {{partition}}"),
    ),
    lines(
        About(
            "Read a second, by pod",
            "suffix: rec/s",
            Section.KAFKA,
            "Records read from Kafka. A pod with partitions that reads nothing while others do: are its partitions "
            "paused, or does its poll loop stand still?",
        ),
        Query(per_second(series("received_records_total"), "instance"), "{{instance}}"),
    ),
    lines(
        About(
            "Paused partitions",
            "short",
            Section.KAFKA,
            "Not read for now. full: enough is in flight, usual in a backlog. dead_letters: the broker does not "
            "confirm them. undecodable: too many records cannot be read. mapping_paused: somebody stopped all "
            "sending.",
        ),
        Query(f"sum by (reason) ({series('paused_partitions')})", "{{reason}}"),
        stacked=True,
    ),
    lines(
        About(
            "Pauses that began",
            "short",
            Section.KAFKA,
            "By reason. Many of full in a second with little lag: delivery.in_flight_records_max is too small for the "
            "number of partitions.",
        ),
        Query(increase(series("pauses_total"), "reason"), "{{reason}}"),
        stacked=True,
    ),
    lines(
        About(
            "Age of the last poll",
            "s",
            Section.POLL_LOOP_STUCK,
            "Since the Kafka thread polled; below a second is usual. Where it grows the thread stands still: liveness "
            "fails and the pod is restarted. Save its log first.",
        ),
        Query(f"max by (instance) ({series('poll_age_seconds')})", "{{instance}}"),
        line_at=[(_STUCK_S, _RED)],
    ),
    lines(
        About(
            "Pods by state",
            "short",
            Section.KAFKA,
            "joined has partitions; standing_by has none, as there are more pods than partitions. joining for long: "
            "no broker answers, or a topic is not there; /status says which.",
        ),
        Query(f"sum by (state) ({series('source_state')})", "{{state}}"),
        stacked=True,
    ),
    lines(
        About(
            "Gaps in the offsets",
            "short",
            Section.RECORDS_LOST,
            "Breaks that were met, looked at on the broker, and not answered. Compaction and transactions make them "
            "all the time. Missed are records that were there and had not come; they are read again.",
        ),
        Query(increase(series("offset_jumps_total")), "met"),
        Query(increase(series("checked_jumps_total")), "looked at"),
        Query(increase(series("unanswered_jump_checks_total")), "not answered"),
        Query(increase(series("missed_records_total")), "missed"),
    ),
    lines(
        About(
            "Records and positions lost",
            "short",
            Section.RECORDS_LOST,
            "Records that retention took before they were read, and positions that the broker had not any more. Both "
            "are a loss of data outside this program: raise the topic's retention, see why the lag grew.",
        ),
        Query(increase(series("records_skipped_by_retention_total")), "records skipped"),
        Query(increase(series("lost_positions_total")), "positions lost"),
    ),
)

_COMMITS: Final = (
    lines(
        About(
            "Commits",
            "suffix: /s",
            Section.COMMITS_FAIL,
            "Commits that ended. A failed one is made again; after one that never succeeds, requests are sent again "
            "when the partition moves. Failing for long: the brokers, or the group's coordinator.",
        ),
        Query(per_second(series("commits_total"), "result"), "{{result}}"),
        stacked=True,
    ),
    lines(
        About(
            "Commit failures, by error",
            "short",
            Section.COMMITS_FAIL,
            "By the client's error; the first of an error is only in all. ILLEGAL_GENERATION and UNKNOWN_MEMBER_ID: "
            "the pod was put out of the group, as after a long stop. REBALANCE_IN_PROGRESS and revoked: pass. "
            "_TIMED_OUT: the coordinator does not answer.",
        ),
        Query(increase(series("commits_total", 'result="failed"')), "all"),
        Query(increase(series("commit_failures_total"), "error"), "{{error}}"),
    ),
    lines(
        About(
            "Commits that began",
            "suffix: /s",
            Section.COMMITS,
            "progress: something is finished. demand: only to tell the other pods what is wanted of the limit.",
        ),
        Query(per_second(series("begun_commits_total"), "reason"), "{{reason}}"),
        stacked=True,
    ),
    lines(
        About(
            "Looks at the group's commits",
            "suffix: /s",
            Section.COMMITS,
            "Each pod looks every 2 s at what the others want. Where it fails the limit is shared by partitions, and "
            "some of it is not used.",
        ),
        Query(per_second(series("demand_readings_total"), "result"), "{{result}}"),
        stacked=True,
    ),
    lines(
        About(
            "Metadata that said nothing",
            "short",
            Section.COMMITS,
            "Commits found at an assignment that bore nothing of ours. foreign: another program committed for this "
            "group, as after a reset; newer: a later version did. What they called finished may be sent again.",
        ),
        Query(increase(series("ignored_metadata_total"), "reason"), "{{reason}}"),
        stacked=True,
    ),
    lines(
        About(
            "Late answers",
            "short",
            Section.COMMITS,
            "Answers for a partition that another pod has by then; they commit nothing, and that pod sends the "
            "request again under the same key. Some at a rebalance are usual, at other times none.",
        ),
        Query(increase(series("late_outcomes_total")), "late answers"),
    ),
)

_REBALANCES: Final = (
    lines(
        About(
            "Rebalances",
            "short",
            Section.REBALANCES_ALL_THE_TIME,
            "Changes of what the pods own. Some at each rollout. All the time: a pod is restarted over and over, or "
            "is put out for polling too rarely. lost: it was put out before it could commit.",
        ),
        Query(increase(series("rebalances_total"), "kind"), "{{kind}}"),
        stacked=True,
    ),
    lines(
        About(
            "Partitions, by pod",
            "short",
            Section.REBALANCES,
            "What each pod owns. A pod with none stands by. The sum is the topics' number of partitions; where it is "
            "less for long, somebody else is in the group.",
        ),
        Query(f"sum by (instance) ({series('assigned_partitions')})", "{{instance}}"),
        stacked=True,
    ),
    lines(
        About(
            "Handovers that went wrong",
            "short",
            Section.REBALANCES,
            "late: a partition went before what was on the wire had ended. not committed: its last commit failed. "
            "Either way its next owner sends up to loops.on_wire_max requests again, under the same keys.",
        ),
        Query(increase(series("late_handovers_total")), "late"),
        Query(increase(series("handover_commit_failures_total")), "not committed"),
    ),
)

ROWS: Final[Mapping[str, Sequence[Builder[Panel]]]] = {
    Section.KAFKA.value: _KAFKA,
    Section.COMMITS.value: _COMMITS,
    Section.REBALANCES.value: _REBALANCES,
}
"""The panels of each row."""
