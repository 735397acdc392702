"""What follows from an answer."""

from __future__ import annotations

import pytest

from consumer.why.account import Became
from consumer.why.answer import Meant, meant_by
from tests.cli.why_answers import WAITS, answer_of
from tests.mapping.making import mapping_of


def test_what_became_is_counted_over_all_records() -> None:
    """Rule by rule."""
    assert {Became.SENT: 1, Became.NOTHING: 1, Became.REPEATED: 1} == answer_of(
        {}, {"properties": {"plan": "free"}}, {}
    ).counts


def test_a_wait_follows_from_what_is_before_and_the_rate() -> None:
    """There is none of what does not wait."""
    waits, sent = answer_of({}, commits=WAITS, ahead=25), answer_of({})

    assert (2.5, None) == (waits.wait_s(waits.accounts[0].outcomes[0]), sent.wait_s(sent.accounts[0].outcomes[0]))


@pytest.mark.parametrize(
    ("name", "meant"),
    (
        ("trial started", Meant("r0", "Trial Started")),
        ("trialStarted", Meant("r0", "Trial Started")),
        ("TRIAL_STARTED", Meant("r0", "Trial Started")),
        ("Order Paid", None),
        ("Trial Ended", None),
        (None, None),
    ),
)
def test_a_rule_is_meant_where_case_and_punctuation_alone_differ(name: str | None, meant: Meant | None) -> None:
    """A glob means what it says."""
    assert meant == meant_by(name, mapping_of("when: Trial Started, update: true", "when: Order *, update: true"))
