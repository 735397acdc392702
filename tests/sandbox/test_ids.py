"""Identifiers."""

from __future__ import annotations

import re

from consumer.sandbox.ids import Ids


def test_an_identifier_has_the_form_that_loops_uses() -> None:
    """25 lower-case letters and digits that begin with a letter."""
    assert re.fullmatch(r"cm[a-z0-9]{23}", Ids(0).new())


def test_the_same_seed_gives_the_same_identifiers_and_another_gives_others() -> None:
    """Two runs can be compared."""
    one, two, other = Ids(1), Ids(1), Ids(2)
    first = [one.new() for _ in range(100)]
    assert first == [two.new() for _ in range(100)]
    assert 200 == len({*first, *(other.new() for _ in range(100))})
