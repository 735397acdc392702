"""The table of metrics holds what it promises of names, labels and buckets."""

from __future__ import annotations

import itertools
import re

import pytest

from consumer.adapters.metrics import (
    AGE_BUCKETS_S,
    ANSWER_REASONS,
    BY_NAME,
    HTTP_BUCKETS_S,
    LETTER_REASONS,
    METRICS,
    Kind,
    Metric,
    readme_table,
)
from consumer.core.checks import OVER_BUDGET
from consumer.core.letters import UNDECODABLE
from consumer.core.outcome import Answer, Outcome, Response, TransportFailure, Verdict, judge
from consumer.core.request import Call
from consumer.core.unknown import UNKNOWN_CONTACT

NAMED = pytest.mark.parametrize("metric", METRICS, ids=[metric.name for metric in METRICS])


@NAMED
def test_a_name_tells_kind_and_unit(metric: Metric) -> None:
    """Prefix, words, unit; counters end in ``_total``, and nothing else does."""
    assert re.fullmatch(r"loops_consumer_[a-z]+(_[a-z]+)*", metric.name)
    assert (metric.kind is Kind.COUNTER) == metric.name.endswith("_total")
    assert (metric.unit == "seconds") == metric.name.endswith("_seconds")
    assert (metric.unit == "bytes") == metric.name.endswith("_bytes")


@NAMED
def test_every_label_is_bounded(metric: Metric) -> None:
    """Either all its values are named, or how many it may have; no name stands twice."""
    assert all(bool(label.values) != bool(label.values_max) for label in metric.labels)
    assert len(metric.labels) == len({label.name for label in metric.labels})


@NAMED
def test_a_meaning_is_a_sentence_that_fits_a_table(metric: Metric) -> None:
    """It ends with a point and breaks no cell."""
    assert metric.meaning.endswith(".")
    assert not set("|\n") & set(metric.meaning)
    assert (metric.kind is Kind.HISTOGRAM) == bool(metric.buckets)
    assert sorted(set(metric.buckets)) == list(metric.buckets)


def test_names_are_unique() -> None:
    """And the table by name has them all."""
    assert len(METRICS) == len(BY_NAME)


def test_buckets_fit_what_they_measure() -> None:
    """OpenTelemetry's for HTTP; ages from an idle program to a day, with an edge at five minutes."""
    assert (0.005, 10.0, 14) == (HTTP_BUCKETS_S[0], HTTP_BUCKETS_S[-1], len(HTTP_BUCKETS_S))
    assert 86_400.0 == AGE_BUCKETS_S[-1]
    assert 300.0 in AGE_BUCKETS_S


def test_the_reasons_are_those_that_an_answer_can_have() -> None:
    """Neither one that is missing nor one that never comes."""
    assert set(ANSWER_REASONS) == {outcome.reason for outcome in every_outcome()}


def test_the_reasons_of_what_cannot_be_delivered_are_those_that_end_a_request() -> None:
    """A refusal, what is tried again up to a bound, and two of the mapping's own."""
    ends = {outcome.reason for outcome in every_outcome() if outcome.verdict in {Verdict.REFUSED, Verdict.RETRY}}

    assert ends | {OVER_BUDGET, UNKNOWN_CONTACT} == set(LETTER_REASONS["deliver"])
    assert (UNDECODABLE,) == LETTER_REASONS["decode"]


def test_the_readme_table_has_a_row_for_each() -> None:
    """Markdown with five cells a row."""
    head, rule, *rows = readme_table().splitlines()

    assert "| Metric | Kind | Labels | Unit | Meaning |" == head
    assert "|---|---|---|---|---|" == rule
    assert [metric.name for metric in METRICS] == [row.split("`")[1] for row in rows]
    assert {6} == {row.count("|") for row in rows}


def every_outcome() -> list[Outcome]:
    """Of each call, what each answer means."""
    bodies = (b"", b"<html>", b'{"success":true}', b'{"success":false}')
    answers: list[Answer] = [*TransportFailure]
    answers += [Response(status, {}, body) for status, body in itertools.product((*range(200, 600), 700), bodies)]
    answers.append(Response(150))
    return [judge(call, answer, wall=0.0) for call, answer in itertools.product(Call, answers)]
