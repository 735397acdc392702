"""The pipeline's numbers."""

from __future__ import annotations

from consumer.core.policy import Policy


def test_the_defaults_are_those_that_the_settings_document() -> None:
    """Ten a second for the team, 10,000 records and 64 MiB in flight, eight attempts, five minutes of priority."""
    policy = Policy()
    assert (10, None, 10_000, 67_108_864, 8, 300.0) == (
        policy.rate_per_s,
        policy.on_wire_max,
        policy.in_flight_records_max,
        policy.in_flight_bytes_max,
        policy.attempts_max,
        policy.starvation_s,
    )
