"""Putting it all together, on librdkafka's mock cluster and the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer

from consumer.cli.why_answering import answer
from consumer.why.account import Became
from consumer.why.whom import Whom
from tests.cli.why_stand import EMAIL, NOW_MS, WhyStand, event, why_stand


@pytest.fixture
def stand() -> Iterator[WhyStand]:
    """A person with four records, of which the group has read three."""
    with why_stand() as stand:
        stand.add_contact(email=EMAIL, userId="u1")
        stand.produce(event(email=None), at_ms=NOW_MS - 10)
        stand.produce(event(), event("Paid"), event())
        stand.add_letter(1, event())
        stand.commit(3)
        yield stand


def test_each_record_is_told_with_what_became_of_it(stand: WhyStand) -> None:
    """In the order of time; Loops says whose userId it is, so that one reading does."""
    found = answer(stand.settings, stand.search(Whom(EMAIL)))

    became = [(account.record.offset, [one.became for one in account.outcomes]) for account in found.accounts]
    assert [
        (0, [Became.SENT]),
        (1, [Became.DEAD_LETTER]),
        (2, [Became.SENT]),
        (3, [Became.WAITING]),
    ] == became
    assert (4, 10, None) == (found.coverage.records, found.rate_per_s, found.letters_problem)
    assert [EMAIL] == [contact["email"] for contact in found.contacts or ()]


def test_dead_letters_that_cannot_be_read_are_no_reason_to_be_silent(stand: WhyStand) -> None:
    """What can be told is, and what cannot is said."""
    kafka = stand.settings.kafka.model_copy(update={"dead_letter_topic": "nowhere"})
    other = WhyStand(stand.settings.model_copy(update={"kafka": kafka}), stand.sandbox, stand.mapping)

    found = answer(other.settings, other.search(Whom(EMAIL)))

    assert 4 == len(found.accounts)
    assert "nowhere" in (found.letters_problem or "")


def test_topics_that_cannot_be_read_end_the_command(stand: WhyStand, capsys: pytest.CaptureFixture[str]) -> None:
    """With a sentence."""
    kafka = stand.settings.kafka.model_copy(update={"topics": ("nowhere",)})
    other = WhyStand(stand.settings.model_copy(update={"kafka": kafka}), stand.sandbox, stand.mapping)

    with pytest.raises(typer.Exit):
        answer(other.settings, other.search(Whom(EMAIL)))

    assert "nowhere" in capsys.readouterr().err
