"""Names that look like a rule's."""

from __future__ import annotations

import pytest

from consumer.preview.lookalikes import Lookalike, lookalikes
from tests.mapping.making import mapping_of

RULES = mapping_of("when: [Trial Started, Paid], send: a", "when: 'Order *', send: b").rules


@pytest.mark.parametrize(
    "name",
    (
        "trial started",
        "trial_started",
        "TrialStarted",
        "Trial  Started!",
        "Trial Startd",
        "Trial Sarted",
        "Trail Started",
        "Trial Starts",
        "Trials Started",
    ),
)
def test_another_way_of_writing_it_looks_alike(name: str) -> None:
    """Case, spaces, punctuation, and up to two letters of ten."""
    assert [Lookalike(name, "Trial Started", "r0")] == lookalikes([name], RULES)


@pytest.mark.parametrize("name", ("Trial Ended", "Trial", "Said", "", "!", "{type: page}", "Order", "x" * 10_000))
def test_other_names_do_not(name: str) -> None:
    """Of a short name nothing but its way of writing may differ; a glob is not looked like."""
    assert [] == lookalikes([name], RULES)


def test_a_short_name_must_have_the_same_letters() -> None:
    """Whatever their case."""
    assert [Lookalike("PAID", "Paid", "r0")] == lookalikes(["PAID"], RULES)


def test_the_order_is_that_of_the_names() -> None:
    """The most frequent first, say."""
    assert ["trial started", "paid"] == [one.name for one in lookalikes(["trial started", "x", "paid"], RULES)]
