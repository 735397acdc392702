"""A simulation as plain data."""

from __future__ import annotations

import json
import re

import pytest

from consumer.core.terms import Priority
from consumer.planning.arrivals import Arrival, poisson, standing
from consumer.planning.setting import Setting
from consumer.planning.simulation import simulate
from consumer.planning.summary import summary

SETTING = Setting(for_s=60.0)


def test_a_backlog_uses_the_limit_and_says_whether_it_drains() -> None:
    """It is JSON."""
    found = summary(SETTING, simulate(SETTING, standing(1_000, contacts=500)))

    assert found == json.loads(json.dumps(found))
    assert 90 < found["requests"]["used_percent_while_waiting"] <= 100
    assert 90 < found["requests"]["used_percent"] < 100
    assert found["backlog"]["drained_s"] is None
    assert pytest.approx((1000 - 600) / 10, rel=0.2) == found["backlog"]["drains_in_s"]
    assert 0 < found["commits_per_s"]


def test_what_still_waits_is_told_beside_what_has_left() -> None:
    """By priority, with the oldest; a priority of which nothing has left has no waits."""
    arrivals = [*standing(900, contacts=900), Arrival(10.0, "late", Priority.LOW), Arrival(70.0, "l", Priority.LOW)]

    normal, low = summary(SETTING, simulate(SETTING, arrivals))["waits"]

    assert 900 == normal["records"] + normal["waiting"]
    assert 60.0 == normal["oldest_s"]
    assert (0, None, None, None) == (low["records"], low["median_s"], low["p99_s"], low["longest_s"])
    assert (1, 50.0) == (low["waiting"], low["oldest_s"])


def test_numbers_have_three_decimals_at_most() -> None:
    """More would be noise."""
    text = json.dumps(summary(SETTING, simulate(SETTING, poisson(7, for_s=60, seed=1))))

    assert None is re.search(r"\.[0-9]{4}", text)


def test_below_the_limit_nothing_waits_for_long() -> None:
    """Then there is nothing to say of the use while something waits."""
    found = summary(SETTING, simulate(SETTING, poisson(2, for_s=60, seed=1)))

    assert (0.0, None) == (found["backlog"]["drained_s"], found["requests"]["used_percent_while_waiting"])
    assert found["records"]["delivered"] == found["requests"]["accepted"]
    assert ["normal"] == [row["priority"] for row in found["waits"]]


def test_waits_are_told_by_priority() -> None:
    """The highest first; those without a record are not there."""
    arrivals = [*standing(500, contacts=500), *(Arrival(20.0 + at, f"h{at}", Priority.HIGH) for at in range(20))]

    found = summary(SETTING, simulate(SETTING, arrivals))

    assert ["high", "normal"] == [row["priority"] for row in found["waits"]]
    assert found["waits"][0]["longest_s"] < 3 < found["waits"][1]["median_s"]
