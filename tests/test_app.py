"""The composition root."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import structlog.testing
from pydantic import ValidationError

from consumer.app import _watch, policy_of
from consumer.core.backoff import BackoffPolicy
from consumer.core.outcome import LIMIT_MAX_PER_S
from consumer.core.policy import Policy
from consumer.logs import log_loop_error
from consumer.settings import DeliverySettings, KafkaSettings, LoopsSettings, Settings
from consumer.settings.sections import MergeSettings


def test_the_default_settings_are_the_default_policy_with_all_that_saves_requests() -> None:
    """One truth in two places; a pipeline that is told nothing merges nothing and is alone."""
    saving = replace(Policy(), demand_every_s=2.0, merge_updates=True, merge_into_events=True)
    assert replace(saving, follows_limit=True) == policy_of(Settings())


def test_every_number_of_the_settings_reaches_the_pipeline() -> None:
    """None of them its default."""
    settings = Settings(
        loops=LoopsSettings(rate_per_s=50, reserve_per_s=5, on_wire_max=7, timeout_s=4, outage_probe_max_s=2),
        delivery=DeliverySettings(
            in_flight_records_max=9,
            in_flight_bytes_max=2048,
            attempts_max=3,
            backoff_min_s=0.1,
            backoff_max_s=6,
            starvation_s=20,
            merge=MergeSettings(into_events=False),
            unchanged_for_s=60,
            undecodable_per_min=5,
        ),
    )
    expected = Policy(
        rate_per_s=50,
        reserve_per_s=5,
        demand_every_s=2.0,
        on_wire_max=7,
        in_flight_records_max=9,
        in_flight_bytes_max=2048,
        attempts_max=3,
        backoff=BackoffPolicy(0.1, 6),
        merge_updates=True,
        unchanged_for_s=60,
        starvation_s=20,
        outage_probe_max_s=2,
        undecodable_per_min=5,
        handover_s=5,
    )
    assert expected == policy_of(settings)


def test_a_limit_is_believed_up_to_the_rate_that_may_be_set() -> None:
    """One bound in two places: the core knows no settings."""
    assert policy_of(Settings(loops=LoopsSettings(rate_per_s=LIMIT_MAX_PER_S))).rate_per_s == LIMIT_MAX_PER_S
    with pytest.raises(ValidationError):
        LoopsSettings(rate_per_s=LIMIT_MAX_PER_S + 1)


def test_only_far_above_loops_limit_are_commits_held_apart() -> None:
    """At ten a second each answer is committed at once."""
    waits = [policy_of(Settings(loops=LoopsSettings(rate_per_s=rate))).commit_every_s for rate in (10, 100, 500)]
    assert [0.0, 0.0, 0.02] == waits


def test_only_a_static_member_of_the_classic_protocol_takes_a_dead_one_s_place_at_once() -> None:
    """Under the newer one it waits for a place that another may still be sending from."""
    named = KafkaSettings(group_instance_id="pod-0")
    newer = KafkaSettings(group_instance_id="pod-0", client={"group.protocol": "consumer"})
    assert [False, True, False] == [
        policy_of(Settings(kafka=kafka)).replaces for kafka in (KafkaSettings(), named, newer)
    ]


async def test_a_watch_that_ends_by_a_defect_is_seen_and_ends_no_other() -> None:
    """By its place in the code alone: its text may quote a contact."""
    asyncio.get_running_loop().set_exception_handler(log_loop_error)
    broke, other = asyncio.Event(), asyncio.Event()

    async def broken() -> None:
        broke.set()
        raise KeyError("someone@example.com")

    async def sound() -> None:
        await broke.wait()
        other.set()

    with structlog.testing.capture_logs() as lines:
        await asyncio.gather(_watch(broken()), _watch(sound()))

    assert other.is_set()
    assert [("unhandled", "a watch ended", KeyError)] == [
        (line["event"], line["said"], type(line["exc_info"])) for line in lines
    ]
