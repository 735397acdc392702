"""The check that runs over every log of a test run: it must be able to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.redaction import API_KEY, Leak, leaks_in, leaks_of


@pytest.mark.parametrize(
    ("line", "what"),
    (
        ("sent to ada@example.com", "an address"),
        ("GET /contacts/find?email=ada%40EXAMPLE.org 200", "an address"),
        (f"settings: api_key={API_KEY}", "the key"),
        ("{'Authorization': 'Bearer abc'}", "an authorization header"),
    ),
)
def test_a_leak_is_found(line: str, what: str) -> None:
    """Each thing that no log may hold is seen, in its line."""
    assert leaks_of(f"a harmless line\n{line}\n") == [(2, what)]


def test_a_clean_log_is_clean() -> None:
    """Hashes, masks and words around them are no leaks."""
    assert leaks_of("contact=c:7f3a11 key=********** Bearer *** mailed an example to example.com") == []


def test_every_log_below_the_directory_is_read(tmp_path: Path) -> None:
    """Only ``*.log`` counts, in any directory below, whatever its bytes are."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "consumer.log").write_bytes(b"\xff\xfe\nto ada@example.com\n")
    (tmp_path / "records.json").write_text("ada@example.com")

    assert leaks_in(tmp_path) == [Leak("run/consumer.log", 2, "an address")]
