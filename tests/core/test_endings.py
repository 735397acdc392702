"""What ends come to; more in ``test_pipeline.py``, ``test_pipeline_failures.py`` and ``test_pipeline_merging.py``."""

from __future__ import annotations

from typing import Final

import pytest

from consumer.core.effect import Attempt, Fate, Handed, Retried
from consumer.core.outcome import Outcome
from consumer.core.policy import Policy
from consumer.core.rules import Rules
from tests.core.driving import BUSY, DONE, P0, P1, REFUSED, Driven, attempts, batch, fates, of, send, update

MERGING: Final = Policy(on_wire_max=1, merge_updates=True, merge_into_events=True)


def _on_the_wire() -> tuple[Driven, Attempt]:
    """Two updates as one on the wire, and another behind them."""
    driven = Driven(MERGING)
    (first,) = attempts(driven.tell("selected", batch({0: [send("z")]}, last=0, partition=P1)))
    driven.tell("selected", batch({at: [update("a", contact={"p": at})] for at in (0, 1)}, last=1))
    (both,) = attempts(driven.commit(driven.answer(first)))
    driven.tell("selected", batch({2: [update("a")]}, first=2, last=2))
    return driven, both


def _is_empty(driven: Driven) -> bool:
    """Whether nothing is left of any request."""
    wire = driven.pipeline.wire
    return not (len(wire.lanes) or len(wire.ready) or len(wire) or not wire.idle)


@pytest.mark.parametrize("outcome", (DONE, REFUSED, BUSY))
def test_nothing_stays_of_a_revoked_partition_whose_last_request_ends(outcome: Outcome) -> None:
    """What comes apart then is the next owner's."""
    driven, both = _on_the_wire()
    driven.tell("revoked", [P0])
    handed = of(Handed, driven.answer(both, outcome))
    assert (1, True, 0) == (len(handed), _is_empty(driven), driven.pipeline.in_flight)
    assert (2 if outcome is DONE else 0) == len([fate for fate, rule in fates(driven.effects) if rule == "u"])
    assert (1 if outcome is DONE else 3) == driven.pipeline.handed_back


def test_nothing_stays_of_a_lost_partition() -> None:
    """Its answer is late."""
    driven, both = _on_the_wire()
    driven.tell("lost", [P0])
    assert (0, 3) == (len(driven.pipeline.wire.ready), driven.pipeline.handed_back)
    driven.answer(both)
    assert _is_empty(driven)


@pytest.mark.parametrize("outcome", (REFUSED, BUSY))
def test_nothing_stays_of_a_paused_partition(outcome: Outcome) -> None:
    """Its records come again."""
    driven, both = _on_the_wire()
    driven.tell("mapping", Rules("ab", frozenset("ru"), paused=True))
    driven.answer(both, outcome)
    assert (True, 0, 3) == (_is_empty(driven), driven.pipeline.in_flight, driven.pipeline.handed_back)


def test_each_part_finishes_its_own_record() -> None:
    """One slot is theirs until the commit."""
    driven, both = _on_the_wire()
    answered = driven.answer(both)
    assert ([(Fate.DELIVERED, "u")] * 2, 1) == (fates(answered), driven.pipeline.commits.uncommitted)


def test_what_comes_apart_on_an_answer_is_tried_again() -> None:
    """And reported as that."""
    driven, both = _on_the_wire()
    assert [Retried("refused", "u", counted=False)] == of(Retried, driven.answer(both, REFUSED))
