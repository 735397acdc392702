"""``loops-consumer test``: runs the mapping's own tests."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Annotated

import orjson
import typer

from consumer.adapters.mapping_folder import MappingFolder, read_mapping
from consumer.cli.ending import DONE, FAILED, FAULTY, show_faults
from consumer.cli.file_watch import after_each_change
from consumer.cli.letter_options import fail
from consumer.cli.loading import DEFAULT_CONFIG, ConfigOption, config_file, load_all
from consumer.cli.terminal import console
from consumer.cli.test_report import in_junit, plain_results
from consumer.cli.test_view import show
from consumer.faults import Faults
from consumer.mapping.cases import run_cases
from consumer.mapping.coverage import gaps_in
from consumer.mapping.rules import CompiledMapping
from consumer.settings import read_settings

__all__ = ["test"]

_Mapping = Annotated[
    Path | None,
    typer.Argument(metavar="MAPPING", help="Default: the mapping that the settings name.", show_default=False),
]
_Strict = Annotated[
    bool, typer.Option("--strict", help="What no test covers is a failure too, and not only a warning.")
]
_Watch = Annotated[bool, typer.Option("--watch", help="Again after each change of a file, until Ctrl-C.")]
_JUnit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Also writes the results there, as JUnit's XML.")
]
_Json = Annotated[bool, typer.Option("--json", help="The results as JSON, for a program.")]


def test(
    mapping: _Mapping = None,
    *,
    strict: _Strict = False,
    watch: _Watch = False,
    junit: _JUnit = None,
    config: ConfigOption = None,
    json: _Json = False,
) -> None:
    """Runs the mapping's own tests.

    These stand under tests: in the mapping, and in tests/*.yaml beside it. It reads files alone, asks neither Kafka nor
    Loops, and needs no key. Of a test that fails both sides are shown, and for each rule why; the exit code is 1. At
    the end it warns of rules that no test reaches, and of conditions that are true, or false, in every test. A mapping
    with faults is not run, and the exit code is 78.

    Example: loops-consumer test config/mapping.yaml --watch
    """
    if watch and json:
        raise typer.BadParameter("--watch is for people: leave --json away")
    tests = _Tests(mapping, config, strict, junit, json)
    raise typer.Exit(tests.watch() if watch else tests.run())


@dataclass(slots=True)
class _Tests:
    """One call of the command: what is run, how it is shown, and where it was read."""

    given: Path | None
    config: Path | None
    strict: bool
    junit: Path | None
    json: bool
    mapping: Path | None = None
    files: tuple[str, ...] = ()
    """What it was read from beside the main file, relative to that; as it was when it last was sound."""

    def run(self) -> int:
        """Runs all tests once and shows the results; returns the exit code. Raises :class:`Faults`."""
        mapping, compiled = self._read()
        self.mapping, self.files = mapping, compiled.files
        results = run_cases(compiled)
        gaps = gaps_in(compiled, [result.told for result in results])
        if self.junit is not None:
            _write(self.junit, in_junit(str(mapping), results, gaps, strict=self.strict))
        if self.json:
            found = plain_results(results, gaps, strict=self.strict)
            typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        else:
            show(console(), mapping, results, gaps, strict=self.strict)
        return DONE if all(result.passed for result in results) and not (self.strict and gaps) else FAILED

    def watch(self) -> int:
        """The same after each change of a file, until Ctrl-C; returns the exit code of the last run."""
        last = DONE
        self.mapping = self.given or _named_by(self.config)
        with suppress(KeyboardInterrupt):
            for code in after_each_change(self._run_on_screen, self._watched, Event()):
                last = code
        typer.echo()  # the terminal has written ^C
        return last

    def _run_on_screen(self) -> int:
        screen = console()
        screen.clear()
        try:
            code = self.run()
        except Faults as wrong:
            show_faults(wrong.faults)
            code = FAULTY
        screen.print("again after a change of a file; Ctrl-C ends", style="dim")
        return code

    def _watched(self) -> set[Path]:
        """Also files that the mapping could include: where that is faulty it is not known which it does."""
        found = set() if self.given else {config_file(self.config) or DEFAULT_CONFIG}
        if self.mapping is not None:
            folder = self.mapping.parent
            found |= {self.mapping, *(folder / name for name in self.files)}
            found |= {*folder.glob("*.yaml"), *(folder / name for name in MappingFolder(folder).tests())}
        return found

    def _read(self) -> tuple[Path, CompiledMapping]:
        if self.given is not None:
            return self.given, read_mapping(self.given, (), os.environ)
        settings, compiled = load_all(self.config, os.environ, key_required=False)
        return settings.mapping, compiled


def _named_by(config: Path | None) -> Path | None:
    settings = read_settings(config_file(config), os.environ, key_required=False).settings
    return None if settings is None else settings.mapping


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
