"""``check`` as a process: what a person, and a program, reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import ROOT, run

FIVE_FAULTS = """\
kafka:
  grup_id: orders
  start: newest
loops:
  rate_per_s: ten
  base_url: http://app.loops.so/api/v1
delivery:
  drain_s: 12
mapping: {mapping}
"""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A file with five different faults."""
    file = tmp_path / "consumer.yaml"
    file.write_text(FIVE_FAULTS.replace("{mapping}", str(ROOT / "config/mapping.yaml")))
    return file


def test_five_different_faults_are_five_and_end_with_78(faulty: Path) -> None:
    """All on stderr, each with its place, and their number at the end; no traceback."""
    ran = run("check", "--config", str(faulty))

    heads = [line.split(";")[0] for line in ran.stderr.splitlines() if line.startswith(str(faulty))]
    assert [head.removeprefix(f"{faulty}:") for head in heads] == [
        "2:3: kafka.grup_id: unknown key",
        '3:10: kafka.start: found "newest"',
        '5:15: loops.rate_per_s: found "ten"',
        '6:13: loops.base_url: found "http://app.loops.so/api/v1"',
        "8:12: delivery.drain_s: found 12",
    ]
    assert ran.stderr.splitlines()[-1] == "5 faults"
    assert (78, "") == (ran.returncode, ran.stdout)
    assert "Traceback" not in ran.stderr


def test_the_faults_are_there_for_a_program_too(faulty: Path) -> None:
    """As JSON on stdout."""
    ran = run("check", "--config", str(faulty), "--json")

    answer = json.loads(ran.stdout)
    assert (78, "") == (ran.returncode, ran.stderr)
    assert answer["ok"] is False
    assert answer["faults"][0] == {
        "file": str(faulty),
        "line": 2,
        "column": 3,
        "path": "kafka.grup_id",
        "message": (
            "unknown key; allowed: bootstrap_servers, group_id, group_instance_id, topics, start, dead_letter_topic, "
            "client, client_files, schema_registry"
        ),
        "hint": "did you mean group_id?",
    }
    assert len(answer["faults"]) == 5


def test_files_without_faults_are_told_in_a_table() -> None:
    """What they come to; the key's place and not the key."""
    ran = run("check", LOOPS_API_KEY="k-3f9a0c", LOOPS_CONSUMER__KAFKA__GROUP_ID="orders")

    rows = dict(line.rstrip().split("  ", 1) for line in ran.stdout.splitlines() if "  " in line.strip())
    told = {name.strip(): text.strip() for name, text in rows.items()}
    assert (0, "") == (ran.returncode, ran.stderr)
    assert told["settings"] == "config/consumer.yaml"
    assert told["variables"] == "LOOPS_CONSUMER__KAFKA__GROUP_ID"
    assert (told["topics"], told["group"]) == ("product-events", "orders")
    assert told["rate"] == "auto (10 until Loops says otherwise) requests a second over all replicas"
    assert told["Loops"] == "https://app.loops.so/api/v1"
    assert told["key"] == "from LOOPS_API_KEY"
    assert told["mapping"].startswith("config/mapping.yaml (")
    assert "trial-started: events/send trialStarted" in ran.stdout
    assert ran.stdout.endswith("no faults\n")
    assert "k-3f9a0c" not in ran.stdout


def test_the_answer_is_there_for_a_program_too() -> None:
    """With the same members."""
    ran = run("check", "--json")

    answer = json.loads(ran.stdout)
    assert (0, True, None) == (ran.returncode, answer["ok"], answer["found"]["key"])
    assert answer["found"]["topics"] == ["product-events"]
    assert {"name": "trial-started", "call": "events_send", "event": "trialStarted"} in answer["found"]["rules"]


def test_a_mapping_that_is_paused_is_told(tmp_path: Path) -> None:
    """Else somebody waits for what nothing reads."""
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("format: segment\npaused: true\nrules: [{name: a, when: A, send: a}]\n")
    said, answer = (run("check", *form, LOOPS_CONSUMER__MAPPING=str(mapping)).stdout for form in ((), ("--json",)))

    assert "yes: nothing is read, nothing leaves" in said
    assert json.loads(answer)["found"]["paused"]
    assert "nothing is read" not in run("check").stdout


def test_no_key_is_no_fault_and_is_told() -> None:
    """A pipeline has none."""
    ran = run("check")

    assert ran.returncode == 0
    assert "none: run wants LOOPS_API_KEY or loops.api_key_file" in ran.stdout


def test_a_key_file_that_is_named_must_hold_a_key(tmp_path: Path) -> None:
    """The file is there, so it is looked at."""
    (tmp_path / "loops.key").write_text("")

    ran = run("check", LOOPS_CONSUMER__LOOPS__API_KEY_FILE=str(tmp_path / "loops.key"))

    assert ran.returncode == 78
    assert f"{tmp_path}/loops.key is empty" in ran.stderr


def test_a_key_that_cannot_be_one_is_called_by_its_variable_once() -> None:
    """As everywhere else."""
    ran = run("check", LOOPS_API_KEY="a b")

    assert ran.stderr == (
        "LOOPS_API_KEY: holds something that cannot be a key of Loops (it is not shown)\n"
        "    a key is one line of printable ASCII characters without spaces\n1 fault\n"
    )


def test_outside_the_project_it_says_where_to_run_it(tmp_path: Path) -> None:
    """The mapping that is missing too is not what a person has to mend."""
    ran = run("check", folder=tmp_path)

    assert ran.returncode == 78
    assert ran.stderr == (
        "there is no config/consumer.yaml here\n    run it in the project's directory or give --config FILE\n1 fault\n"
    )


def test_files_that_are_not_there_are_faults(tmp_path: Path) -> None:
    """The settings, or the mapping that they name."""
    (tmp_path / "consumer.yaml").write_text("mapping: none.yaml\n")

    settings = run("check", "--config", "none.yaml", folder=tmp_path)
    mapping = run("check", "--config", "consumer.yaml", folder=tmp_path)

    assert settings.stderr == "none.yaml: cannot be read: No such file or directory\n1 fault\n"
    assert mapping.stderr.startswith("none.yaml: cannot be read: No such file or directory\n")
    assert (78, 78) == (settings.returncode, mapping.returncode)
