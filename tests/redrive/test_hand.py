"""The letters in hand, and how they are counted."""

from __future__ import annotations

from consumer.core.completions import Completions, encode
from consumer.core.effect import Committable, Fate
from consumer.core.record import TopicPartition
from consumer.redrive.hand import Hand, Tally
from consumer.redrive.planning import Left
from tests.redrive.making import LETTERS, at, stored

P0, P1 = TopicPartition(LETTERS, 0), TopicPartition(LETTERS, 1)


def holding(*offsets: int) -> Hand:
    """A hand with letters there, and one in another partition."""
    hand = Hand(Tally())
    for offset in offsets:
        hand.take(stored(offset))
    hand.take(stored(0, partition=1))
    return hand


def offsets(hand: Hand, position: Committable, partition: TopicPartition = P0) -> list[int]:
    """Those that a commit of this covers."""
    return [held.letter.at.offset for held in hand.finished({partition: position})]


def test_below_the_committed_offset_letters_are_finished() -> None:
    """Of that partition."""
    hand = holding(3, 5, 9)

    assert ([3, 5], []) == (offsets(hand, Committable(6)), offsets(hand, Committable(0), P1))


def test_what_is_told_beside_the_offset_is_finished_too() -> None:
    """Runs of offsets; between those of letters there is nothing that could be meant."""
    hand = holding(3, 5, 9, 12)
    beside = encode(Completions(((5, 10),)), offset=3)

    assert [5, 9] == offsets(hand, Committable(3, beside))


def test_a_damaged_text_tells_of_nothing_finished() -> None:
    """Rather once more than never."""
    assert [3] == offsets(holding(3, 5), Committable(4, "lc1:damaged"))


def test_what_leaves_the_hand_is_counted_once() -> None:
    """Done by its fate, or left by why."""
    hand = holding(1, 2, 3)
    first, second, _ = hand.finished({P0: Committable(9)})
    first.fate = Fate.DELIVERED
    second.left = Left.CONTACT_UNKNOWN

    hand.settle([first, second])

    assert {("r0", Fate.DELIVERED): 1} == hand.tally.done
    assert {("r0", Left.CONTACT_UNKNOWN): 1} == hand.tally.left
    assert (2, 2, None) == (len(hand), hand.tally.count, hand.at(at(1)))


def test_a_letter_that_went_through_without_a_word_was_wanted_by_no_rule() -> None:
    """The pipeline reports only those that it holds."""
    hand = holding(1)

    hand.settle(hand.finished({P0: Committable(2)}))

    assert {("r0", Fate.FILTERED): 1} == hand.tally.done


def test_the_rest_was_not_reached() -> None:
    """By rule: all that were meant, less those of which it is known what became of them."""
    tally = Tally()
    letters = [stored(1), stored(2), stored(3, rule="r1"), stored(4, rule=None)]
    tally.done["r0", Fate.DELIVERED] = 1
    tally.leave(letters[2], Left.STALE)

    tally.leave_rest(letters)

    assert {("r1", Left.STALE): 1, ("r0", Left.NOT_REACHED): 1, ("", Left.NOT_REACHED): 1} == tally.left
    assert len(letters) == tally.count
