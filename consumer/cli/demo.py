"""``loops-consumer demo``."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console
from rich.live import Live

import consumer
from consumer.cli.demo_course import DemoFailed, DemoOptions, play
from consumer.cli.demo_verdict import document, examples, last_line, table
from consumer.cli.demo_view import Frame, panel, plain_line
from consumer.cli.ending import FAILED
from consumer.cli.loading import ConfigOption, config_file
from consumer.faults import Fault, Faults
from consumer.sandbox.verdict import DemoVerdict

__all__ = ["demo"]

_KEY: Final = "sandbox"
_LINE_EVERY_S: Final = 3.0
_TABLE_COLUMNS: Final = 100


def demo(
    config: ConfigOption = None,
    *,
    for_s: Annotated[float, typer.Option("--for", min=1, max=3600, help="Seconds for which events come.")] = 30,
    seed: Annotated[int, typer.Option(help="The events are drawn from it.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Nothing but the verdict, as a line of JSON.")] = False,
    keep_logs: Annotated[bool, typer.Option(help="Keeps the consumer's log also where all went well.")] = False,
) -> None:
    """Runs the whole of it on this machine, and compares what was sent with what had to be.

    A product that produces events, a broker and a stand-in for Loops run in this process, the consumer in one of its
    own. What is compared holds for the mapping that comes with the program. Ctrl-C ends it early, a second one at
    once. The key is LOOPS_API_KEY, or `sandbox`: it never leaves this machine.

    Example: loops-consumer demo --for 10
    """
    with _logs(keep=keep_logs) as logs:
        options = DemoOptions(_config(config), for_s, seed, logs.directory, os.environ.get("LOOPS_API_KEY") or _KEY)
        console = Console(highlight=False)
        view = _Silence() if json else _Panel(console) if console.is_terminal else _Lines()
        try:
            verdict = asyncio.run(_played(options, view))
        except DemoFailed as failed:
            typer.echo(f"FAILED: {failed}", err=True)
            raise typer.Exit(FAILED) from None
        logs.keep = logs.keep or not verdict.ok
        _tell(verdict, None if json else console)
    if not verdict.ok:
        raise typer.Exit(FAILED)


async def _played(options: DemoOptions, view: _View) -> DemoVerdict:
    """Runs it. The first signal ends the traffic; the second ends this process, when the consumer's is gone."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    course = asyncio.create_task(play(options, os.environ, ended, view.show))

    def on_signal() -> None:
        if ended.is_set():
            course.cancel()
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal)
    try:
        with view:
            return await course
    except asyncio.CancelledError:
        sys.stdout.flush()
        sys.stderr.write("FAILED: ended at once, nothing was compared\n")
        sys.stderr.flush()
        os._exit(FAILED)  # threads that still ask the broker would be waited for


