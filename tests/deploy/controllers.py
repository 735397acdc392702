"""What Kubernetes' controllers and a node would report of a release, for an API server that has neither.

They start nothing and run nothing: they say that a Deployment has the pods that it wants, and that the pods of
``helm test`` have ended well, so that what waits for that goes on.
"""

from __future__ import annotations

import json
from typing import Any, Final

from tests.deploy.cluster_user import ClusterUser
from tests.repeated import Repeated

__all__ = ["Controllers"]

_EVERY_S: Final = 0.3
_ENDS_WITHIN_S: Final = 90


class Controllers(Repeated):
    """Reports within ``with``, as somebody who may write what controllers write."""

    def __init__(self, administrator: ClusterUser, release: str) -> None:
        """``administrator`` in the namespace of the release."""
        super().__init__(every_s=_EVERY_S, ends_within_s=_ENDS_WITHIN_S)
        self._administrator = administrator
        self._release = release

    def _once(self) -> None:
        found = self._administrator.kubectl("get", "deployment", self._release, "--output=json")
        if found.status == 0:
            self._report("deployment", self._release, _rolled_out(json.loads(found.output)))
        for test in (f"{self._release}-test-kafka", f"{self._release}-test-loops"):
            if self._administrator.kubectl("get", "pod", test).status == 0:
                self._report("pod", test, {"phase": "Succeeded"})

    def _report(self, kind: str, name: str, status: dict[str, Any]) -> None:
        patch = json.dumps({"status": status})
        self._administrator.kubectl("patch", kind, name, "--subresource=status", "--type=merge", f"--patch={patch}")


def _rolled_out(deployment: dict[str, Any]) -> dict[str, Any]:
    wanted = deployment["spec"]["replicas"]
    good = ("Available", "MinimumReplicasAvailable"), ("Progressing", "NewReplicaSetAvailable")
    return {
        "observedGeneration": deployment["metadata"]["generation"],
        **dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), wanted),
        "conditions": [{"type": kind, "status": "True", "reason": reason, "message": ""} for kind, reason in good],
    }
