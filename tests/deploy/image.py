"""The image as a user builds it, on a base that stands in for the official one, and a container of it as a pod runs."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Final

from tests.deploy.container_engine import ContainerEngine
from tests.deploy.tools import ROOT, tool
from tests.kafka.consumer_process import WatchedProcess

__all__ = ["BASE", "IMAGE", "RESTRICTED", "ConsumerContainer", "build"]

BASE: Final = "localhost/python:stand-in"
IMAGE: Final = "localhost/loops-consumer:under-test"

RESTRICTED: Final = (
    "--network=host",
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--memory=256m",
    "--memory-swap=256m",
)
"""What a restricted pod is held to, and no writable place at all; the network is this machine's, where Kafka is."""

_BUILT_WITHIN_S: Final = 600
_PIP_SETTINGS: Final = ("cert", "index-url", "trusted-host")


def build(engine: ContainerEngine, directory: Path) -> None:
    """Makes :data:`BASE`, and on it :data:`IMAGE`, by ``make image`` as it stands.

    Packages come from where this machine's pip has them: its settings go in as a secret, its certificates for the time
    of the build. Raises ``RuntimeError`` with the end of what was said.
    """
    engine.podman("import", str(ROOT / ".cache" / "deploy" / "python-base.tar"), BASE)
    settings, certificates = _pip_settings()
    (directory / "pip.conf").write_text(settings)
    buildah = [
        *(tool("buildah"), "bud", "--isolation", "chroot", "--pull-never", "--layers=false"),
        *("--secret", f"id=pip.conf,src={directory / 'pip.conf'}"),
        *(part for file in certificates for part in ("--volume", f"{file}:{file}:ro")),
    ]
    make = [tool("make"), "image", f"BUILD={shlex.join(buildah)}", f"IMAGE={IMAGE}", f"PYTHON_IMAGE={BASE}"]
    ran = subprocess.run(  # noqa: S603 - make, and arguments of ours
        make, cwd=ROOT, check=False, capture_output=True, text=True, timeout=_BUILT_WITHIN_S, env=engine.environment
    )
    if ran.returncode != 0:
        raise RuntimeError(f"make image: {ran.returncode}\n{ran.stdout[-4000:]}\n{ran.stderr[-4000:]}")


def _pip_settings() -> tuple[str, list[str]]:
    """What pip.conf has to say for this machine's packages to be found, and the files that it names."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    lines, files = ["[global]"], []
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        if (key := name.rpartition(".")[2]) in _PIP_SETTINGS:
            text = shlex.split(value)[0]
            lines.append(f"{key} = {text}")
            files += [text] if key == "cert" else []
    return "\n".join(dict.fromkeys(lines)) + "\n", list(dict.fromkeys(files))


class ConsumerContainer(WatchedProcess):
    """A container that runs the image's own command under :data:`RESTRICTED`, with a directory of settings."""

    def __init__(self, engine: ContainerEngine, settings: Path, log: Path) -> None:
        """Starts it; ``settings`` is what the pod has at ``/etc/loops-consumer``, readable for everyone."""
        self.name = f"consumer-{uuid.uuid4().hex[:8]}"
        self._engine = engine
        mount = f"--volume={settings}:/etc/loops-consumer:ro"
        line = [tool("podman"), "run", "--name", self.name, *RESTRICTED, mount, IMAGE]
        super().__init__(line, log, engine.environment)

    @property
    def inside_pid(self) -> int:
        """The process' number on this machine."""
        return int(self._engine.inspected("container", self.name)["State"]["Pid"])

    def stop(self, grace_s: int) -> int:
        """SIGTERM, and SIGKILL where it has not ended after ``grace_s``, as Kubernetes does; its exit code."""
        self._engine.podman("stop", "--time", str(grace_s), self.name)
        return self.exit_code()

    def kill(self) -> None:
        """Ends and removes it; may be called twice."""
        if self.running:
            self._engine.podman("kill", "--signal", str(signal.SIGKILL.value), self.name)
        super().kill()
        self._engine.podman("rm", "--force", "--ignore", self.name)
