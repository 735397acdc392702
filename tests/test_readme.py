"""README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from consumer.mapping.cases import run_cases
from consumer.mapping.rules import load_mapping
from tests.readme import README, with_metrics


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
