"""What the checks of ``deploy/`` share with the tests of whole runs."""

from __future__ import annotations

from tests.kafka.conftest import make_job

__all__ = ["make_job"]
