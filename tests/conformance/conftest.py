"""What the conformance tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

WITH_A_BROKER_S = 180
"""For one test, with Kafka's start where it is the first: each of its waits has a bound of its own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives the tests of this directory their time."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(WITH_A_BROKER_S))
