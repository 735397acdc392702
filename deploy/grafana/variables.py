"""What a reader chooses: where the figures come from, and of whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.panels import DATASOURCE

__all__ = ["variables"]

_ANY: Final = ".+"
_ANY_OR_NONE: Final = ".*"
"""Outside a cluster nothing has a namespace."""

_LABEL_VALUES: Final = 1
"""How the data source numbers this kind of query."""

_BUILD: Final = "loops_consumer_build_info"


def variables() -> Iterator[Builder[model.VariableModel]]:
    """In the order in which they are shown; each lists what those before it leave."""
    yield dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
    of_namespace, of_job = 'namespace=~"$namespace"', 'namespace=~"$namespace", job=~"$job"'
    yield _choice("namespace", "Namespace", f"label_values({_BUILD}, namespace)", _ANY_OR_NONE)
    yield _choice("job", "Job", f"label_values({_BUILD}{{{of_namespace}}}, job)", _ANY)
    received = f"loops_consumer_received_records_total{{{of_job}}}"
    yield _choice("topic", "Topic", f"label_values({received}, topic)", _ANY)
    yield _choice("instance", "Instance", f"label_values({_BUILD}{{{of_job}}}, instance)", _ANY)


def _choice(name: str, label: str, query: str, all_of_them: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .query({"query": query, "qryType": _LABEL_VALUES, "refId": name})
        .datasource(DATASOURCE)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.NATURAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(all_of_them)
        .current(model.VariableOption(selected=True, text="All", value="$__all"))
    )
