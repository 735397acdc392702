"""Whether there is tracing, and what is said where there cannot be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from consumer.adapters.tracing import check_tracing, tracing_of
from consumer.faults import Faults
from consumer.settings import Settings

ON = Settings.model_validate({"tracing": {"enabled": True}})

OFF_CODE = """
import sys
from consumer import app, runner
from consumer.adapters.tracing import check_tracing, tracing_of
from consumer.cli import check, run
from consumer.settings import Settings
check_tracing(Settings(), {})
assert tracing_of(Settings(), {}, version="1", now=float) is None
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry", "requests"))))
"""


def test_off_nothing_of_opentelemetry_is_imported() -> None:
    """By the whole program, though it is installed here."""
    ran = subprocess.run([sys.executable, "-c", OFF_CODE], capture_output=True, text=True, check=False)  # noqa: S603 - this Python, the code above

    assert ("[]\n", "") == (ran.stdout, ran.stderr)


def test_off_the_environment_of_others_changes_nothing() -> None:
    """It may be set for every pod of a cluster."""
    assert tracing_of(Settings(), {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, version="1", now=float) is None


async def test_on_spans_are_made() -> None:
    """As the environment says, or to a collector on this machine."""
    tracing = tracing_of(ON, {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, version="1", now=float)

    assert tracing is not None
    await tracing.close(10.0)


@pytest.mark.parametrize("name", ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"))
def test_another_protocol_is_a_fault(name: str) -> None:
    """Else spans would go to a port that does not take them."""
    with pytest.raises(Faults, match=rf"{name}: found 'grpc'; allowed: http/protobuf"):
        check_tracing(ON, {name: "grpc"})


def test_without_the_extra_it_is_a_fault_with_the_command_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by ``check``, and at the start."""
    monkeypatch.setitem(sys.modules, "consumer.adapters.tracing_export", None)

    with pytest.raises(Faults, match=r"tracing\.enabled: OpenTelemetry is not installed\n.*install '\.\[tracing\]'"):
        check_tracing(ON, {})


@pytest.mark.parametrize("environment", ({"OTEL_BSP_MAX_QUEUE_SIZE": "0"}, {"OTEL_BSP_SCHEDULE_DELAY": "-1"}))
def test_an_environment_that_opentelemetry_refuses_is_a_fault(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a traceback."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)

    with pytest.raises(Faults, match=r"tracing\.enabled: OpenTelemetry cannot be set up: ValueError"):
        tracing_of(ON, {}, version="1", now=float)
