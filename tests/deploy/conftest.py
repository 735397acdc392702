"""What the checks of ``deploy/`` share with the tests of whole runs."""

from __future__ import annotations

from tests.deploy.cluster_fixtures import administrator, api_server, make_namespace
from tests.kafka.conftest import make_job

__all__ = ["administrator", "api_server", "make_job", "make_namespace"]
