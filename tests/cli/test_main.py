"""The command line as a whole."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest

from consumer.cli.ending import DEBUG_VARIABLE
from consumer.cli.lazy import COMMANDS
from consumer.cli.main import main


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which a newcomer needs them."""
    assert main(["--help"]) == 0

    out = capsys.readouterr().out
    places = [out.index(f"│ {name} ") for name in COMMANDS]
    assert sorted(places) == places
    assert "Example: loops-consumer" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One that can be copied; a group's commands have theirs."""
    lines = [[name], *([name, verb] for verb in ("find", "update", "create", "delete") if name == "contacts")]
    for line in lines[-4:]:
        assert main([*line, "--help"]) == 0
        assert f"loops-consumer {' '.join(line)}" in capsys.readouterr().out.split("Example", 1)[1]


@pytest.mark.parametrize(
    "line", ("", *COMMANDS, *(f"contacts {verb}" for verb in ("find", "update", "create", "delete")))
)
def test_help_is_for_people(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No type stands beside what takes no value, and no line but a paragraph's last ends early, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*line.split(), "--help"]) == 0

    out = capsys.readouterr().out
    assert [] == [word for word in ("<bool>", "<SchemaOf>", "-completion") if word in out]
    above = [text.strip() for text in out.split("╭", 1)[0].splitlines()]
    pairs = [(one, other.split()[0]) for one, other in pairwise(above) if one and other]
    short = [one for one, word in pairs if len(one) + len(f" {word}") <= 78]
    assert [] == short


def test_the_help_of_contacts_has_its_commands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """And an example at its end."""
    assert main(["contacts", "--help"]) == 0

    out = capsys.readouterr().out
    assert "-completion" not in out
    assert "Example: loops-consumer contacts find someone@example.com" == out.strip().splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    ((["chek"], "Did you mean 'check'"), (["check", "--nonsense"], "--nonsense"), (["schema", "x"], "'x'")),
)
def test_a_wrong_call_says_so_and_ends_with_1(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """78 is for the user's files alone."""
    assert main(arguments) == 1

    out, err = capsys.readouterr()
    assert expected in err
    assert not out


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """And did nothing, so it is no success."""
    assert main([]) == 1
    assert "Commands" in "".join(capsys.readouterr())


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """One line."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("loops-consumer ")


def test_debug_holds_for_processes_that_the_command_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is passed on by the environment."""
    monkeypatch.setenv(DEBUG_VARIABLE, "")

    assert main(["--debug", "schema", "consumer"]) == 0

    assert os.environ[DEBUG_VARIABLE] == "1"
    assert capsys.readouterr().err == ""
