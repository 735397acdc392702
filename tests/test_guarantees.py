"""docs/guarantees.md and docs/security.md name tests as their proofs: each of them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "guarantees.md").read_text()
SECURITY: Final = (ROOT / "docs" / "security.md").read_text()
NAMED: Final = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("page", (PAGE, SECURITY), ids=("guarantees", "security"))
def test_every_test_that_the_page_names_exists(page: str) -> None:
    """A file, and in it a function or a class of that name."""
    named = NAMED.findall(page)

    assert named
    assert [] == [f"{file}::{name}" for file, name in named if name not in names_in(ROOT / file)]


def test_every_promise_names_a_test() -> None:
    """Below each of the numbered headings."""
    promises = PAGE.split("\n### ")[1:]

    assert len(promises) >= 8
    assert [] == [promise.splitlines()[0] for promise in promises if not NAMED.search(promise)]


def names_in(file: Path) -> set[str]:
    """What a test file defines at its top; the empty name where it exists."""
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {"", *(node.name for node in tree.body if isinstance(node, kinds))}
