"""The consumer as users run it: a process with two files and an environment, watched from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from tests.waiting import until

__all__ = ["ConsumerProcess", "WatchedProcess", "clean_environment", "command"]

ROOT: Final = Path(__file__).parents[2]

_READY_WITHIN_S: Final = 60
_ENDS_WITHIN_S: Final = 60
_ASK_WITHIN_S: Final = 30
_LISTENING: Final = re.compile(r'"event": ?"listening".*?"port": ?(\d+)')
_SAMPLE: Final = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')
_TAIL_LINES: Final = 30


def command(*arguments: str, module: str = "consumer") -> list[str]:
    """The command line of ``loops-consumer`` with these arguments; ``module`` is what runs in its place."""
    return [sys.executable, "-m", module, *arguments]


def clean_environment(**variables: str) -> dict[str, str]:
    """The environment of these tests without what would set up a consumer, and with ``variables``."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("LOOPS_", "KAFKA_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **variables}


class WatchedProcess:
    """A command that runs the consumer, from its making until it has ended; both outputs go to ``log``."""

    def __init__(self, command_line: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        """Starts it."""
        self.log = log
        self._output: IO[bytes] = log.open("wb")
        self._process = subprocess.Popen(  # noqa: S603 - a program of ours
            command_line, stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output, env=environment
        )
        self._port: int | None = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it by force where it still runs."""
        self.kill()

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    @property
    def port(self) -> int | None:
        """Of its admin endpoint; None while it does not listen yet."""
        return self._found_port()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def until_ready(self, within_s: float = _READY_WITHIN_S) -> Self:
        """Returns when it has joined the group; raises with the end of its log where it ends first, or never does."""
        self.until_page("/readyz", within_s)
        return self

    def until_page(self, path: str, within_s: float) -> None:
        """Returns when this page of the admin endpoint says that all is well; raises as :meth:`until_ready` does."""
        self._until(lambda: self.page(path)[0] == 200, within_s, f"{path} says 200")

    def until_log(self, text: str, within_s: float) -> None:
        """Returns when its log holds ``text``."""
        self._until(lambda: text in self.output(), within_s, f"the log holds {text}")

    def page(self, path: str, accept: str = "*/*") -> tuple[int, str]:
        """A page of the admin endpoint: status and text; status 0 where nobody listens."""
        port = self._found_port()
        if port is None:
            return 0, ""
        try:
            asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
            with urllib.request.urlopen(asked, timeout=_ASK_WITHIN_S) as answer:  # noqa: S310 - as above
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (OSError, urllib.error.URLError):
            return 0, ""

    def status(self) -> dict[str, Any]:
        """``/status``; ``ConnectionError`` where it cannot be had."""
        found: dict[str, Any] = json.loads(self._asked("/status"))
        return found

    def waits_for(self) -> str:
        """What its Kafka thread waits for; empty while nobody listens yet."""
        return "" if self.port is None else str(self.status()["source"]["waits_for"])

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels; 0 where there are none, or nobody listens yet.

        ``ConnectionError`` where it listens and the page cannot be had: no count is not a count of 0.
        """
        text = "" if self.port is None else self._asked("/metrics")
        return sum(
            float(sample["value"])
            for sample in map(_SAMPLE.match, text.splitlines())
            if sample is not None
            and sample["name"] == name
            and labels.items() <= dict(_LABEL.findall(sample["labels"] or "")).items()
        )

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Asks it to end, as Kubernetes does: SIGTERM."""
        self.send(signal.SIGTERM)

    def exit_code(self, within_s: float = _ENDS_WITHIN_S) -> int:
        """Waits until it has ended; ``TimeoutError`` with the end of its log where it does not."""
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"it still runs after {within_s} s\n{self.tail()}") from None
        finally:
            if not self.running:
                self._output.close()

    def kill(self) -> None:
        """Ends it as a power cut would; may be called twice, and after its end."""
        if self.running:
            self._process.kill()
        self._process.wait()
        self._output.close()

    def output(self) -> str:
        """All it has written so far."""
        return self.log.read_text(errors="replace")

    def lines(self) -> list[str]:
        """The lines that it has written to their ends."""
        return self.output().rpartition("\n")[0].splitlines()

    def tail(self) -> str:
        """The last lines it wrote."""
        return "\n".join(self.output().splitlines()[-_TAIL_LINES:])

    def _asked(self, path: str) -> str:
        status, text = self.page(path)
        if status != 200:
            raise ConnectionError(f"{path}: {status}\n{self.tail()}")
        return text

    def _until(self, condition: Any, within_s: float, what: str) -> None:
        def reached() -> bool:
            if not self.running:
                raise ChildProcessError(f"it ended with {self._process.returncode} before {what}\n{self.tail()}")
            return bool(condition())

        try:
            until(reached, within_s, what)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; {self.page('/readyz')}\n{self.tail()}") from None

    def _found_port(self) -> int | None:
        if self._port is None and (found := _LISTENING.search(self.output())) is not None:
            self._port = int(found[1])
        return self._port


class ConsumerProcess(WatchedProcess):
    """``loops-consumer run``. The settings must name port 0 for the admin endpoint."""

    def __init__(
        self, config: Path, log: Path, environment: Mapping[str, str], *options: str, module: str = "consumer"
    ) -> None:
        """Starts it with these further options; ``module`` is what runs in its place."""
        line = command("run", "--config", str(config), *options, module=module)
        super().__init__(line, log, clean_environment(**environment))
