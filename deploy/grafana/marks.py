"""What is marked over all panels: processes that began, rebalances, and changes of the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.panels import DATASOURCE
from deploy.grafana.series import increase, process, series

__all__ = ["marks"]

_STEP: Final = "15s"
"""How close two events may lie to be one."""


class _Marks(model.AnnotationQuery):
    """An annotation with what Prometheus' data source knows and the library has no field for."""

    def __init__(
        self, name: str, color: str, expression: str, title: str, text: str, *, at_value: bool = False
    ) -> None:
        """``at_value``: the values are the moments, in milliseconds since 1970."""
        super().__init__(name=name, datasource=DATASOURCE, icon_color=color, expr=expression)
        self.built_in = None
        self._more = {"step": _STEP, "titleFormat": title, "textFormat": text, "useValueForTime": at_value}

    def to_json(self) -> dict[str, object]:
        """With them."""
        return {**super().to_json(), **self._more}


class _Made(Builder[model.AnnotationQuery]):
    """What is made already, where a builder is asked for."""

    def __init__(self, made: model.AnnotationQuery) -> None:
        self._made = made

    def build(self) -> model.AnnotationQuery:
        """It."""
        return self._made


def marks() -> Iterator[Builder[model.AnnotationQuery]]:
    """All of them; each can be switched off above the panels."""
    own = model.DataSourceRef(type_val="grafana", uid="-- Grafana --")
    by_hand = model.AnnotationQuery(name="Annotations", datasource=own, built_in=1, type_val="dashboard")
    by_hand.hide = True
    by_hand.icon_color = "rgba(0, 211, 255, 1)"
    yield _Made(by_hand)
    labels = "namespace, job, instance"
    version = f"{process('process_start_time_seconds')} * on ({labels}) group_left (version) {series('build_info')}"
    yield _Made(
        _Marks(
            "Deploys",
            "blue",
            f"max by (instance, version) ({version}) * 1000",
            "{{instance}} began",
            "version {{version}}",
            at_value=True,
        )
    )
    rebalances = f"{increase(series('rebalances_total'), 'kind')} > 0"
    yield _Made(_Marks("Rebalances", "orange", rebalances, "Rebalance", "partitions {{kind}}"))
    reloads = f"{increase(series('mapping_reloads_total'), 'result')} > 0"
    yield _Made(_Marks("Mapping reloads", "purple", reloads, "Mapping", "{{result}}"))
