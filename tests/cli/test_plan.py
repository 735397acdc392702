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
    assert 78 == main(["plan", "--arrivals", str(tmp_path / "none.csv")])
    assert "there is no such file, and it is not poisson:NUMBER or backlog:NUMBER" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    (
        (["--arrivals", "poisson:x"], "allowed: records"),
        (["--arrivals", "poisson:1", "--reserve", "10"], "--reserve"),
        (["--arrivals", "poisson:1", "--for", "soon"], "90s"),
        ([], "--arrivals"),
    ),
)
def test_a_wrong_option_says_so(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And ends with 1."""
    assert 1 == main(["plan", *words])
    assert expected in capsys.readouterr().err
