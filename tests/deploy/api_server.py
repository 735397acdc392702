"""A Kubernetes API server as a cluster's own: etcd and kube-apiserver on loopback, with TLS, tokens and RBAC.

Everything that judges an object is there: schemas, defaults, admission, pod security, custom resource definitions with
their CEL rules. Nothing that acts on one is: no controller makes a pod of a Deployment, and no node runs it.
"""

from __future__ import annotations

import json
import secrets
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.deploy.tools import tool
from tests.ports import free_ports
from tests.waiting import until

__all__ = ["ADMINISTRATOR", "DEPLOYER", "NOBODY", "ApiServer"]

ADMINISTRATOR: Final = "administrator"
"""May do everything."""
DEPLOYER: Final = "deployer"
"""May do what roles allow it."""
NOBODY: Final = "nobody"
"""Is known, and has no role."""

_GROUPS: Final = {ADMINISTRATOR: "system:masters", DEPLOYER: "deployers", NOBODY: "guests"}
_START_WITHIN_S: Final = 180
_STOP_WITHIN_S: Final = 20
_ANSWER_WITHIN_S: Final = 10
_LOG_TAIL_LINES: Final = 30


class ApiServer:
    """etcd and kube-apiserver with their data, keys and logs in ``directory``, from start to stop."""

    def __init__(self, directory: Path) -> None:
        """Takes free ports, makes tokens and the key that signs service accounts' tokens; nothing runs yet."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._port, self._etcd_port, self._peer_port = free_ports(3)
        self._tokens = {user: secrets.token_hex(16) for user in _GROUPS}
        self._running: list[subprocess.Popen[bytes]] = []
        self._logs = ExitStack()
        lines = [f'{token},{user},{user},"{_GROUPS[user]}"\n' for user, token in self._tokens.items()]
        (directory / "tokens.csv").write_text("".join(lines))
        subprocess.run(  # noqa: S603 - the program is openssl and every argument is ours
            [tool("openssl"), "genrsa", "-out", str(directory / "service-accounts.pem"), "2048"],
            check=True,
            capture_output=True,
            timeout=_START_WITHIN_S,
        )

    def __enter__(self) -> Self:
        """Starts it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self.stop()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def authority(self) -> Path:
        """The certificate, in PEM, that vouches for the server."""
        return self._directory / "certificates" / "apiserver.crt"

    def start(self) -> None:
        """Starts both and returns when the server is ready; ``RuntimeError`` with the logs' ends where it is not."""
        try:
            self._run("etcd", self._etcd_options())
            self._run("kube-apiserver", self._api_server_options())
            until(self._is_ready, _START_WITHIN_S, "kube-apiserver is ready")
        except (TimeoutError, ChildProcessError) as error:
            self.stop()
            raise RuntimeError(f"the API server did not start: {error}\n{self.tail()}") from error

    def stop(self) -> None:
        """Ends both, the server first, or by force what takes over 20 s; may be called twice."""
        while self._running:
            process = self._running.pop()
            process.terminate()
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._logs.close()

    @property
    def running(self) -> list[int]:
        """The numbers of its processes."""
        return [process.pid for process in self._running if process.poll() is None]

    def tail(self) -> str:
        """The last lines of both logs."""
        ends = [log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:] for log in self._log_files()]
        return "\n".join(line for end in ends for line in end)

    def kubeconfig(self, user: str, *, namespace: str = "default", token: str | None = None) -> Path:
        """Writes what kubectl and helm need to be this user in this namespace, with its own token or another."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [
                {"name": "test", "cluster": {"server": self.url, "certificate-authority": str(self.authority)}}
            ],
            "users": [{"name": user, "user": {"token": self._tokens[user] if token is None else token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user, "namespace": namespace}}],
        }
        file = self._directory / f"{user}-{namespace}{'' if token is None else '-with-another-token'}.kubeconfig"
        file.write_text(json.dumps(config))
        return file

    def status(self, path: str, user: str | None = None) -> int:
        """The HTTP status of a GET, as this user or without a token."""
        headers = {} if user is None else {"Authorization": f"Bearer {self._tokens[user]}"}
        request = urllib.request.Request(f"{self.url}{path}", headers=headers)  # noqa: S310 - our own https address
        trust = ssl.create_default_context(cafile=self.authority)
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_WITHIN_S, context=trust) as answer:  # noqa: S310 - same
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    def _is_ready(self) -> bool:
        if any(process.poll() is not None for process in self._running):
            raise ChildProcessError("one of the two has ended")
        try:
            return self.status("/readyz", ADMINISTRATOR) == 200
        except OSError:  # no certificate yet, or no listener
            return False

    def _run(self, program: str, options: Sequence[str]) -> None:
        log = self._logs.enter_context((self._directory / f"{program}.log").open("ab"))
        self._running.append(
            subprocess.Popen(  # noqa: S603 - the program is one of two and every argument is ours
                [tool(program), *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._directory
            )
        )

    def _log_files(self) -> list[Path]:
        return sorted(self._directory.glob("*.log"))

    def _etcd_options(self) -> list[str]:
        clients, peers = (f"http://127.0.0.1:{port}" for port in (self._etcd_port, self._peer_port))
        return [
            *("--data-dir", str(self._directory / "etcd"), "--logger", "zap", "--log-level", "warn"),
            *("--listen-client-urls", clients, "--advertise-client-urls", clients),
            *("--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers),
            *("--initial-cluster", f"default={peers}"),
        ]

    def _api_server_options(self) -> list[str]:
        key = self._directory / "service-accounts.pem"
        return [
            f"--etcd-servers=http://127.0.0.1:{self._etcd_port}",
            *("--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={self._port}"),
            f"--cert-dir={self._directory / 'certificates'}",
            f"--token-auth-file={self._directory / 'tokens.csv'}",
            *("--authorization-mode=RBAC", "--anonymous-auth=false", "--profiling=false"),
            f"--service-account-issuer={self.url}",
            *(f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}"),
            "--service-cluster-ip-range=10.0.0.0/24",
            "--endpoint-reconciler-type=none",  # the server is on loopback, which no endpoint may name
        ]
