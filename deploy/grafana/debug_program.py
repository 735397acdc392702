"""The panels of the debug dashboard about the program itself: its mapping, and the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from deploy.grafana.panels import About, Query, lines, list_of, states
from deploy.grafana.runbook import Section
from deploy.grafana.series import increase, process, series

__all__ = ["ROWS"]

_MAPPING: Final = (
    lines(
        About(
            "Mappings found",
            "short",
            Section.MAPPING_REFUSED,
            "What came of each change of the mapping's files. refused_faults: it cannot be read; refused_tests: one "
            "of its own tests fails. What was in use stays. The log has the lines; loops-consumer check shows them "
            "all.",
            6,
        ),
        Query(increase(series("mapping_reloads_total"), "result"), "{{result}}"),
        stacked=True,
    ),
    states(
        About(
            "Mapping refused, by pod",
            "short",
            Section.MAPPING_REFUSED,
            "Which pods have files that they cannot use. Some and not others: they see different versions of the "
            "files, as while a ConfigMap is on its way.",
            6,
        ),
        Query(f"max by (instance) ({series('mapping_refused')})", "{{instance}}"),
        (("in use", "green"), ("refused", "orange")),
    ),
    lines(
        About(
            "Pods, by mapping",
            "short",
            Section.MAPPING,
            "How many pods use which mapping, by its digest. Two for longer than a minute: a ConfigMap has not come "
            "to all pods, or some refuse it.",
            6,
        ),
        Query(f"count by (digest) ({series('mapping_info')})", "{{digest}}"),
        stacked=True,
    ),
    lines(
        About(
            "Rules in use",
            "short",
            Section.MAPPING,
            "How many rules each pod's mapping has. It changes with the mapping alone; for a rule that went, see "
            "rules_gone in /status: what was under way still goes out.",
            6,
        ),
        Query(f"max by (instance) ({series('mapping_rules')})", "{{instance}}"),
    ),
)

_PROCESS: Final = (
    lines(
        About(
            "CPU",
            "suffix: cores",
            Section.PROCESS,
            "Cores that each pod uses. It follows what is read a second, not what is sent. At 1 the pod cannot read "
            "faster: more pods, up to the number of partitions.",
        ),
        Query(f"sum by (instance) (rate({process('process_cpu_seconds_total')}[$__rate_interval]))", "{{instance}}"),
    ),
    lines(
        About(
            "Memory",
            "bytes",
            Section.PROCESS,
            "Resident memory. It is bounded by delivery.in_flight_bytes_max and the client's buffers: below 180 MB "
            "with the defaults. Above the pod's limit it is killed.",
        ),
        Query(f"max by (instance) ({process('process_resident_memory_bytes')})", "{{instance}}"),
    ),
    lines(
        About(
            "Open files",
            "short",
            Section.PROCESS,
            "Files and connections. Some dozens are usual; where it grows without end connections are not closed: "
            "tell us, with the log.",
        ),
        Query(f"max by (instance) ({process('process_open_fds')})", "{{instance}}"),
    ),
    lines(
        About(
            "Age of the process",
            "s",
            Section.PROCESS,
            "It falls to 0 at a restart. Over and over: see the pod's last exit code and log (78: the settings; 137: "
            "killed, for memory or by liveness).",
        ),
        Query(f"time() - max by (instance) ({process('process_start_time_seconds')})", "{{instance}}"),
    ),
    lines(
        About(
            "Faults in callbacks",
            "short",
            Section.PROCESS,
            "Faults of this program inside a callback of the Kafka client. Always 0; where not, tell us, with the log.",
        ),
        Query(increase(series("callback_errors_total"), "instance"), "{{instance}}"),
    ),
    list_of(
        About(
            "Versions",
            "short",
            Section.PROCESS,
            "Pods by the versions of the program and of Python. Two while a rollout is under way; for longer, it is "
            "stuck.",
        ),
        f"count by (version, python) ({series('build_info')})",
        ("version", "python"),
        "pods",
    ),
)

ROWS: Final[Mapping[str, Sequence[Builder[Panel]]]] = {
    Section.MAPPING.value: _MAPPING,
    Section.PROCESS.value: _PROCESS,
}
"""The panels of each row."""
