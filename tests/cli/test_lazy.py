"""Commands are imported when they are called, and the list of them says what they do."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from consumer.cli.lazy import COMMANDS, LazyCommand, LazyGroup, command_of, loaded
from consumer.cli.main import main

HEAVY = "{'aiohttp', 'asyncio', 'confluent_kafka', 'pydantic', 'structlog', 'ruamel.yaml', 'consumer.settings'}"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there_and_its_summary_is_its_own(name: str) -> None:
    """What the list says is the first line of what the command says."""
    command = loaded(COMMANDS[name], name)

    assert name == command.name
    assert (command.help or "").split("\n")[0].startswith(COMMANDS[name].summary.rstrip("."))


def test_help_imports_no_command() -> None:
    """It is there at once."""
    code = (
        "import sys\nfrom consumer.cli.main import main\nmain(['--help'])\n"
        f"print(*sorted({HEAVY} & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - this Python, the code above

    assert "Commands" in ran.stdout
    assert ran.stderr.strip() in {"", "asyncio"}


def test_a_broken_command_breaks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is imported by no call but its own."""
    monkeypatch.setitem(COMMANDS, "check", LazyCommand("consumer.cli.no_such_module", "check", "Broken."))
    app = typer.Typer(cls=LazyGroup)
    for name in ("check", "schema"):
        app.command(name)(lambda: None)

    runner = CliRunner()
    assert runner.invoke(app, ["schema", "--help"]).exit_code == 0
    assert isinstance(runner.invoke(app, ["check"]).exception, ModuleNotFoundError)


def test_a_group_of_commands_is_a_command() -> None:
    """As ``contacts`` with ``find`` and others."""
    group = typer.Typer(help="A group.")
    for name in ("find", "delete"):
        group.command(name)(lambda: None)

    found = command_of(group, "things")

    assert found.name == "things"
    assert list(found.commands) == list(get_command(group).commands)  # type: ignore[attr-defined]  # it is a group


@pytest.mark.parametrize(
    ("arguments", "said"),
    (
        (["schema", "nope"], "'nope' is not one of 'consumer', 'mapping', 'include', 'tests'."),
        (["dead-letters", "redrive", "--share", "3"], "found 3; allowed: less than or equal to 1"),
        (["dead-letters", "list", "--limit", "x"], "found x; allowed: a valid integer"),
    ),
)
def test_a_wrong_value_is_told_with_what_was_found(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And in no validator's words."""
    assert 1 == main(arguments)

    output = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert said in output
    assert not [words for words in ("Value error", "Input should be") if words in output]
