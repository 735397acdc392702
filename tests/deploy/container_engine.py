"""buildah and podman, on a store of their own: nothing that this machine's other containers have is seen or changed.

The limits that are usual for files and processes are left as they are, since a machine may forbid to raise them, and
control groups are made without systemd, which a machine under test need not run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.deploy.tools import tool

__all__ = ["ContainerEngine"]

_STORAGE: Final = """\
[storage]
driver = "{driver}"
graphroot = "{directory}/graph"
runroot = "{directory}/run"
"""
_CONTAINERS: Final = """\
[containers]
default_ulimits = []
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
"""
_WITHIN_S: Final = 300


class ContainerEngine:
    """Within a ``with``; at its end every container and image of it is gone."""

    def __enter__(self) -> Self:
        """Makes the store: overlay where the kernel has it here, else plain copies, which take longer."""
        # Not below pytest's directory: podman takes 50 characters at most.
        self._directory = Path(tempfile.mkdtemp(prefix="lc-"))
        self.environment = {
            **os.environ,
            "CONTAINERS_CONF": str(self._directory / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self._directory / "storage.conf"),
        }
        (self._directory / "containers.conf").write_text(_CONTAINERS)
        for driver in ("overlay", "vfs"):
            (self._directory / "storage.conf").write_text(_STORAGE.format(driver=driver, directory=self._directory))
            if self._ran("podman", "info").returncode == 0:
                return self
        raise RuntimeError(self._ran("podman", "info").stderr)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Removes all of it."""
        self._ran("podman", "rm", "--all", "--force")
        self._ran("podman", "rmi", "--all", "--force")
        shutil.rmtree(self._directory)

    def podman(self, *arguments: str) -> str:
        """What it wrote to its standard output; ``RuntimeError`` with both outputs where it fails."""
        ran = self._ran("podman", *arguments)
        if ran.returncode != 0:
            raise RuntimeError(f"podman {' '.join(arguments)}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout

    def inspected(self, kind: str, name: str) -> dict[str, Any]:
        """All that is known of an ``image`` or a ``container``."""
        found: list[dict[str, Any]] = json.loads(self.podman(kind, "inspect", name))
        return found[0]

    def _ran(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command: Sequence[str] = [tool(name), *arguments]
        return subprocess.run(  # noqa: S603 - podman, and arguments of ours
            command, check=False, capture_output=True, text=True, timeout=_WITHIN_S, env=self.environment
        )
