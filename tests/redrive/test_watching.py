"""What the pipeline reports of a redrive, as people see it."""

from __future__ import annotations

from consumer.core.effect import Fate, Finished, OutageBegan, OutageEnded, Resume
from consumer.core.record import TopicPartition
from consumer.redrive.hand import Hand, Tally
from consumer.redrive.watching import Watcher
from tests.redrive.making import LETTERS, at, stored

P0 = TopicPartition(LETTERS, 0)


def test_each_letter_has_the_fate_that_was_reported_of_it() -> None:
    """By its place; what was never in flight has none."""
    hand = Hand(Tally())
    for offset in (1, 2):
        hand.take(stored(offset))

    Watcher(hand, lambda: None).happened(
        [
            Finished(P0, Fate.FILTERED, 5),
            Finished(P0, Fate.DELIVERED, 1, "r0", 2),
            Resume(P0),
            Finished(P0, Fate.STALE, 1, "r0", 9),
        ]
    )

    fates = {offset: held.fate for offset in (1, 2) if (held := hand.at(at(offset)))}
    assert {1: Fate.FILTERED, 2: Fate.DELIVERED} == fates


def test_what_it_waits_for_is_said_until_it_is_over() -> None:
    """Loops and Kafka each for itself; whoever shows it is told of each change."""
    hand, said = Hand(Tally()), list[str]()
    watcher = Watcher(hand, lambda: said.append(hand.tally.waits_for))

    watcher.happened([OutageBegan(None, "unauthorized")])
    watcher.committed(1, "_MSG_TIMED_OUT")
    watcher.happened([OutageEnded(None, 3.0)])
    watcher.committed(1, None)

    loops, kafka = "Loops does not take it: unauthorized", "the dead-letter topic takes no mark: _MSG_TIMED_OUT"
    assert [loops, f"{loops}; {kafka}", kafka, ""] == said
