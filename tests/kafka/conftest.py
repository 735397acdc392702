"""What the tests of whole runs share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from consumer.sandbox.options import SandboxOptions
from tests.kafka.job import Job, MakeJob, sandbox_of
from tests.kafka.real_kafka import RealKafka
from tests.kafka.standstills import StandStills

QUICK_PER_S = 200
"""A limit that does not hold a test up."""


@pytest.fixture
def standstills() -> Iterator[StandStills]:
    """Tells what of a test's time the machine took for itself."""
    with StandStills() as found:
        yield found


@pytest.fixture
def make_job(
    real_kafka: RealKafka, run_logs: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[MakeJob]:
    """Makes the test's job, or another one for another try: a quick sandbox unless it is given one."""
    count = itertools.count(1)
    with ExitStack() as ending:

        def make(sandbox: SandboxOptions | None = None, *, topic_config: Mapping[str, str] | None = None) -> Job:
            return ending.enter_context(
                Job(
                    real_kafka,
                    tmp_path,
                    run_logs,
                    name=f"{request.node.name}-of-{next(count)}",
                    sandbox=sandbox or sandbox_of(QUICK_PER_S),
                    topic_config=topic_config,
                )
            )

        yield make
