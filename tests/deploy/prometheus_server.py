"""A real Prometheus on loopback that scrapes what a test runs and evaluates the rules that are deployed."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, TypeAlias
from urllib.parse import urlencode

from tests.deploy.tools import tool
from tests.ports import free_ports
from tests.waiting import until

__all__ = ["PrometheusServer", "Target"]

Target: TypeAlias = tuple[str, str]
"""A job, and the address with its port that is scraped under it; the address becomes ``instance``."""

_STARTS_WITHIN_S: Final = 90
_ENDS_WITHIN_S: Final = 15
_ANSWERS_WITHIN_S: Final = 30
_LOG_TAIL_LINES: Final = 20
_BY_URGENCY: Final = ("inactive", "pending", "firing")


class PrometheusServer:
    """Runs between ``with`` and its end, with its settings, data and log in ``directory``.

    ``labels`` are put on every target, as a cluster puts ``namespace``; ``rules`` are paths of files of rules.
    Intervals are Prometheus' own words for a duration.
    """

    def __init__(
        self,
        directory: Path,
        *,
        targets: Iterable[Target],
        rules: Sequence[Path] = (),
        scrape_interval: str = "1s",
        evaluation_interval: str = "1s",
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Takes a free port and writes the settings; nothing runs yet."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._labels = dict(labels or {})
        (self._port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self.scrape(targets)
        settings = {
            "global": {
                "scrape_interval": scrape_interval,
                "scrape_timeout": scrape_interval,
                "evaluation_interval": evaluation_interval,
            },
            "rule_files": [str(path.resolve()) for path in rules],
            "scrape_configs": [
                {"job_name": "unnamed", "file_sd_configs": [{"files": [str(self._targets_file.resolve())]}]}
            ],
        }
        self._settings_file.write_text(json.dumps(settings))  # JSON is YAML

    def __enter__(self) -> Self:
        """Starts it and returns when it answers; ``RuntimeError`` with the end of its log where it does not."""
        self._log = self._log_file.open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - Debian's Prometheus, and every argument is ours
            [
                tool("prometheus"),
                f"--config.file={self._settings_file}",
                f"--storage.tsdb.path={self._directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
                "--enable-feature=exemplar-storage",
                "--log.level=warn",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            until(self._answers, _STARTS_WITHIN_S, "Prometheus answers")
        except (TimeoutError, ChildProcessError) as error:
            self._stop()
            raise RuntimeError(f"Prometheus did not start: {error}\n{self.tail()}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self._stop()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}"

    def scrape(self, targets: Iterable[Target], instances: Mapping[str, str] | None = None) -> None:
        """From now on these are scraped, and no others; while it runs, within ten seconds.

        ``instances`` are names for addresses; one that has none is its own.
        """
        names = instances or {}
        groups = [
            {"targets": [address], "labels": {"job": job, "instance": names.get(address, address), **self._labels}}
            for job, address in targets
        ]
        unfinished = self._targets_file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(groups))
        unfinished.replace(self._targets_file)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now: each series with its ``labels`` and its ``value``, a float.

        ``ValueError`` says why where Prometheus refuses the expression.
        """
        found = self._ask("query", query=expression)
        series = [{"metric": {}, "value": found["result"]}] if found["resultType"] == "scalar" else found["result"]
        return [{"labels": one["metric"], "value": float(one["value"][1])} for one in series]

    def query_range(self, expression: str, *, start_s: float, end_s: float, step_s: float) -> list[dict[str, Any]]:
        """The same over a time, in seconds since 1970: of each series ``labels`` and ``values``, (time, float)."""
        found = self._ask("query_range", query=expression, start=start_s, end=end_s, step=step_s)
        return [
            {"labels": one["metric"], "values": [(moment, float(value)) for moment, value in one["values"]]}
            for one in found["result"]
        ]

    def alerts(self) -> dict[str, str]:
        """Every alert of the rules with its state: ``inactive``, ``pending`` or ``firing``."""
        states: dict[str, str] = {}
        for group in self._ask("rules", type="alert")["groups"]:
            for rule in group["rules"]:
                states[rule["name"]] = max(rule["state"], states.get(rule["name"], "inactive"), key=_BY_URGENCY.index)
        return states

    def targets_up(self) -> int:
        """How many of the targets answered when they were last scraped."""
        return sum(one["health"] == "up" for one in self._targets())

    def jobs(self) -> set[str]:
        """Which jobs have a target that is scraped."""
        return {one["labels"]["job"] for one in self._targets()}

    def until_up(self, count: int, within_s: float = 90) -> None:
        """Returns when so many targets have been scraped; ``TimeoutError`` where that takes longer."""
        until(lambda: self.targets_up() == count, within_s, f"{count} targets are scraped")

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self._log_file.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])

    @property
    def _log_file(self) -> Path:
        return self._directory / "prometheus.log"

    @property
    def _settings_file(self) -> Path:
        return self._directory / "prometheus.yml"

    @property
    def _targets_file(self) -> Path:
        return self._directory / "targets.json"

    def _targets(self) -> Any:
        return self._ask("targets", state="active")["activeTargets"]

    def _ask(self, what: str, **parameters: Any) -> Any:
        """``data`` of an answer of its HTTP interface; long expressions go in a body where it takes one."""
        address, body = f"{self.url}/api/v1/{what}", urlencode(parameters)
        request = (
            urllib.request.Request(address, data=body.encode())  # noqa: S310 - an address on loopback
            if what.startswith("query")
            else urllib.request.Request(f"{address}?{body}")  # noqa: S310 - an address on loopback
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWERS_WITHIN_S) as answer:  # noqa: S310 - the same
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(f"{parameters}: {json.load(error).get('error')}") from error

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise ChildProcessError(f"it ended with {self._process.returncode}")
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as answer:  # noqa: S310 - on loopback
                return bool(answer.status == 200)
        except OSError:
            return False

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._log is not None:
            self._log.close()
