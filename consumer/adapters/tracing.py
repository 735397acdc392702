"""The door to OpenTelemetry, which the extra ``tracing`` brings: nothing of it is imported where tracing is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, Protocol, cast

from consumer.adapters.telemetry import PrometheusTelemetry
from consumer.core.record import Position
from consumer.faults import Fault, Faults
from consumer.ports import Telemetry
from consumer.settings import Settings

__all__ = ["FLUSH_S", "Tracing", "check_tracing", "tracing_of"]

FLUSH_S: Final = 5.0
"""Seconds at the end, of the time to stop, that the last spans have to be exported; a collector that is well needs
some milliseconds."""

_KEY: Final = "tracing.enabled"
_MODULE: Final = "consumer.adapters.tracing_export"
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL: Final = "http/protobuf"


class Tracing(Protocol):
    """Makes spans, and exports them on a thread of its own."""

    def around(self, telemetry: PrometheusTelemetry, is_open: Callable[[Position], bool]) -> Telemetry:
        """The same telemetry, with spans; ``is_open``: whether a record is in flight."""

    async def close(self, within_s: float) -> None:
        """Exports what is left, and gives up after so many seconds; may be called once."""


def check_tracing(settings: Settings, environ: Mapping[str, str]) -> None:
    """Raises :class:`~consumer.faults.Faults` where tracing is on and cannot be."""
    if not settings.tracing.enabled:
        return
    for name in _PROTOCOLS:
        if environ.get(name, _PROTOCOL) != _PROTOCOL:
            fault = Fault(
                f"found {environ[name]!r}; allowed: {_PROTOCOL}", path=name, hint="collectors take it at :4318"
            )
            raise Faults([fault])
    try:
        import_module(_MODULE)
    except ModuleNotFoundError:
        hint = "pip install '.[tracing]' in the checkout"
        raise Faults([Fault("OpenTelemetry is not installed", path=_KEY, hint=hint)]) from None


def tracing_of(
    settings: Settings, environ: Mapping[str, str], *, version: str, now: Callable[[], float]
) -> Tracing | None:
    """As the settings and OpenTelemetry's own variables say; None where it is off.

    ``now`` is monotonic seconds. Raises :class:`~consumer.faults.Faults` where it cannot be.
    """
    check_tracing(settings, environ)
    if not settings.tracing.enabled:
        return None
    try:
        return cast("Tracing", import_module(_MODULE).OtlpTracing(settings, version=version, now=now))
    except (ValueError, OSError) as error:
        hint = "see the variables that begin with OTEL_"
        fault = Fault(f"OpenTelemetry cannot be set up: {type(error).__name__}", path=_KEY, hint=hint)
        raise Faults([fault]) from None
