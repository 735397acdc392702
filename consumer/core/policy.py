"""The numbers that the pipeline goes by; settings parse straight into them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from consumer.core.backoff import BackoffPolicy
from consumer.core.completions import METADATA_BYTES_MAX

__all__ = ["Policy"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Bounds of the pipeline. All seconds are monotonic ones."""

    rate_per_s: int = 10
    """The team's requests a second, over all replicas; Loops may say less."""
    follows_limit: bool = False
    """Where Loops says that the limit is another, higher or lower, that is the rate; else it may only lower it."""
    reserve_per_s: int = 0
    """How many of them are left to other programs of the team."""
    demand_every_s: float = math.inf
    """How often what the group's other members want is read; infinite: this process is alone, and says nothing."""
    replaces: bool = False
    """Whether this process takes the place of one that was dead before it was born, as a static member does."""
    on_wire_max: int | None = None
    """Requests on the wire, or finished and not committed, at once; None: twice what the rate and the measured latency
    need, at least 10."""
    in_flight_records_max: int = 10_000
    """Records that a rule wants, received and not finished; :mod:`consumer.core.pauses` says who may hold how many."""
    in_flight_bytes_max: int = 64 * 1024 * 1024
    attempts_max: int = 8
    """Failures of a record alone until it is a dead letter."""
    backoff: BackoffPolicy = field(default_factory=BackoffPolicy)
    merge_updates: bool = False
    """Consecutive updates of one contact that wait become one."""
    merge_into_events: bool = False
    """An update that waits is told by the event behind it."""
    unchanged_for_s: float = 0.0
    """How long an update is not sent that tells what the last one told; 0: it always is."""
    starvation_s: float = 300.0
    """How long a request of any priority may stand ready before it counts as high."""
    outage_probe_max_s: float = 4.0
    undecodable_per_min: int = 60
    handover_s: float = 11.0
    """How long a revoke waits for what is on the wire: the request's own time-out and a second."""
    metadata_bytes_max: int = METADATA_BYTES_MAX
    """What may stand beside a committed offset."""
    commit_every_s: float = 0.0
    """Between two commits, at least."""
    commit_filtered_s: float = 1.0
    """How often progress by filtering alone is committed."""
    commit_retry_s: float = 0.5
    """After a commit that failed."""
