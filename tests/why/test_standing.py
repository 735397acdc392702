"""Where a record stands against the group's commit."""

from __future__ import annotations

import pytest

from consumer.core.completions import Completions, encode
from consumer.core.effect import Committable
from consumer.core.record import Position, TopicPartition
from consumer.why.standing import Standing, Standings

TP = TopicPartition("events", 1)
MAPPING = 7


def standings(offset: int, completions: Completions = Completions(), *, mapping: int = MAPPING) -> Standings:  # noqa: B008 - it is frozen
    """Of a group that has committed this."""
    return Standings({TP: Committable(offset, encode(completions, offset=offset))}, mapping)


@pytest.mark.parametrize(("offset", "standing"), ((9, Standing.FINISHED), (10, Standing.OPEN), (11, Standing.OPEN)))
def test_what_lies_below_the_commit_is_finished(offset: int, standing: Standing) -> None:
    """The commit is the next offset to read."""
    assert standing is standings(10).of(Position(*TP, offset))


def test_what_the_text_beside_the_commit_names_is_finished_too() -> None:
    """Each run with both of its ends."""
    told = standings(10, Completions(runs=((12, 13), (20, 20))))

    finished = [offset for offset in range(9, 22) if told.of(Position(*TP, offset)) is Standing.FINISHED]
    assert [9, 12, 13, 20] == finished


def test_of_a_record_of_several_rules_one_may_be_finished() -> None:
    """As long as the mapping is the one whose plans these are."""
    completions = Completions(partly={12: 0b101}, mapping=MAPPING)
    here, elsewhere = standings(10, completions), standings(10, completions, mapping=8)

    at = Position(*TP, 12)
    assert [Standing.FINISHED, Standing.OPEN, Standing.FINISHED] == [here.of(at, plan) for plan in range(3)]
    assert Standing.OPEN is here.of(at)
    assert [Standing.OPEN] * 3 == [elsewhere.of(at, plan) for plan in range(3)]


def test_a_text_that_says_nothing_finishes_nothing() -> None:
    """Another program's, say."""
    told = Standings({TP: Committable(10, "else")}, MAPPING)

    assert Standing.OPEN is told.of(Position(*TP, 12))


def test_without_a_commit_nothing_is_known_to_be_finished() -> None:
    """And where the brokers do not tell, nothing at all is known."""
    at = Position(*TP, 12)

    assert Standing.NO_COMMIT is Standings({TP: None}, MAPPING).of(at)
    assert Standing.NO_COMMIT is Standings({}, MAPPING).of(at)
    assert Standing.UNKNOWN is Standings(None, MAPPING).of(at)
