"""The runbook as tests read it: its sections, and the commands of its code blocks."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.deploy.tools import ROOT

__all__ = ["RUNBOOK", "Command", "commands", "sections"]

RUNBOOK: Final = ROOT / "deploy" / "RUNBOOK.md"

_HEADING: Final = re.compile(r"^## (.+)$")
_BLOCK: Final = re.compile(r"^(?P<indent> *)```sh$\n(?P<body>.*?)^ *```$", re.DOTALL | re.MULTILINE)
_CONTINUED: Final = re.compile(r" \\\n +")


@dataclass(frozen=True, slots=True)
class Command:
    """One command, as a person copies it: a line of a code block, those that go on behind a backslash joined."""

    section: str
    """The heading, of the second level, that it stands under."""
    text: str


def sections() -> dict[str, str]:
    """The text of each section of the second level, by its heading, in their order."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in RUNBOOK.read_text().splitlines():
        if (head := _HEADING.match(line)) is not None:
            heading = head[1]
        found.setdefault(heading, []).append(line)
    return {name: "\n".join(lines) + "\n" for name, lines in found.items() if name}


def commands() -> list[Command]:
    """Every command of the runbook, in its order; lines that begin with # are none."""
    return [Command(name, line) for name, text in sections().items() for line in _lines(text)]


def _lines(section: str) -> Iterator[str]:
    for block in _BLOCK.finditer(section):
        for line in _CONTINUED.sub(" ", textwrap.dedent(block["body"])).splitlines():
            if line and not line.startswith("#"):
                yield line
