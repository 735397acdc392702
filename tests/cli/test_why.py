"""``why`` as a person and a program call it, on librdkafka's mock cluster and the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumer.cli.main import main
from tests.cli.why_stand import EMAIL, LIVE_RULES, WhyStand, event, why_stand
from tests.redaction import API_KEY


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The settings of a stand where the person's two records are read."""
    monkeypatch.setenv("LOOPS_API_KEY", API_KEY)
    with why_stand() as stand:
        stand.add_contact(email=EMAIL, userId="u1")
        stand.produce(event(), event("Paid"))
        stand.commit(2)
        yield written(stand, tmp_path)


def written(stand: WhyStand, folder: Path) -> Path:
    """Its settings and its mapping, as files."""
    (folder / "mapping.yaml").write_text(LIVE_RULES)
    file = folder / "consumer.yaml"
    kafka, loops = stand.settings.kafka, stand.settings.loops
    named = {
        "bootstrap_servers": kafka.bootstrap_servers,
        "group_id": kafka.group_id,
        "topics": list(kafka.topics),
        "dead_letter_topic": kafka.dead_letter_topic,
    }
    file.write_text(json.dumps({"kafka": named, "loops": {"base_url": loops.base_url}, "mapping": "mapping.yaml"}))
    return file


def test_a_person_reads_what_became_of_somebody(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard output, and nowhere else."""
    code = main(["why", EMAIL, "--since", "beginning", "--config", str(config)])

    shown = capsys.readouterr()
    assert (0, "") == (code, shown.err)
    assert f"{EMAIL}, userId u1 (as Loops says)" == shown.out.splitlines()[0]
    assert "2 records that a rule wants: 2 sent" in shown.out
    assert "in Loops now" in shown.out


def test_a_program_reads_it_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the userId alone."""
    code = main(["why", "--user-id", "u1", "--since", "beginning", "--json", "--config", str(config)])

    found = json.loads(capsys.readouterr().out)
    assert (0, ["Trial Started", "Paid"]) == (code, [record["event"]["name"] for record in found["records"]])


def test_of_a_day_only_what_is_of_that_day_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is found, that is the answer."""
    assert 0 == main(["why", EMAIL, "--config", str(config)])

    assert "no record about this person that a rule wants" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "says"), (((), "name the person"), ((EMAIL, "--since", "soon"), "90s, 15m, 1h")))
def test_what_makes_no_sense_is_told(words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And nobody is asked."""
    assert 1 == main(["why", *words])

    assert says in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """One that can be typed."""
    main(["why", "--help"])

    assert "loops-consumer why someone@example.com --since 24h" in " ".join(capsys.readouterr().out.split())
