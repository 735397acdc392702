"""``loops-consumer demo``."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console

import consumer
from consumer.cli.demo_course import DemoFailed, DemoOptions, play
from consumer.cli.demo_verdict import document, tell
from consumer.cli.demo_view import View, view_on
from consumer.cli.ending import FAILED
from consumer.cli.loading import DEFAULT_CONFIG, ConfigOption, config_file
from consumer.faults import Fault, Faults
from consumer.sandbox.verdict import DemoVerdict

__all__ = ["demo"]

_KEY: Final = "sandbox"


def demo(
    config: ConfigOption = None,
    *,
    for_s: Annotated[float, typer.Option("--for", min=1, max=3600, help="Seconds for which events come.")] = 30,
    seed: Annotated[int, typer.Option(help="The events are drawn from it.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Nothing but the verdict, as one line of JSON.")] = False,
    keep_logs: Annotated[bool, typer.Option("--keep-logs", help="Keeps the consumer's log of a good run too.")] = False,
) -> None:
    """Runs the whole of it on this machine, and compares what was sent with what had to be.

    A product that produces events, a broker and a stand-in for Loops run in this process, the consumer in one of its
    own. What has to be sent follows from the mapping that comes with the program; another one will differ. Ctrl-C ends
    it early, a second one at once. The key is LOOPS_API_KEY, or `sandbox`: it never leaves this machine.

    Example: loops-consumer demo --for 10
    """
    file = _config(config)
    logs = _Logs(Path(tempfile.mkdtemp(prefix="loops-consumer-demo-")), keep=keep_logs)
    options = DemoOptions(file, for_s, seed, logs.directory, os.environ.get("LOOPS_API_KEY") or _KEY)
    console = Console(highlight=False)
    try:
        verdict = asyncio.run(_played(options, view_on(console, silent=json), logs))
        logs.keep = logs.keep or not verdict.ok
    except DemoFailed as failed:
        logs.keep = True
        typer.echo(f"FAILED: {failed}\nall of it: {options.log}", err=True)
        raise typer.Exit(FAILED) from None
    finally:
        logs.close()
    if json:
        typer.echo(orjson.dumps(document(verdict)))
    else:
        tell(verdict, console, log=options.log if logs.keep else None)
    if not verdict.ok:
        raise typer.Exit(FAILED)


@dataclass(slots=True)
class _Logs:
    """The directory with the consumer's log."""

    directory: Path
    keep: bool

    def close(self) -> None:
        """Removes it unless it is kept."""
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)


async def _played(options: DemoOptions, view: View, logs: _Logs) -> DemoVerdict:
    """Runs it. The first signal ends the traffic; the second ends this process, when the consumer's is gone."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    course = asyncio.create_task(play(options, os.environ, ended, view.show))

    def on_signal(number: int) -> None:
        if ended.is_set() or number == signal.SIGHUP:  # with SIGHUP nobody is left to read a verdict
            course.cancel()
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal, number)
    try:
        with view:
            return await course
    except asyncio.CancelledError:
        logs.close()
        os.write(sys.stderr.fileno(), b"FAILED: ended at once, nothing was compared\n")
        os._exit(FAILED)  # else it would wait for threads that ask a broker which is gone


def _config(given: Path | None) -> Path:
    """The file that was given, or that of this directory, or that of the repository that the program runs from."""
    found = config_file(given) or Path(consumer.__file__).parents[1] / DEFAULT_CONFIG
    if given is None and not found.exists():
        hint = "run it in the program's repository, or name a file with --config"
        raise Faults([Fault(f"there is no {DEFAULT_CONFIG} here", hint=hint)])
    return found
