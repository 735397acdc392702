"""How a command ends: its exit code, and what a person reads where something is wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from consumer.faults import Fault, Faults

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["DEBUG_VARIABLE", "DONE", "FAILED", "FAULTY", "ended", "show_faults", "show_warnings"]

DEBUG_VARIABLE = "LOOPS_CONSUMER_DEBUG"

DONE = 0
FAILED = 1
FAULTY = 78
"""``EX_CONFIG`` of sysexits.h."""

_PACKAGE = Path(__file__).parents[1]


def ended(command: Callable[[], object]) -> int:
    """Runs it to its end, whatever that is, and returns the exit code: one of the three."""
    try:
        command()
    except SystemExit as stop:
        return stop.code if stop.code in {DONE, FAULTY} and isinstance(stop.code, int) else _of_stop(stop)
    except Faults as wrong:
        show_faults(wrong.faults)
        return FAULTY
    except KeyboardInterrupt:
        return FAILED
    except Exception as error:  # noqa: BLE001 - a person reads one line, never a traceback
        _show_failure(error)
        return FAILED
    return DONE


def show_faults(faults: Sequence[Fault]) -> None:
    """Writes all of them to stderr, and how many they are."""
    _write(faults, "fault", "bold red")


def show_warnings(warnings: Sequence[Fault]) -> None:
    """The same for what is no fault, each called a warning."""
    _write([replace(one, message=f"warning: {one.message}") for one in warnings], "warning", "bold yellow")


def _write(faults: Sequence[Fault], called: str, style: str) -> None:
    count = f"{len(faults)} {called}{'' if len(faults) == 1 else 's'}"
    if not sys.stderr.isatty():
        sys.stderr.write("".join(f"{fault}\n" for fault in faults) + f"{count}\n")
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for fault in faults:
        console.print(_styled(fault, style))
    console.print(count, style=style)


def _styled(fault: Fault, style: str) -> Text:
    from rich.text import Text  # noqa: PLC0415 - only a terminal needs it

    text = Text(str(fault))
    head = str(fault).split("\n", 1)[0]
    text.stylize("bold", 0, len(head) - len(fault.message.split("\n", 1)[0]))
    if fault.source is not None and fault.column is not None:
        caret = str(fault).index("^", len(head) + 1 + 4 + len(fault.source))
        text.stylize("dim", len(head), caret)
        text.stylize(style, caret, caret + 1)
    if fault.hint:
        text.stylize("cyan", len(str(fault)) - len(fault.hint))
    return text


def _of_stop(stop: SystemExit) -> int:
    """Typer's 2 for a wrong call and 130 for Ctrl-C are failures like any other."""
    if isinstance(stop.code, str):
        sys.stderr.write(f"{stop.code}\n")
    return DONE if stop.code is None else FAILED


def _show_failure(error: Exception) -> None:
    """One line: its kind and place. Its text only where it is about files and modules: others may hold data."""
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
        return
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames[1:] if _PACKAGE in Path(frame.filename).parents] or frames
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    text = ""
    if isinstance(error, OSError) and error.strerror:
        text = f": {error.strerror}" + (f": {error.filename}" if error.filename else "")
    elif isinstance(error, ImportError):
        text = f": {error}"
    sys.stderr.write(f"loops-consumer: {type(error).__name__}{place}{text} (--debug shows more)\n")
