"""Everything about one letter."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from consumer.adapters.letter_reading import Mark
from consumer.cli.letter_page import plain_page, show_page
from tests.mapping.making import TRIAL
from tests.redrive.making import WALL, at, refused, stored


def test_personal_data_is_shown_only_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Key, header values and value; the names of headers, and how large it is, are no secret."""
    show_page(stored(), None, WALL, value=False)
    hidden = capsys.readouterr().out
    show_page(stored(), None, WALL, value=True)
    shown = capsys.readouterr().out

    assert not [word for word in ("user@example.com", "u1", "t1") if word in hidden]
    assert "trace, empty" in hidden
    assert f"{len(refused().record.value or b'')} bytes; --value shows it" in hidden
    assert not [
        word
        for word in ("user@example.com", "u1", "trace: t1", "record key  key", "personal data")
        if word not in shown
    ]
    assert TRIAL == orjson.loads(shown[shown.index("{") :])


def test_it_says_what_became_of_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    """And which one it follows."""
    letter = replace(stored(7), redrive_of=at(3))
    show_page(letter, Mark(at(7), "delivered", 1_777_629_660_000), WALL, value=False)

    shown = capsys.readouterr().out
    assert "0:7 on letters, done: delivered at 2026-05-01T10:01:00.000Z" in shown
    assert "0:3, which was redriven and failed again" in shown
    assert "events 2:41" in shown


@pytest.mark.parametrize(
    ("value", "text"),
    ((b"not \xff json\x1b", "not \\xff json "), (b'{"a":1}', '"a": 1')),
)
def test_a_value_is_shown_whatever_it_is(value: bytes, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It steers no terminal."""
    letter = stored(record=replace(refused().record, value=value))
    show_page(letter, None, WALL, value=True)

    assert text.rstrip() in capsys.readouterr().out


def test_a_value_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With its size, where it was too large."""
    show_page(stored(value=False), None, WALL, value=True)
    assert "were too many for the dead-letter topic" in capsys.readouterr().out


def test_a_program_reads_the_same() -> None:
    """Bytes as text."""
    hidden, shown = (plain_page(stored(), None, WALL, value=value) for value in (False, True))

    assert not {"key", "headers", "value"} & hidden.keys()
    assert (["trace", "empty"], None) == (hidden["header_names"], hidden["done"])
    assert ("key", [["trace", "t1"], ["empty", None]], TRIAL) == (
        shown["key"],
        shown["headers"],
        orjson.loads(shown["value"]),
    )
