"""Dead letters in words."""

from __future__ import annotations

import orjson
import pytest

from consumer.adapters.letter_reading import Mark
from consumer.cli.letter_words import age, place, plain_letter, safe
from tests.redrive.making import WALL, at, stored


@pytest.mark.parametrize(
    ("seconds", "words"),
    ((0.4, "0 s"), (59.9, "59 s"), (60, "1 min"), (7199, "1 h"), (86_400, "1 d"), (1e7, "115 d")),
)
def test_an_age_is_said_in_its_largest_unit(seconds: float, words: str) -> None:
    """Rounded down."""
    assert words == age(seconds)


def test_what_a_letter_says_shows_no_address_and_steers_no_terminal() -> None:
    """Anyone may have written it."""
    shown = safe('400 <user@example.com> is\x1b[2J no "address"\n' + "x" * 1_000)

    assert "@example" not in shown
    assert "user" not in shown
    assert shown.isprintable()
    assert len(shown) <= 500


def test_a_program_reads_all_but_what_the_record_holds() -> None:
    """As JSON; what is done says how."""
    letter = stored(7, message="for user@example.com")

    plain = plain_letter(letter, Mark(at(7), "delivered", 1_777_629_660_000), WALL)

    assert ("0:7", "r0", "deliver", "refused", 30) == tuple(
        plain[name] for name in ("letter", "rule", "stage", "reason", "age_s")
    )
    assert {"topic": "events", "partition": 2, "offset": 41, "timestamp_ms": 1_777_629_600_000} == plain["record"]
    assert {"fate": "delivered", "at": "2026-05-01T10:01:00.000Z"} == plain["done"]
    text = orjson.dumps(plain).decode()
    assert "example.com" not in text
    assert "u1" not in text


def test_a_place_is_what_show_takes() -> None:
    """Partition and offset."""
    assert "3:17" == place(at(17, 3))
