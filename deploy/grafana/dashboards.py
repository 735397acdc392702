"""The two dashboards: their frame, and their JSON as it is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana import debug_kafka, debug_loops, debug_program, overview, overview_load
from deploy.grafana.marks import marks
from deploy.grafana.runbook import RUNBOOK_URL
from deploy.grafana.variables import variables

__all__ = ["FILES", "debug_dashboard", "overview_dashboard", "text"]

_TAG: Final = "loops-consumer"


@dataclass(frozen=True, slots=True)
class _Frame:
    """What tells one dashboard from the other."""

    uid: str
    title: str
    description: str
    since: str
    """How far back it looks when it is opened."""


def overview_dashboard() -> model.Dashboard:
    """The one that says whether it works."""
    about = "Whether product events reach Loops in time, and what to look at where they do not."
    frame = _Frame("loops-consumer-overview", "Loops consumer: overview", about, "now-6h")
    return _built(frame, overview.HEAD, {**overview.ROWS, **overview_load.ROWS})


def debug_dashboard() -> model.Dashboard:
    """The one that says why it does not."""
    about = "What each part of the consumer does: for when the overview says that something is wrong."
    frame = _Frame("loops-consumer-debug", "Loops consumer: debug", about, "now-1h")
    return _built(frame, (), {**debug_loops.ROWS, **debug_kafka.ROWS, **debug_program.ROWS})


def text(made: model.Dashboard) -> str:
    """The JSON that is committed, ending in a line break."""
    return JSONEncoder(sort_keys=True, indent=2).encode(made) + "\n"


def _built(
    frame: _Frame, head: Iterable[Builder[model.Panel]], rows: Mapping[str, Sequence[Builder[model.Panel]]]
) -> model.Dashboard:
    made = (
        dashboard.Dashboard(frame.title)
        .uid(frame.uid)
        .description(frame.description)
        .tags([_TAG])
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .time(frame.since, "now")
        .refresh("30s")
        .timezone("browser")
        .variables(list(variables()))
        .annotations(list(marks()))
        .links(list(_links()))
    )
    for panel in head:
        made.with_panel(panel)
    for title, panels in rows.items():
        made.with_row(dashboard.Row(title))
        for panel in panels:
            made.with_panel(panel)
    built = made.build()
    for number, placed in enumerate(built.panels or [], 1):
        placed.id_val = number
    return built


def _links() -> Iterable[dashboard.DashboardLink]:
    others = dashboard.DashboardLink("Loops consumer").type(model.DashboardLinkType.DASHBOARDS).tags([_TAG])
    yield others.include_vars(True).keep_time(True)
    yield dashboard.DashboardLink("Runbook").type(model.DashboardLinkType.LINK).url(RUNBOOK_URL).target_blank(True)


_HERE: Final = Path(__file__).parent
FILES: Final[dict[Path, Callable[[], model.Dashboard]]] = {
    _HERE / "overview.json": overview_dashboard,
    _HERE / "debug.json": debug_dashboard,
}
"""The committed files, and what makes each."""
