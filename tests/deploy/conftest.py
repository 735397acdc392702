"""What the checks of ``deploy/`` share with the tests of whole runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.cluster_fixtures import administrator, api_server, make_namespace
from tests.deploy.desk import Desk
from tests.deploy.release import released
from tests.kafka.conftest import make_job
from tests.kafka.job import MakeJob

__all__ = ["administrator", "api_server", "desk", "make_job", "make_namespace", "released"]


@pytest.fixture
def desk(make_job: MakeJob, tmp_path: Path) -> Desk:
    """Somebody with the runbook, beside a job of the test's own."""
    return Desk(make_job(), tmp_path)
