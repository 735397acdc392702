"""``loops-consumer sandbox``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import orjson
import pytest
from typer import Typer
from typer.testing import CliRunner

from consumer.cli.sandbox import sandbox
from consumer.sandbox.broker import MockBroker
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.server import Sandbox
from tests.kafka import group
from tests.waiting import until

_PROGRAM = "import typer; from consumer.cli.sandbox import sandbox; typer.run(sandbox)"
_WITHIN_S = 30


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], Mapping[str, object]]]:
    """The command as a process, and its first line."""
    started = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-c", _PROGRAM, "--port", "0", "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LOOPS_API_KEY": "", **environment},
    )
    try:
        assert started.stdout is not None
        yield started, orjson.loads(started.stdout.readline())
    finally:
        started.kill()
        started.communicate(timeout=_WITHIN_S)


async def status(base_url: object, key: str) -> int:
    """What the key gets."""
    from aiohttp import request  # noqa: PLC0415 - the tests of the help need no client

    async with request("GET", f"{base_url}/api-key", headers={"Authorization": f"Bearer {key}"}) as answer:
        return answer.status


@pytest.mark.parametrize("how", (signal.SIGTERM, signal.SIGINT))
def test_a_signal_ends_it_with_exit_code_0_and_nothing_to_say(how: signal.Signals) -> None:
    """Cleanly."""
    with running() as (process, _):
        process.send_signal(how)
        out, err = process.communicate(timeout=_WITHIN_S)
        assert (0, b"", b"") == (process.returncode, out, err)


async def test_the_first_line_tells_a_program_where_it_listens() -> None:
    """And the key is ``sandbox`` unless the environment has one."""
    with running() as (process, said):
        assert process.pid == said["pid"]
        assert f"http://127.0.0.1:{said['port']}/api/v1" == said["base_url"]
        assert (200, 401) == (await status(said["base_url"], "sandbox"), await status(said["base_url"], "other"))


async def test_the_key_comes_from_the_environment_and_is_not_printed() -> None:
    """Then no other is taken."""
    with running(LOOPS_API_KEY="k-of-the-environment") as (process, said):
        assert "k-of-the-environment" not in repr(said)
        answers = (await status(said["base_url"], "k-of-the-environment"), await status(said["base_url"], "sandbox"))
        assert (200, 401) == answers
        process.terminate()
        assert all(b"k-of-the-environment" not in each for each in process.communicate(timeout=_WITHIN_S))


async def test_a_port_that_is_taken_ends_it_with_1_and_a_sentence() -> None:
    """No traceback."""
    async with Sandbox(SandboxOptions()) as taken:
        process = subprocess.run(  # noqa: ASYNC221, S603 - this very program, and the loop has nothing else to do
            [sys.executable, "-c", _PROGRAM, "--port", str(taken.port)],
            capture_output=True,
            timeout=_WITHIN_S,
            check=False,
        )
    assert 1 == process.returncode
    assert process.stderr.startswith(f"cannot listen at 127.0.0.1:{taken.port}: ".encode())


def test_a_product_s_events_are_produced_on_request() -> None:
    """To the topic and the brokers that are named; it ends as it does without."""
    with MockBroker() as broker:
        broker.create_topic("events", 1)
        with running("--product-topic", "events", KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap_servers) as (process, _):
            servers = broker.bootstrap_servers
            until(lambda: group.ends(servers, "events").get(0, 0) >= 20, _WITHIN_S, "twenty records")
            process.terminate()
            assert (b"", b"") == process.communicate(timeout=_WITHIN_S)
            assert 0 == process.returncode


def test_help_has_an_example() -> None:
    """And every choice."""
    app = Typer()
    app.command()(sandbox)
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert 0 == shown.exit_code
    assert "loops-consumer sandbox --port" in shown.output
    for choice in ("sliding", "bucket", "success", "--latency-ms"):
        assert choice in shown.output
