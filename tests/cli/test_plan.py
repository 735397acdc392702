"""``loops-consumer plan``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from consumer.cli.main import main


def test_it_says_what_the_limit_comes_to(capsys: pytest.CaptureFixture[str]) -> None:
    """For a person, and needs nothing for it."""
    assert 0 == main(
        ["plan", "--replicas", "3", "--for", "2m", "--arrivals", "backlog:5000", "--arrivals", "poisson:1:high"]
    )

    out = capsys.readouterr().out
    assert "10 requests a second, 3 replicas" in out
    assert "% used" in out
    assert "this pace it drains in another" in out
    assert "high" in out


def test_a_program_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for the same seed."""
    line = ["plan", "--for", "1m", "--arrivals", "poisson:12", "--window", "bucket", "--rate", "20", "--json"]
    assert 0 == main(line)
    first = json.loads(capsys.readouterr().out)
    assert 0 == main(line)

    assert first == json.loads(capsys.readouterr().out)
    assert (20, 1, "bucket", 60.0) == (first["limit_per_s"], first["replicas"], first["window"], first["for_s"])


def test_a_file_tells_when_what_arrives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is followed to its end."""
    file = tmp_path / "arrivals.csv"
    file.write_text("time,priority\n2026-05-01T10:00:00Z,high\n2026-05-01T10:20:00Z,low\n")

    assert 0 == main(["plan", "--arrivals", str(file), "--json"])

    found = json.loads(capsys.readouterr().out)
    assert (1260.0, 2) == (found["for_s"], found["records"]["delivered"])
    assert ["high", "low"] == [row["priority"] for row in found["waits"]]


def test_a_wrong_file_ends_with_78(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the place of what is wrong."""
    file = tmp_path / "arrivals.csv"
    file.write_text("time\nsoon\n")

    assert 78 == main(["plan", "--arrivals", str(file)])
    assert f"{file}:2: time: found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    (
        (["--arrivals", "poisson:x"], "allowed: records"),
        (["--arrivals", "poisson:1", "--reserve", "10"], "--reserve"),
        (["--arrivals", "poisson:1", "--for", "soon"], "90s"),
        (["--arrivals", ""], "allowed: a file, or poisson:NUMBER or"),
        (["--arrivals", "."], ". is a directory; allowed: a file"),
        (["--arrivals", "none.csv"], "none.csv: there is no such file, and it is not"),
        (["--arrivals", "poisson:1000000", "--for", "10m"], "that would be 600,000,000 records; allowed: 2,000,000"),
        (["--arrivals", "poisson:0.001", "--for", "400d"], "found 400 d; allowed: at most 30 d"),
        (["--arrivals", "poisson:1", "--for", "4d", "--replicas", "10"], "at most 3 d for --replicas 10"),
        (["--arrivals", "poisson:1", "--plot", "x.xyz"], "found x.xyz; allowed: a name that ends with .png"),
        (["--arrivals", "poisson:1", "--starvation", "soon"], "90s"),
        (["--arrivals", "poisson:1", "--starvation", "0"], "allowed: from 1 second to 1d"),
        ([], "--arrivals"),
    ),
)
def test_a_wrong_option_says_so(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And ends with 1."""
    assert 1 == main(["plan", *words])
    assert expected in " ".join(capsys.readouterr().err.replace("│", "").split())


@pytest.mark.parametrize("starvation", ("120", "2m"))
def test_how_long_what_waits_may_starve_can_be_said(starvation: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In seconds or with a unit; from then on the low ones leave between the high ones."""
    words = ["--arrivals", "poisson:12:high", "--arrivals", "backlog:100:low", "--for", "4m", "--json"]

    assert 0 == main(["plan", *words, "--starvation", starvation])
    starved = json.loads(capsys.readouterr().out)
    assert 0 == main(["plan", *words])
    patient = json.loads(capsys.readouterr().out)

    assert (120.0, 300.0) == (starved["starvation_s"], patient["starvation_s"])
    assert starved["waits"][-1]["waiting"] < patient["waits"][-1]["waiting"]
