"""A schema registry on loopback that speaks what confluent-kafka's client and serializers ask, and fails on demand.

It knows schemas by number, by GUID and by version of a subject, and takes new ones. It checks nothing of them: no
syntax, no compatibility. A Protobuf schema is kept as the serialized descriptor that the serializer registers, and is
given as such where it is asked for (``format=serialized``); as text it would have to be printed, so that is refused.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.ports import free_ports

__all__ = ["SchemaRegistry"]

_NO_SUBJECT: Final = (404, 40401, "Subject not found")
_NO_VERSION: Final = (404, 40402, "Version not found")
_NO_SCHEMA: Final = (404, 40403, "Schema not found")
_NO_PATH: Final = (404, 404, "HTTP 404 Not Found")
_NOT_LET_IN: Final = (401, 40101, "Unauthorized")
_NO_TEXT: Final = (422, 42201, "this stand-in prints no Protobuf schema")

_GUIDS: Final = uuid.UUID(int=0x5C4E3A)

Answer = tuple[int, Any]


@dataclass(slots=True)
class _Stored:
    """A schema as it was registered first."""

    number: int
    guid: str
    content: dict[str, Any]


@dataclass(slots=True)
class SchemaRegistry:
    """Listens between ``with`` and its end, but for while it is down. Use it on one thread.

    What goes wrong is set at any time: ``status`` is what it answers to everything, ``hangs`` lets every request wait
    until that is over, ``password`` is what whoever asks must send as the user ``consumer``, ``hidden`` are the numbers
    that it denies to know.
    """

    status: int | None = None
    body: str = '{"error_code": 50001, "message": "Error in the backend data store"}'
    """Of such an answer."""
    password: str | None = None
    hidden: set[int] = field(default_factory=set)
    tls: ssl.SSLContext | None = None
    """Set before it starts."""
    asked: list[str] = field(default_factory=list)
    """Method and path of each request that came, with its query."""
    _stored: list[_Stored] = field(default_factory=list)
    _subjects: dict[str, list[_Stored]] = field(default_factory=dict)
    _free: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None
    _port: int = 0

    def __enter__(self) -> Self:
        """Listens at a free port."""
        self._free.set()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it."""
        self.stop()

    @property
    def url(self) -> str:
        """Its address, the same for ever."""
        return f"{'http' if self.tls is None else 'https'}://{self.host}"

    @property
    def host(self) -> str:
        """The same without the scheme."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Answers again, at the same port."""
        if self._server is not None:
            return
        self._port = self._port or free_ports(1)[0]

        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry._serve(self)

            do_POST = do_GET  # noqa: N815 - as above

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="registry", daemon=True).start()

    def stop(self) -> None:
        """Refuses connections from now on."""
        self._free.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def hangs(self) -> bool:
        """Whether requests wait."""
        return not self._free.is_set()

    @hangs.setter
    def hangs(self, whether: bool) -> None:
        (self._free.clear if whether else self._free.set)()

    def register(self, subject: str, schema: str, kind: str = "AVRO", **more: Any) -> int:
        """Registers a schema as a serializer does; returns its number. ``more`` are references and rules."""
        content = {"schema": schema, "schemaType": kind, "references": [], **more}
        with self._lock:
            return self._registered(subject, content).number

    def guid_of(self, number: int) -> str:
        """The GUID of the schema with this number."""
        return self._stored[number - 1].guid

    def count(self, path: str) -> int:
        """How many requests there were for a path that begins so."""
        return sum(asked.startswith(f"GET {path}") for asked in self.asked)

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        with self._lock:
            self.asked.append(f"{request.command} {request.path}")
        self._free.wait()
        with self._lock:
            status, answer = self._answered(request, body)
        content = answer if isinstance(answer, str) else json.dumps(answer)
        request.send_response(status)
        request.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        request.end_headers()
        request.wfile.write(content.encode())

    def _answered(self, request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        if self.status is not None:
            return self.status, self.body
        if self.password is not None:
            sent = base64.b64encode(f"consumer:{self.password}".encode()).decode()
            if request.headers.get("Authorization") != f"Basic {sent}":
                return _wrong(_NOT_LET_IN)
        url = urlsplit(request.path)
        path = [unquote(part) for part in url.path.strip("/").split("/")]
        if request.command == "GET":
            return self._got(path, parse_qs(url.query).get("format", [""])[0])
        return self._posted(path, json.loads(body))

    def _got(self, path: list[str], form: str) -> Answer:
        match path:
            case ["schemas", "ids", number]:
                return self._schema([one for one in self._stored if str(one.number) == number], form)
            case ["schemas", "guids", guid]:
                return self._schema([one for one in self._stored if one.guid == guid], form)
            case ["subjects", subject, "versions", version]:
                return self._version(subject, version, form)
        return _wrong(_NO_PATH)

    def _posted(self, path: list[str], content: dict[str, Any]) -> Answer:
        match path:
            case ["subjects", subject, "versions"]:
                return 200, _told(self._registered(subject, content), subject)
            case ["subjects", subject]:
                return self._looked_up(subject, content)
        return _wrong(_NO_PATH)

    def _schema(self, found: list[_Stored], form: str) -> Answer:
        if not found or found[0].number in self.hidden:
            return _wrong(_NO_SCHEMA)
        return _formed(found[0], form, {"guid": found[0].guid, "id": found[0].number})

    def _version(self, subject: str, version: str, form: str) -> Answer:
        versions = self._subjects.get(subject)
        if versions is None:
            return _wrong(_NO_SUBJECT)
        number = len(versions) if version == "latest" else int(version)
        if not 1 <= number <= len(versions):
            return _wrong(_NO_VERSION)
        found = versions[number - 1]
        return _formed(found, form, {**_told(found, subject), "version": number})

    def _looked_up(self, subject: str, content: dict[str, Any]) -> Answer:
        versions = self._subjects.get(subject, [])
        known = [number for number, found in enumerate(versions, 1) if _same(found.content, content)]
        if not known:
            return _wrong(_NO_SCHEMA if versions else _NO_SUBJECT)
        return 200, {**_told(versions[known[0] - 1], subject), "version": known[0]}

    def _registered(self, subject: str, content: dict[str, Any]) -> _Stored:
        found = next((one for one in self._stored if _same(one.content, content)), None)
        if found is None:
            number = len(self._stored) + 1
            found = _Stored(number, str(uuid.uuid5(_GUIDS, json.dumps(content, sort_keys=True))), content)
            self._stored.append(found)
        versions = self._subjects.setdefault(subject, [])
        if found not in versions:
            versions.append(found)
        return found


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Who breaks a connection off has a reason."""


def _wrong(why: tuple[int, int, str]) -> Answer:
    status, code, message = why
    return status, {"error_code": code, "message": message}


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("schema", "schemaType", "ruleSet")) and (
        (one.get("references") or []) == (other.get("references") or [])
    )


def _told(found: _Stored, subject: str) -> dict[str, Any]:
    return {"id": found.number, "guid": found.guid, "subject": subject, "version": 1, **found.content}


def _formed(found: _Stored, form: str, more: dict[str, Any]) -> Answer:
    if found.content.get("schemaType") == "PROTOBUF" and form != "serialized":
        return _wrong(_NO_TEXT)
    return 200, {**found.content, **more}
