"""The hand tool, against the sandbox."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from consumer.cli.contacts import contacts
from consumer.sandbox.options import LimitWay, SandboxOptions
from consumer.sandbox.server import Sandbox
from tests.redaction import API_KEY

EMAIL = "someone@example.com"


class Loops:
    """The sandbox on a thread of its own, and the tool pointed at it."""

    def __init__(self, base_url: str) -> None:
        """Knows where the sandbox is."""
        self.environment = {"LOOPS_BASE_URL": base_url, "LOOPS_API_KEY": API_KEY}

    def run(self, *words: str, answer: str | None = None, **environment: str) -> Result:
        """One command; ``answer`` is typed when it asks."""
        runner = CliRunner()
        return runner.invoke(contacts, list(words), input=answer, env={**self.environment, **environment})

    def found(self, *words: str) -> list[dict[str, Any]]:
        """What ``find --json`` prints."""
        document: list[dict[str, Any]] = orjson.loads(self.run("find", *words, "--json").stdout)
        return document


@pytest.fixture
def loops() -> Iterator[Loops]:
    """A fresh team."""
    ready, base_url = threading.Event(), ""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        nonlocal base_url
        async with Sandbox(SandboxOptions(api_key=API_KEY, rate_per_s=1000, limit_way=LimitWay.FIXED)) as sandbox:
            base_url = sandbox.base_url
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield Loops(base_url)
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_a_contact_is_created_found_changed_and_deleted(loops: Loops) -> None:
    """Every command does its job and exits 0."""
    created = loops.run("create", EMAIL, "--user-id", "u1", "plan=pro", "seats=12", "--string", "zip=01234")
    shown = loops.found(EMAIL)[0]
    updated = loops.run("update", "--user-id", "u1", "plan=null", "trial=true", "--list", "l1=true")
    changed = loops.found("--user-id", "u1")[0]
    deleted = loops.run("delete", EMAIL, "--yes")

    assert [0, 0, 0] == [result.exit_code for result in (created, updated, deleted)]
    assert f"created {shown['id']}\n" == created.stdout
    assert ("u1", "pro", 12, "01234") == tuple(shown[name] for name in ("userId", "plan", "seats", "zip"))
    assert (True, {"l1": True}) == (changed["trial"], changed["mailingLists"])
    assert changed.get("plan") is None
    assert "deleted\n" == deleted.stdout
    assert [] == loops.found(EMAIL)


def test_a_person_gets_a_table(loops: Loops) -> None:
    """What identifies comes first; a value from outside steers no terminal."""
    loops.run("create", EMAIL, "plan=pro \x1b[31mred [bold]x[/bold]")
    result = loops.run("find", EMAIL)

    assert 0 == result.exit_code
    assert result.stdout.index("email") < result.stdout.index("firstName") < result.stdout.index("plan")
    assert "pro  [31mred [bold]x[/bold]" in result.stdout


def test_a_program_gets_json(loops: Loops) -> None:
    """From every command."""
    created = orjson.loads(loops.run("create", EMAIL, "--json").stdout)
    updated = orjson.loads(loops.run("update", EMAIL, "plan=pro", "--json").stdout)

    assert {"created": True, "id": created["id"]} == created
    assert {"updated": True, "id": created["id"]} == updated
    assert {"deleted": True} == orjson.loads(loops.run("delete", EMAIL, "--yes", "--json").stdout)


def test_nobody_is_found(loops: Loops) -> None:
    """Exit 1 for a person and for a program, which gets an empty list."""
    plain, program = loops.run("find", EMAIL), loops.run("find", EMAIL, "--json")

    assert (1, "", "Loops knows no such contact\n") == (plain.exit_code, plain.stdout, plain.stderr)
    assert (1, []) == (program.exit_code, orjson.loads(program.stdout))


@pytest.mark.parametrize(("answer", "left"), (("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)))
def test_deleting_asks_first(loops: Loops, answer: str, left: int) -> None:
    """Only a clear yes deletes; without anybody to ask nothing is deleted."""
    loops.run("create", EMAIL)
    result = loops.run("delete", EMAIL, answer=answer)

    assert left == result.exit_code
    assert left == len(loops.found(EMAIL))
    assert "for good?" in result.stderr


def test_deleting_nobody_is_told(loops: Loops) -> None:
    """A typing error in an address is no success."""
    result = loops.run("delete", EMAIL, "--yes")

    program = loops.run("delete", EMAIL, "--yes", "--json")

    assert (1, "Loops knows no such contact (status 404)\n") == (result.exit_code, result.stderr)
    assert (1, {"deleted": False}) == (program.exit_code, orjson.loads(program.stdout))
    assert result.stderr == program.stderr


def test_creating_who_exists_is_told(loops: Loops) -> None:
    """With what to do instead."""
    loops.run("create", EMAIL)
    result = loops.run("create", EMAIL)

    assert 1 == result.exit_code
    assert "exists already (status 409): update changes it" in result.stderr


def test_what_loops_refuses_is_told_in_its_words(loops: Loops) -> None:
    """A userId that is not known cannot be created without an address."""
    result = loops.run("create", "no-address@", "plan=pro")

    assert 1 == result.exit_code
    assert "Loops refuses POST /contacts/create (status 400): " in result.stderr


def test_a_wrong_key_is_told(loops: Loops) -> None:
    """And not shown."""
    result = loops.run("find", EMAIL, LOOPS_API_KEY="another-key")

    assert (1, "Loops refuses the key (status 401): it is wrong or was revoked\n") == (result.exit_code, result.stderr)


def test_where_nobody_listens_is_told(loops: Loops) -> None:
    """In one sentence, with the address and which way it failed."""
    result = loops.run("find", EMAIL, LOOPS_BASE_URL="http://127.0.0.1:1/api/v1")

    what = "Loops could not be reached: check loops.base_url and the way out of this network"
    assert (1, f"{what} (http://127.0.0.1:1/api/v1: ECONNREFUSED)\n") == (result.exit_code, result.stderr)


@pytest.mark.parametrize(
    "words",
    (
        ("find",),
        ("find", EMAIL, "--user-id", "u1"),
        ("delete", "--yes"),
        ("update", "plan=pro"),
        ("create", "--user-id", "u1"),
        ("update", EMAIL, "id=3"),
        ("update", EMAIL, "plan"),
        ("update", EMAIL, 'plan={"a":1}'),
        ("update", EMAIL, "--list", "l1"),
    ),
    ids=" ".join,
)
def test_a_command_that_makes_no_sense_asks_loops_nothing(words: tuple[str, ...]) -> None:
    """It says what is missing, and exits 1."""
    result = Loops("http://127.0.0.1:1/api/v1").run(*words)

    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr
    assert "reached" not in result.stderr


def test_bad_settings_exit_78(tmp_path: Path) -> None:
    """With all that is wrong, from the file and from the environment."""
    file = tmp_path / "consumer.yaml"
    file.write_text("loops: {timeout_s: never}\n")
    result = Loops("http://example.com").run("find", EMAIL, "--config", str(file))

    assert 78 == result.exit_code
    assert all(word in result.stderr for word in ("loops.timeout_s", "LOOPS_BASE_URL"))


def test_a_file_of_settings_is_used(loops: Loops, tmp_path: Path) -> None:
    """Its key file among the rest."""
    (tmp_path / "key").write_text(API_KEY + "\n")
    file = tmp_path / "consumer.yaml"
    file.write_text(f"loops: {{base_url: '{loops.environment['LOOPS_BASE_URL']}', api_key_file: key}}\n")
    result = CliRunner().invoke(
        contacts, ["create", EMAIL, "--config", str(file)], env={"LOOPS_API_KEY": None, "LOOPS_BASE_URL": None}
    )

    assert (0, "") == (result.exit_code, result.stderr)


@pytest.mark.parametrize("command", ("find", "update", "create", "delete"))
def test_help_has_an_example(command: str) -> None:
    """One that can be typed."""
    result = CliRunner().invoke(contacts, [command, "--help"])

    assert 0 == result.exit_code
    assert f"Example: loops-consumer contacts {command}" in " ".join(result.stdout.split())
