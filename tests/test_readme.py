"""README, and the page on the rate, say what is so."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Final

import pytest

from consumer.adapters.metrics import BY_NAME
from consumer.cli.main import main
from consumer.mapping.cases import run_cases
from consumer.mapping.rules import load_mapping
from consumer.status import LoadState, LoadStatus, RuleLoad
from tests.readme import README, with_metrics

RATE: Final = Path(README).parent / "docs" / "rate.md"


def test_the_table_of_metrics_is_the_program_s() -> None:
    """``make readme`` writes it."""
    text = README.read_text()
    assert with_metrics(text) == text


def test_the_mapping_in_the_example_passes_its_own_tests() -> None:
    """As it stands there."""
    (example,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    mapping = load_mapping(example, "README.md")
    assert [True] == [result.passed for result in run_cases(mapping)]


def test_every_link_leads_to_a_file() -> None:
    """Of those inside the project."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text())
    assert [] == [link for link in links if not (Path(README).parent / link).exists()]


def test_the_page_on_the_rate_shows_the_status_as_it_is() -> None:
    """Every field of the load, and none besides; every word for its state."""
    text = RATE.read_text()
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    load = json.loads(f"{{{example}}}")["load"]
    assert [field.name for field in fields(LoadStatus)] == list(load)
    assert [field.name for field in fields(RuleLoad)] == list(load["rules"][0])
    assert [] == [state for state in LoadState if f"`{state.value}`" not in text]


def test_the_page_on_the_rate_names_metrics_that_there_are() -> None:
    """Without the prefix that all have, and with labels that they have."""
    table = RATE.read_text().partition("| metric `loops_consumer_…`")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z_]+)(?:\{(\w+)[^}]*\})?`", table)
    assert 8 <= len(named)
    assert [] == [name for name, _ in named if name not in BY_NAME]
    assert [] == [
        name for name, label in named if label and label not in {known.name for known in BY_NAME[name].labels}
    ]


@pytest.mark.parametrize("column", (0, 1))
def test_the_page_on_the_rate_has_what_plan_prints(column: int, capsys: pytest.CaptureFixture[str]) -> None:
    """In the row of most replicas, where a change of the pacer or the shares shows most: each row costs seconds."""
    head, *_, last = RATE.read_text().partition("| replicas |")[2].partition("\n\n")[0].splitlines()
    arrivals = re.findall(r"`(.+?)`", head)
    replicas, *used = re.findall(r"[\d.]+", last)
    assert 0 == main(["plan", "--replicas", replicas, "--arrivals", arrivals[column]])
    assert f"; {used[column]} % while more waited than leave in a second" in " ".join(capsys.readouterr().out.split())


def test_every_link_of_the_page_on_the_rate_leads_to_a_file() -> None:
    """Its picture among them."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", RATE.read_text())
    assert "rate.svg" in links
    assert [] == [link for link in links if not (RATE.parent / link).exists()]
