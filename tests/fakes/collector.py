"""A collector of spans: takes OTLP over HTTP on loopback, and keeps what it was sent."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

__all__ = ["Collector", "attributes_of"]


class Collector:
    """Listens within a ``with``. ``answers``: it takes what it is sent; else it lets who sends wait until the end."""

    def __init__(self, *, answers: bool = True) -> None:
        """At a free port."""
        self._lock = threading.Lock()
        self._requests: list[ExportTraceServiceRequest] = []
        self.asked = threading.Event()
        """Something was sent."""
        self._ends = threading.Event()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.asked.set()
                if not answers:
                    collector._ends.wait()
                    return
                collector._take(self.path, body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        """Listens."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends."""
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        """For ``OTEL_EXPORTER_OTLP_ENDPOINT``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def spans(self) -> list[Span]:
        """All that came, in the order in which they did."""
        with self._lock:
            scopes = [scope for one in self._requests for of in one.resource_spans for scope in of.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def resource(self) -> dict[str, Any]:
        """The attributes of whoever sent last."""
        with self._lock:
            return attributes_of(self._requests[-1].resource_spans[0].resource)

    def everything(self) -> str:
        """All that came, as text."""
        with self._lock:
            return "\n".join(map(str, self._requests))

    def _take(self, path: str, body: bytes) -> None:
        assert path == "/v1/traces"
        with self._lock:
            self._requests.append(ExportTraceServiceRequest.FromString(body))


def attributes_of(told: Any) -> dict[str, Any]:
    """Of a span or a resource, as plain values."""
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in told.attributes}
