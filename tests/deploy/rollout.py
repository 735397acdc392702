"""Pods as processes: started, probed and replaced as the chart's two kinds of workload do it.

A Deployment with ``maxSurge: 0`` and ``maxUnavailable: 1`` starts a successor as soon as a pod is told to end; a
StatefulSet starts it when the pod is gone, under the same name. Both go on to the next when ``/readyz`` says 200. What
does not end within the grace period is killed, as the kubelet does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from consumer.settings.sections import DeliverySettings
from tests.deploy.prometheus_server import Target
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job

__all__ = ["GRACE_S", "Pods", "Workload"]

GRACE_S: Final = DeliverySettings().drain_s + 10
"""The chart's ``terminationGracePeriodSeconds`` by default."""
STARTS_WITHIN_S: Final = 90
"""What the chart's startup probe allows by default."""


class Workload(Enum):
    """What runs the pods."""

    DEPLOYMENT = "Deployment"
    STATEFUL_SET = "StatefulSet"


@dataclass(slots=True)
class Pods:
    """The pods of one workload, each a real consumer on a port of its own."""

    job: Job
    workload: Workload
    ports: list[int]
    """One for each pod that will ever run."""
    scraped_by: Callable[[list[Target]], None]
    """Is told, at each change, what runs: as Prometheus learns it from the cluster."""
    running: dict[str, ConsumerProcess] = field(default_factory=dict)
    killed: list[str] = field(default_factory=list)
    """Those that had not ended within the grace period."""
    _port_of: dict[str, int] = field(default_factory=dict)
    _started: int = 0

    def start(self, count: int) -> None:
        """Starts so many, and returns when all are ready."""
        for number in range(count):
            self._start(number)
        for pod in self.running.values():
            pod.until_ready(STARTS_WITHIN_S)

    def replace_all(self) -> None:
        """One after the other; each successor is ready before the next is told to end."""
        for number, name in enumerate(list(self.running)):
            ending = self.running.pop(name)
            ending.terminate()
            self._tell()
            if self.workload is Workload.STATEFUL_SET:
                self._until_gone(name, ending)
            successor = self._start(number)
            self._until_gone(name, ending)
            successor.until_ready(STARTS_WITHIN_S)

    def _start(self, number: int) -> ConsumerProcess:
        name = f"loops-consumer-{number if self.workload is Workload.STATEFUL_SET else self._started}"
        self.job.environment["LOOPS_CONSUMER__ADMIN__PORT"] = str(self.ports[self._started])
        if self.workload is Workload.STATEFUL_SET:
            self.job.environment["LOOPS_CONSUMER__KAFKA__GROUP_INSTANCE_ID"] = name
        self._port_of[name] = self.ports[self._started]
        self._started += 1
        self.running[name] = self.job.start()
        self._tell()
        return self.running[name]

    def _tell(self) -> None:
        self.scraped_by([("loops-consumer", f"127.0.0.1:{self._port_of[name]}") for name in self.running])

    def _until_gone(self, name: str, pod: ConsumerProcess) -> None:
        try:
            code = pod.exit_code(within_s=GRACE_S)
        except TimeoutError:
            pod.kill()
            self.killed.append(name)
            return
        if code != 0:
            raise ChildProcessError(f"{name} ended with {code}\n{pod.tail()}")
