"""``check --live`` against the sandbox, over HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from consumer.cli.main import main
from consumer.sandbox.options import SandboxOptions
from tests.kafka.sandbox_thread import SandboxThread
from tests.redaction import API_KEY

LIST = "cm06f5v0e45nf0ml5754o9cix"
MAPPING = f"""\
format: segment
rules:
  - name: trial-started
    when: Trial Started
    send: trialStarted
    event: {{plan: properties.plan}}
    contact:
      plan: properties.plan
      trialEndsAt: $fromMillis(properties.end)
    lists: {{{LIST}: true}}
"""
FAULTY = """\
format: segment
rules:
  - name: trial-started
    when: Trial Started
    send: Trial started
    contact:
      Plan: properties.plan
      trialEndsAt: $string(properties.end) = "x"
    lists: {cm00000000000000000000000: true}
"""


class Live:
    """A team, and the command that asks it."""

    def __init__(self, sandbox: SandboxThread, folder: Path) -> None:
        """Its files go to ``folder``."""
        self.sandbox = sandbox
        self.mapping = folder / "mapping.yaml"
        self._config = folder / "consumer.yaml"

    def check(self, mapping: str, *options: str) -> int:
        """Runs it, and returns its exit code."""
        self.mapping.write_text(mapping)
        self._config.write_text(f"loops: {{base_url: '{self.sandbox.base_url}'}}\nmapping: mapping.yaml\n")
        return main(["check", "--live", "--config", str(self._config), *options])

    def make(self, **properties: str) -> None:
        """Makes contact properties of these types."""
        for name, kind in properties.items():
            self.ask("/contacts/properties", {"name": name, "type": kind})

    def ask(self, path: str, body: Mapping[str, Any]) -> None:
        """A call of the team's own."""
        headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
        address = self.sandbox.base_url + path
        asked = urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - the sandbox
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
            assert answer.status == 200


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """A team of its own."""
    monkeypatch.setenv("LOOPS_API_KEY", API_KEY)
    with SandboxThread(SandboxOptions(api_key=API_KEY, team_name="Acme", rate_per_s=1000)) as sandbox:
        yield Live(sandbox, tmp_path)


def test_a_team_that_has_all_of_it_is_told_by_its_name(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """With how much of what the mapping names is there; nothing else is said."""
    live.make(plan="string", trialEndsAt="date")
    live.ask("/events/send", {"email": "a@example.com", "eventName": "trialStarted", "eventProperties": {"plan": "x"}})

    code = live.check(MAPPING)

    shown = capsys.readouterr()
    assert (0, "") == (code, shown.err)
    rows = {line[:14].strip(): line[14:].strip() for line in shown.out.splitlines()}
    assert ("Acme", "2 of 2 contact properties, 1 of 1 lists, 1 of 1 events") == (rows["team"], rows["known there"])
    assert shown.out.endswith("no faults\n")


def test_what_is_new_to_loops_is_a_warning_with_its_place(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """And no fault."""
    code = live.check(MAPPING)

    shown = capsys.readouterr()
    assert (0, True) == (code, shown.out.endswith("no faults\n"))
    new = "warning: Loops does not know the"
    assert shown.err == (
        f"{live.mapping}:5:11: rules[0].send: {new} event trialStarted; the first request makes it\n"
        "        send: trialStarted\n"
        "              ^\n"
        f"{live.mapping}:8:7: rules[0].contact.plan: {new} contact property plan; the first request makes it\n"
        "          plan: properties.plan\n"
        "          ^\n"
        f"{live.mapping}:9:7: rules[0].contact.trialEndsAt: {new} contact property trialEndsAt;"
        " the first request makes it, as a date\n"
        "          trialEndsAt: $fromMillis(properties.end)\n"
        "          ^\n"
        "3 warnings\n"
    )


def test_what_cannot_be_meant_so_is_a_fault(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """The warnings before the faults; 78."""
    live.make(plan="string", trialEndsAt="date")
    live.ask("/events/send", {"email": "a@example.com", "eventName": "trialStarted"})

    code = live.check(FAULTY)

    shown = capsys.readouterr()
    heads = [line.removeprefix(f"{live.mapping}:") for line in shown.err.splitlines() if not line.startswith("     ")]
    wrong = "the contact property trialEndsAt is a date in Loops, and is sent as true or false"
    assert (78, False) == (code, "no faults" in shown.out)
    assert [
        "5:11: rules[0].send: warning: Loops does not know the event Trial started; the first request makes it",
        "    did you mean trialStarted?",
        "1 warning",
        "7:7: rules[0].contact.Plan: Loops has the contact property plan; Plan would be another one beside it",
        "    did you mean plan?",
        f"8:20: rules[0].contact.trialEndsAt: {wrong}",
        "    Loops takes 2026-05-01, 2026-05-01T10:00:00Z, or milliseconds since 1970",
        "9:13: rules[0].lists.cm00000000000000000000000: Loops has no list cm00000000000000000000000",
        f"    there are: {LIST} (Product updates), cm16k73gq014h0mmj5b6jdi9r (Weekly digest)",
        "3 faults",
    ] == heads


def test_a_program_reads_both(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """With places, and what is there in numbers."""
    live.make(plan="string")

    codes = (live.check(MAPPING, "--json"), live.check(FAULTY, "--json"))

    good, bad = (json.loads(text + "}") for text in capsys.readouterr().out.split("\n}\n")[:2])
    assert ((0, True), (78, False)) == ((codes[0], good["ok"]), (codes[1], bad["ok"]))
    assert ("Acme", {"named": 2, "known": 1}) == (good["found"]["team"], good["found"]["contact_properties"])
    assert ([], [5, 9]) == (good["faults"], [warning["line"] for warning in good["warnings"]])
    assert [(7, 7), (9, 13)] == [(fault["line"], fault["column"]) for fault in bad["faults"]]


def test_a_key_that_is_refused_ends_it(
    live: Live, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sentence, and 1, behind what the files come to, which may be right; a program reads nothing."""
    monkeypatch.setenv("LOOPS_API_KEY", "another")

    code = live.check(MAPPING)

    shown = capsys.readouterr()
    assert (1, True, False) == (code, "trial-started: events/send" in shown.out, "no faults" in shown.out)
    assert "loops-consumer: Loops refuses the key (status 401): it is wrong or was revoked\n" == shown.err
    assert (1, "") == (live.check(MAPPING, "--json"), capsys.readouterr().out)


def test_a_busy_consumer_beside_it_does_no_harm(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that is throttled is made again."""
    live.sandbox.inject(status=429, count=2)

    assert 0 == live.check(MAPPING)

    capsys.readouterr()
    assert 2 == sum(entry.status == 429 for entry in live.sandbox.received())


def test_without_a_key_it_says_what_is_missing(
    live: Live, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the settings, as it would be of a run."""
    monkeypatch.delenv("LOOPS_API_KEY")

    assert 78 == live.check(MAPPING)

    assert "there is no key for Loops" in capsys.readouterr().err


def test_a_rule_of_an_included_file_is_shown_there(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """With its own lines."""
    (live.mapping.parent / "more.yaml").write_text("rules:\n  - name: paid\n    when: Paid\n    send: paid\n")

    assert 0 == live.check(MAPPING + "include: [more.yaml]\n")

    assert f"{live.mapping.parent}/more.yaml:4:11: rules[0].send: warning: Loops" in capsys.readouterr().err
