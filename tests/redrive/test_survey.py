"""Which letters are open, and which of them are meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.adapters.letter_reading import Lying, Mark, NoLetter
from consumer.redrive.survey import Choice, Survey, age_s
from tests.redrive.making import WALL, at, stored


def survey(*lying: Lying, keep_done: bool = False, choice: Choice | None = None) -> Survey:
    """A survey that has taken these in."""
    found = Survey(lambda letter: (choice or Choice()).takes(letter, WALL), keep_done=keep_done)
    found.take(lying)
    return found


def test_a_marked_letter_is_done() -> None:
    """Whichever of the two is read first: partitions come in any order."""
    letters = [stored(1), stored(2), stored(3)]
    mark = Mark(at(2), "delivered", 0)

    orders: list[list[Lying]] = [[*letters, mark], [mark, *letters]]
    for order in orders:
        assert [at(1), at(3)] == [letter.at for letter in survey(*order).open()]


def test_a_letter_that_failed_again_closes_the_one_before_it_without_a_mark() -> None:
    """A crash may have come between the two: both of them open would be sent under different keys."""
    before, again = stored(1), replace(stored(5, partition=1), redrive_of=at(1))

    for order in ([before, again], [again, before]):
        assert [again.without_value()] == survey(*order).open()
        assert "dead_lettered" == survey(*order).done[at(1)].fate


def test_those_that_are_done_are_kept_where_they_are_asked_for() -> None:
    """With what became of them."""
    mark = Mark(at(1), "delivered", 5)
    found = survey(stored(1), stored(2), mark, keep_done=True)

    assert ([at(1), at(2)], {at(1): mark}) == (sorted(found.chosen), found.done)
    assert [at(2)] == [letter.at for letter in found.open()]


def test_it_knows_of_which_rules_there_are_letters() -> None:
    """Those that are done, and those that are not wanted, among them; one may be of none."""
    found = Survey(lambda _: False)
    found.take([Mark(at(1), "delivered", 5), stored(1), stored(2, rule="r1"), stored(3, rule=None)])

    assert {"r0", "r1"} == found.rules


def test_what_is_no_letter_is_counted_by_why() -> None:
    """And is no letter."""
    found = survey(NoLetter(at(1), "no dead letter"), NoLetter(at(2), "no dead letter"), stored(3))

    assert ({"no dead letter": 2}, [at(3)]) == (found.others, [letter.at for letter in found.open()])


def test_no_record_is_held_while_letters_are_only_looked_at() -> None:
    """There may be very many."""
    (found,) = survey(stored(1)).open()

    assert (None, None, ()) == (found.record.key, found.record.value, found.record.headers)


def test_the_first_to_fail_is_the_first() -> None:
    """Wherever it lies."""
    early, late = stored(9, first_failed_at_ms=1_000_000_000_000), stored(1, first_failed_at_ms=1_000_000_000_001)

    assert [at(9), at(1)] == [letter.at for letter in survey(late, early).open()]


@pytest.mark.parametrize(
    ("choice", "is_taken"),
    (
        (Choice(), True),
        (Choice(rule="r0", reason="refused", stage="deliver", older_s=30, newer_s=30), True),
        (Choice(rule="r1"), False),
        (Choice(reason="server_error"), False),
        (Choice(stage="map"), False),
        (Choice(older_s=31), False),
        (Choice(newer_s=29), False),
    ),
)
def test_a_choice_takes_what_it_says(choice: Choice, is_taken: bool) -> None:
    """The letter failed 30 s ago."""
    assert 30 == age_s(stored(), WALL)
    assert is_taken is choice.takes(stored(), WALL)


def test_a_letter_without_a_rule_is_of_no_rule() -> None:
    """Though all of them concern it."""
    assert not Choice(rule="r0").takes(stored(rule=None), WALL)


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_open_is_what_is_wanted_and_not_done(order: list[int], done: set[int], wanted: set[int]) -> None:
    """In whatever order records come."""
    lying: list[Lying] = [stored(offset) for offset in order]
    lying += [Mark(at(offset), "delivered", 0) for offset in done]
    for keep_done in (False, True):
        found = Survey(lambda letter: letter.at.offset in wanted, keep_done=keep_done)
        found.take(lying[::2])
        found.take(lying[1::2])
        assert wanted - done == {letter.at.offset for letter in found.open()}
        assert (wanted if keep_done else wanted - done) == {where.offset for where in found.chosen}
