"""The committed dashboards keep the rules by which Grafana's own are checked, and are what the code makes."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import promql_parser
import pytest
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from promql_parser import Call, Expr, MatchOp, MatrixSelector, VectorSelector
from ruamel.yaml import YAML

from consumer.adapters.metrics import METRICS, Kind
from deploy.grafana.dashboards import FILES, text
from deploy.grafana.runbook import RUNBOOK_URL, Section, anchor
from tests.deploy.dashboard_files import NAMES, Asked, dashboard, filled, panels, parsed, queries, selectors
from tests.deploy.tools import ROOT

COLUMNS: Final = 24
DESCRIPTION_MIN: Final = 60
"""Letters: a description says what to do, which a few words cannot."""

GROWS: Final = {"rate", "increase"}
"""Functions under which a counter may stand."""
RANGES: Final = {"$__rate_interval", "$__range"}
"""The time shown is for totals."""
RECORDED: Final = "loops_consumer:"
RULES: Final = ROOT / "deploy" / "prometheus" / "rules.yaml"

WANTED_ROWS: Final = {
    "overview": ["Freshness", "Delivery", "Backlog", "The limit", "Dead letters"],
    "debug": ["Requests", "Pacer", "Lanes", "Kafka", "Commits", "Rebalances", "Mapping", "Process"],
}
SUFFIXES: Final = {Kind.HISTOGRAM: ("_bucket", "_count", "_sum")}
COUNTED: Final = tuple(
    metric.name + suffix
    for metric in METRICS
    if metric.kind is not Kind.GAUGE
    for suffix in SUFFIXES.get(metric.kind, ("",))
)

each_panel = pytest.mark.parametrize(
    "panel", [pytest.param(panel, id=f"{name}: {panel['title']}") for name in NAMES for panel in panels(name)]
)
each_query = pytest.mark.parametrize("asked", [pytest.param(asked, id=str(asked)) for asked in queries()])
each_dashboard = pytest.mark.parametrize("name", NAMES)


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in FILES])
def test_what_is_committed_is_what_the_code_makes(file: Path) -> None:
    """``make dashboards`` writes it."""
    assert text(FILES[file]()) == file.read_text()


@each_dashboard
def test_it_is_a_classic_dashboard_that_nobody_edits_in_grafana(name: str) -> None:
    """Provisioning from files takes no other kind; what is edited there is lost with the next deploy."""
    found = dashboard(name)

    assert (41, f"loops-consumer-{name}", False) == (found["schemaVersion"], found["uid"], found["editable"])
    assert {"annotations", "panels", "templating", "time", "title"} <= found.keys()
    assert WANTED_ROWS[name] == [panel["title"] for panel in found["panels"] if panel["type"] == "row"]


@each_dashboard
def test_a_reader_chooses_source_namespace_job_topic_and_instance(name: str) -> None:
    """Each lists what is there when the time changes, and begins with all of it."""
    source, *others = dashboard(name)["templating"]["list"]

    assert ("datasource", "datasource", "prometheus") == (source["name"], source["type"], source["query"])
    assert ["namespace", "job", "topic", "instance"] == [variable["name"] for variable in others]
    for variable in others:
        assert (True, True, 2) == (variable["multi"], variable["includeAll"], variable["refresh"])
        assert "${datasource}" == variable["datasource"]["uid"]
        assert variable["label"]


@each_dashboard
def test_deploys_rebalances_and_reloads_of_the_mapping_are_marked(name: str) -> None:
    """Beside what somebody marks by hand."""
    by_hand, *marks = dashboard(name)["annotations"]["list"]

    assert by_hand["builtIn"] == 1
    assert ["Deploys", "Rebalances", "Mapping reloads"] == [each["name"] for each in marks]
    assert {"${datasource}"} == {each["datasource"]["uid"] for each in marks}
    assert all(each["enable"] and each["titleFormat"] and each["textFormat"] for each in marks)


@each_dashboard
def test_panels_lie_beside_each_other_on_the_grid(name: str) -> None:
    """None lies over another, none beyond the last column, and each has a number of its own."""
    found = dashboard(name)["panels"]
    overlapping = [
        (one["title"], other["title"])
        for one, other in combinations(found, 2)
        if overlap(one["gridPos"], other["gridPos"])
    ]

    assert [] == overlapping
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= COLUMNS for panel in found)
    assert len(found) == len({panel["id"] for panel in found})
    titles = [panel["title"] for panel in found if panel["type"] != "row"]
    assert sorted(set(titles)) == sorted(titles)


@each_panel
def test_a_panel_says_what_it_shows_and_what_to_do(panel: dict[str, Any]) -> None:
    """Title, unit, a description in sentences, its source by the variable, a link to the runbook's section."""
    assert panel["title"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert DESCRIPTION_MIN <= len(panel["description"])
    assert panel["description"].endswith((".", "?"))
    assert "${datasource}" == panel["datasource"]["uid"]
    (link,) = panel["links"]
    assert link["url"] in {f"{RUNBOOK_URL}#{anchor(section.value)}" for section in Section}


@each_panel
def test_a_panel_asks_each_query_once_and_names_its_series(panel: dict[str, Any]) -> None:
    """No two targets with one letter; every line has a legend, but where there is one number or a table."""
    targets = panel["targets"]

    assert targets
    assert len(targets) == len({target["refId"] for target in targets}) == len({target["expr"] for target in targets})
    assert {"${datasource}"} == {target["datasource"]["uid"] for target in targets}
    assert panel["type"] in {"stat", "table"} or all(target["legendFormat"] for target in targets)


@each_query
@pytest.mark.parametrize("one", ("all", "one of each"))
def test_an_expression_is_one_whatever_is_chosen(asked: Asked, one: str) -> None:
    """With the variables filled in, all and one."""
    chosen = {"namespace": "mail", "job": "loops-consumer", "topic": "product-events", "instance": "10.0.0.1:9464"}

    expression = filled(asked.expression) if one == "all" else filled(asked.expression, chosen=chosen)

    assert parsed(expression).prettify()


@each_query
def test_every_selector_heeds_what_the_reader_chose(asked: Asked) -> None:
    """Namespace, job and instance, and the topic where there is one; what is recorded has no instance any more."""
    for selector in selectors(kept(asked.expression)):
        chosen = {matcher.name: matcher.value for matcher in selector.matchers.matchers if matcher.op == MatchOp.Re}
        wanted = {"namespace", "job"} if is_recorded(selector) else {"namespace", "job", "instance"}
        wanted |= {"topic"} if "topic" in labels_of(selector) else set()
        assert {name: f"${name}" for name in wanted} == chosen, selector.name


@each_query
def test_only_series_that_the_program_has_are_asked_for(asked: Asked) -> None:
    """Those of the table of metrics, with labels and values that it gives them, and those of any Python process."""
    known = {metric.name + suffix for metric in METRICS for suffix in SUFFIXES.get(metric.kind, ("",))}

    for selector in selectors(filled(asked.expression)):
        assert str(selector.name) in known | process_series() | recorded_series()
        values = {
            label.name: label.values for metric in METRICS if is_of(selector, metric.name) for label in metric.labels
        }
        for matcher in selector.matchers.matchers:
            if matcher.name in values and matcher.op == MatchOp.Equal and values[matcher.name]:
                assert matcher.value in values[matcher.name], selector.name


@each_query
def test_a_counter_is_only_ever_asked_how_much_it_grew(asked: Asked) -> None:
    """Its value falls to 0 with each restart."""
    series = asked_for(filled(asked.expression))

    assert [] == [(name, function) for name, function in series if name in COUNTED and function not in GROWS]


@each_query
def test_how_much_a_counter_grew_is_asked_over_the_interval_that_grafana_gives(asked: Asked) -> None:
    """A fixed one is shorter than a scrape for some, and longer than what is shown for others."""
    ranges = re.findall(r"(?:rate|increase)\([^\[]*\[([^\]]+)\]", asked.expression)

    assert {*ranges} <= RANGES


def test_every_metric_is_on_a_dashboard() -> None:
    """What is measured can be seen."""
    asked = {str(selector.name) for each in queries() for selector in selectors(filled(each.expression))}
    shown = {metric.name for metric in METRICS for name in asked if is_metric(name, metric.name)}

    assert set() == {metric.name for metric in METRICS} - shown


def test_every_link_leads_to_a_section_of_the_runbook() -> None:
    """Each alert has one, and so has each row."""
    runbook = re.sub(r"^```.*?^```", "", (ROOT / "deploy" / "RUNBOOK.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = {anchor(heading) for heading in re.findall(r"^##+ (.+)$", runbook, flags=re.MULTILINE)}

    assert set() == {anchor(section.value) for section in Section} - headings


@pytest.mark.parametrize(
    ("heading", "expected"),
    (("LoopsConsumerAbsent", "loopsconsumerabsent"), ("The limit", "the-limit"), ("What, if?", "what-if")),
)
def test_an_anchor_is_what_a_heading_is_called_in_an_address(heading: str, expected: str) -> None:
    """Lower case, without punctuation, with hyphens for spaces."""
    assert expected == anchor(heading)


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether two places on the grid share a cell."""
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not (beside or below)


def kept(expression: str) -> str:
    """Filled in with the variables' own names, for a look at who stands where."""
    return filled(expression, chosen={name: f"${name}" for name in ("namespace", "job", "topic", "instance")})


def is_recorded(selector: VectorSelector) -> bool:
    """Whether a recording rule makes it."""
    return str(selector.name).startswith(RECORDED)


def recorded_series() -> set[str]:
    """What the recording rules make."""
    groups = YAML(typ="safe").load(RULES)["groups"]
    return {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}


def is_metric(name: str, metric: str) -> bool:
    """Whether a series is of a metric, its parts among them."""
    return name in {metric, *(metric + suffix for suffix in SUFFIXES[Kind.HISTOGRAM])}


def is_of(selector: VectorSelector, metric: str) -> bool:
    """Whether a selector asks for a metric."""
    return is_metric(str(selector.name), metric)


def labels_of(selector: VectorSelector) -> set[str]:
    """The labels that the table gives to what is asked for."""
    return {label.name for metric in METRICS for label in metric.labels if is_of(selector, metric.name)}


def process_series() -> set[str]:
    """What the client library tells of every Python process, on this machine."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return {sample.name for family in registry.collect() for sample in family.samples}


def asked_for(expression: str) -> list[tuple[str, str | None]]:
    """Every series with the function that takes its range; None where its value is asked for."""
    found: list[tuple[str, str | None]] = []
    over: list[str] = []
    ranges: list[MatrixSelector] = []

    def visit(node: Expr) -> bool:
        if isinstance(node, Call):
            over.append(node.func.name)
        elif isinstance(node, MatrixSelector):
            ranges.append(node)
        elif isinstance(node, VectorSelector):
            found.append((str(node.name), over[-1] if ranges else None))
            ranges.clear()
        return True

    promql_parser.walk(parsed(expression), visit)
    return found
