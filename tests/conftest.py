"""What every test run has: a real Kafka where one is wanted, and a look through all logs at its end.

A test that wants Kafka itself takes the fixture ``real_kafka``. Whatever a test lets a process or the program log goes
to ``*.log`` below the directory ``run_logs``; what pytest captured of logs and of standard error is added to it. At the
end of the run no such file may hold a key or an address, else the run has failed.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import async_solipsism
import pytest
from hypothesis import HealthCheck, settings

from tests.kafka.real_kafka import RealKafka, what_is_missing
from tests.redaction import Leak, leaks_in

_LOGS_VARIABLE: Final = "LOOPS_CONSUMER_TEST_LOGS"
_LOGS: Final = pytest.StashKey[Path]()
_LEAKS: Final = pytest.StashKey[list[Leak]]()
_SKIPPED: Final = pytest.StashKey[int]()
_TIMES_S: Final = {"conformance": 180, "kafka": 300}
"""For one test of a directory, with the broker's start where it is the first: each of its waits has a bound of its own,
and it takes less than a minute where nothing else runs."""
_CAPTURED: Final = ("Captured log", "Captured stderr")

# How long a busy machine takes to make an example, or to run it, says nothing of the program.
settings.register_profile("any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")


@pytest.fixture(scope="session")
def run_logs(pytestconfig: pytest.Config) -> Path:
    """Where every log of this run goes; a test names its file after itself."""
    return pytestconfig.stash[_LOGS]


@pytest.fixture(scope="session")
def real_kafka(tmp_path_factory: pytest.TempPathFactory, run_logs: Path) -> Iterator[RealKafka]:
    """Apache Kafka, started once a run; topics come from its ``new_topic``."""
    with RealKafka(tmp_path_factory.mktemp("kafka"), log=run_logs / "kafka.log") as kafka:
        yield kafka


@pytest.fixture
def run_virtual() -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Runs a coroutine on a clock that jumps to the next timer, for an hour of it at most."""
    loop = async_solipsism.EventLoop()

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        loop.run_until_complete(asyncio.wait_for(coroutine, 3600))

    yield run
    loop.close()
    gc.collect()


def pytest_configure(config: pytest.Config) -> None:
    """Makes the directory of logs: the one that the environment names, else one that is removed after a good run."""
    named = os.environ.get(_LOGS_VARIABLE)
    config.stash[_LOGS] = Path(named) if named else Path(tempfile.mkdtemp(prefix="loops-consumer-logs-"))
    config.stash[_LOGS].mkdir(parents=True, exist_ok=True)
    config.stash[_LEAKS] = []
    config.stash[_SKIPPED] = 0


def pytest_report_header(config: pytest.Config) -> str:
    """Where the logs are, for when the run fails."""
    return f"logs: {config.stash[_LOGS]}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Gives tests their time; marks what takes Kafka, and skips it where there is none and a person runs the tests."""
    for item in items:
        if (time_s := _TIMES_S.get(item.path.relative_to(Path(__file__).parent).parts[0])) is not None:
            item.add_marker(pytest.mark.timeout(time_s))
    wanting = [item for item in items if "real_kafka" in getattr(item, "fixturenames", ())]
    for item in wanting:
        item.add_marker(pytest.mark.real_kafka)
    marked = [item for item in items if item.get_closest_marker("real_kafka")]
    missing = what_is_missing()
    if missing and not os.environ.get("CI"):
        config.stash[_SKIPPED] = len(marked)
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=missing))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fails what cannot run where CI is set."""
    missing = what_is_missing()
    if missing and item.get_closest_marker("real_kafka"):
        pytest.fail(f"{missing}, and CI is set", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds what pytest captured to the logs of the run."""
    report = yield
    if report.when == "teardown":
        captured = [text for name, text in report.sections if name.startswith(_CAPTURED)]
        if any(captured):
            with (item.config.stash[_LOGS] / "captured.log").open("a", errors="replace") as log:
                log.write(f"# {item.nodeid}\n" + "\n".join(captured) + "\n")
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Looks through the logs, and fails the run where one leaks."""
    logs = session.config.stash[_LOGS]
    session.config.stash[_LEAKS] = leaks_in(logs)
    if session.config.stash[_LEAKS]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    elif session.exitstatus == pytest.ExitCode.OK and _LOGS_VARIABLE not in os.environ:
        shutil.rmtree(logs, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says which logs leak what; the text itself is not repeated."""
    if config.stash[_LEAKS]:
        terminalreporter.section("the logs of this run leak", red=True)
        for leak in config.stash[_LEAKS]:
            terminalreporter.write_line(f"{config.stash[_LOGS] / leak.file}:{leak.line}: {leak.what}", red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the output with what a person must not overlook."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    if config.stash[_LEAKS]:
        reporter.write_line(f"FAILED: the logs leak in {len(config.stash[_LEAKS])} lines, listed above", red=True)
    if config.stash[_SKIPPED]:
        skipped = f"NOT RUN: {config.stash[_SKIPPED]} tests on a real Kafka, because {what_is_missing()}"
        reporter.write_line(skipped, red=True, bold=True)
