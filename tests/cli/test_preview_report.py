"""A preview as plain data."""

from __future__ import annotations

import json

import pytest

from consumer.cli import preview_report
from consumer.cli.preview_report import plain_preview
from consumer.cli.reading import Span
from consumer.preview import names
from consumer.preview.line import Merging
from tests.cli.previewed import OTHER, previewed, trial
from tests.mapping.making import Message


def test_requests_a_second_are_those_of_the_time_that_was_looked_at() -> None:
    """Of an hour, of what came while one watched, or from the first record to the last."""
    trials = [trial(number) for number in range(11)]
    hour, watched = previewed(*trials), previewed(*trials, span=Span("now"), seconds=2.0)
    every = previewed(*trials, span=Span("beginning"))

    found = [plain_preview(each) for each in (hour, watched, every)]
    assert [3_600.0, 2.0, 10.0] == [each["window_s"] for each in found]
    assert [round(11 / 3_600, 4), 5.5, 1.1] == [each["requests"]["per_s"] for each in found]


def test_what_was_stopped_is_told_from_its_first_record_to_its_last() -> None:
    """And a note says so."""
    preview = previewed(trial(0), trial(5))
    preview.reading.stopped = True
    found = plain_preview(preview)

    assert (5.0, True) == (found["window_s"], found["stopped"])
    assert ["reading stopped before the end; the figures are of what was read"] == found["notes"]


def test_of_one_record_there_is_no_rate() -> None:
    """There is no telling how often they come."""
    assert plain_preview(previewed(trial(0), span=Span("beginning")))["requests"]["per_s"] is None


def test_a_rule_that_matched_nothing_is_there_too() -> None:
    """With nothing that it would do."""
    _, never = plain_preview(previewed(trial(0)))["rules"]

    assert ("r1", 0, {}) == (never["rule"], never["records"], never["would"])


def test_every_record_of_a_rule_has_one_end() -> None:
    """Requests, filtered, stale and dead letters are all that it is about."""
    nobody, old = trial(1, userId=None), trial(2, timestamp="2026-04-01T10:00:00Z")
    trial_rule = plain_preview(previewed(trial(0), nobody, old, Message(b"junk")))["rules"][0]

    assert (3, 1, 0, 1, 1) == tuple(
        trial_rule[name] for name in ("records", "requests", "filtered", "stale", "dead_letters")
    )


def test_what_takes_long_is_told_at_the_end_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """While reading goes on it would hold it up."""
    monkeypatch.setattr(preview_report, "_LIVE_ARRIVALS_MAX", 1)
    preview = previewed(trial(0), trial(1))

    assert plain_preview(preview, done=False)["requests"]["after_coalescing"] is None
    assert 2 == plain_preview(preview)["requests"]["after_coalescing"]["count"]


def test_bounds_that_were_reached_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figure is wrong without a word."""
    monkeypatch.setattr(names, "NAMES_MAX", 1)
    preview = previewed(trial(0), trial(1, event="Other"))
    preview.reading.by_time = False
    preview.findings.arrivals.count += 1

    assert ["offsets by time", "the first 1 of 2 requests", "too many event names"] == [
        part
        for note, part in zip(
            plain_preview(preview)["notes"],
            ("offsets by time", "the first 1 of 2 requests", "too many event names"),
            strict=True,
        )
        if part in note
    ]


def test_what_merges_is_what_the_settings_merge() -> None:
    """And the figures say what they rest on."""
    preview = previewed(trial(0))
    preview.findings.merging = Merging(updates=False, into_events=False)
    assert "nothing is merged" in plain_preview(preview)["requests"]["assumed"]
    preview.findings.merging = Merging()
    assert "the next update or event of the same identity" in plain_preview(preview)["requests"]["assumed"]


def test_it_is_json_and_holds_no_contact() -> None:
    """Places stand for records."""
    text = json.dumps(plain_preview(previewed(trial(0), trial(1, userId=None), other=OTHER)))

    assert "events:0:0" in text
    assert [] == [word for word in ("user@", "u0") if word in text]
