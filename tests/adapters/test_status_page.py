"""The status as a page; what a browser makes of it is ``tests/deploy/test_status_page.py``."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

import pytest

from consumer.adapters.status_page import PAGE_HEADERS, PARTITIONS_SHOWN_MAX, index_page, status_page, wants_page
from consumer.status import (
    DeadLettersStatus,
    LaneAges,
    LoadState,
    LoadStatus,
    MappingStatus,
    OutageStatus,
    PartitionStatus,
    RuleLoad,
    SourceState,
    SourceStatus,
    Status,
)

HOSTILE = "</title><img src=//x.example onerror='alert(1)'>\"&$title"
FULL = Status(
    version="1.2.3",
    source=SourceStatus(SourceState.JOINED, "a word", 0.1),
    mapping=MappingStatus("abc", 2, 3.0, paused=True, rules_gone={"rule": 4}, refused=("a word",)),
    load=LoadStatus(
        LoadState.OVERLOADED, 15.0, 10.0, 9.5, 478, 875, None, (RuleLoad("rule", 9.5, 478),), {"high": 1.0}
    ),
    partitions=(PartitionStatus("events", 0, 5, 7, 9, 1_000_009, 1_000_002, 90.0, paused=("full",)),),
    records_fresh=9_999,
    records_late=1,
    letters_waiting=2,
    dead_letters=DeadLettersStatus(7, "map", "no_contact", "trial", 90.0),
    lanes_waiting=4,
    lanes_by_age=(LaneAges(0.0, 1.0, 3), LaneAges(1.0, 10.0, 0), LaneAges(10.0, None, 1)),
    outages=(OutageStatus("events_send", "a word", 3.0),),
    last_errors=("a word",),
)


@pytest.mark.parametrize(
    ("accept", "page"),
    (
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", True),
        ("TEXT/HTML; q=0.5, */*;q=0.1", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=much,,;", False),
    ),
)
def test_who_names_html_gets_the_page(accept: str, page: bool) -> None:
    """A browser's first word is HTML; what names nothing is a program."""
    assert page is wants_page(accept)


def test_all_that_a_person_looks_for_is_there() -> None:
    """Each partition's lag and watermark, the ages of lanes, why it is not read, the rate, the digest, the errors."""
    text = words_of(status_page(FULL, refreshes=True))

    for expected in (
        "events · 0 full: not read 1,000,002 90 s 7 5 1,000,009 0",
        "under 1 s 3",
        "1 s to 10 s 0",
        "10 s and more 1",
        "9.5 / s leaving, of 10 allowed",
        "15 / s arriving",
        "never until nothing waits",
        "99.9 % delivered within 5 min, 1 not",
        "Dead letters not confirmed yet 2",
        "7 since the start; the last one: Reason Stage Rule Ago no_contact map trial 90 s",
        "Digest abc",
        "rule: 4 under way then",
        "Last errors a word",
        "rule 9.5 478",
    ):
        assert expected in text, text


def test_what_comes_from_outside_is_text() -> None:
    """Whichever text of the status it is in."""
    page = status_page(spoiled(FULL), refreshes=True)

    assert HOSTILE not in page
    assert page.count(escape(HOSTILE)) >= 8
    assert 1 == page.count("<title>")
    assert "<img" not in page


def test_it_needs_nothing_but_itself() -> None:
    """One style, which its digest allows; no script, no other address, no attribute that the policy would ignore."""
    page = status_page(FULL, refreshes=True)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}';" in PAGE_HEADERS["Content-Security-Policy"]
    assert [] == re.findall(r"<script|\sstyle=|\son\w+=|(?:src|href)=[\"']?(?:https?:)?//", page)


def test_it_asks_for_itself_again_unless_it_is_told_not_to() -> None:
    """And says how to change that."""
    on, off = (status_page(FULL, refreshes=refreshes) for refreshes in (True, False))

    assert ("http-equiv" in on, "http-equiv" in off) == (True, False)
    assert ('href="/status?refresh=off"' in on, 'href="/status"' in off) == (True, True)


def test_of_very_many_partitions_those_furthest_behind_are_shown() -> None:
    """A replica may own 10,000; the page stays one that a browser likes."""
    partitions = tuple(PartitionStatus("events", number, lag_s=float(number)) for number in range(10_000))
    page = status_page(replace(FULL, partitions=partitions), refreshes=True)
    shown = {int(number) for number in re.findall(r"events · (\d+)", page)}

    assert set(range(10_000 - PARTITIONS_SHOWN_MAX, 10_000)) == shown
    assert "9,800 more" in page
    assert len(page) < 100_000


def test_of_very_many_reasons_the_first_are_shown() -> None:
    """Of a mapping that is refused for a hundred of them."""
    mapping = replace(FULL.mapping, refused=tuple(f"fault {number}." for number in range(100)))
    text = words_of(status_page(replace(FULL, mapping=mapping), refreshes=True))

    assert ("fault 19." in text, "fault 20." in text, "and 80 more" in text) == (True, False, True)


def test_before_anything_is_known_it_says_so() -> None:
    """Nothing that is not known is shown as 0."""
    partition = PartitionStatus("events", 0)
    empty, unread = Status(version="1"), Status(version="1", partitions=(partition,))

    assert "Dead letters None since the start." in words_of(status_page(empty, refreshes=True))
    assert "None is this replica's." in words_of(status_page(empty, refreshes=True))
    assert "events · 0 unknown unknown unknown unknown unknown 0" in words_of(status_page(unread, refreshes=True))


def test_the_index_links_to_what_is_served() -> None:
    """For people who know the port and nothing else."""
    assert ["/metrics", "/status"] == re.findall(r'<li><a href="(.*?)">', index_page(["/metrics", "/status"]))


def words_of(page: str) -> str:
    """What stands between the tags of its body, each piece behind a single space."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<body>")[2]).replace("&#x27;", "'").split())


def spoiled(value: Any) -> Any:
    """The same with every text replaced by one that is markup."""
    if isinstance(value, str):
        return HOSTILE
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: spoiled(getattr(value, field.name)) for field in dataclasses.fields(value)}
        )
    if isinstance(value, Mapping):
        return {spoiled(name): spoiled(inside) for name, inside in value.items()}
    if isinstance(value, tuple):
        return tuple(spoiled(inside) for inside in value)
    return value
