"""What Loops says of a person, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from consumer.cli.why_contacts import LoopsWitness
from consumer.settings import LoopsSettings
from consumer.why.whom import Identity, Whom
from tests.cli.why_stand import EMAIL, WhyStand, why_stand


@pytest.fixture
def stand() -> Iterator[WhyStand]:
    """One of its own."""
    with why_stand() as stand:
        yield stand


def asked(stand: WhyStand) -> int:
    """How often Loops was."""
    return stand.sandbox.received_count()


def test_loops_knows_the_other_identifier(stand: WhyStand) -> None:
    """Of whichever was given."""
    stand.add_contact(email=EMAIL, userId="u1")
    by_email, by_id = Whom(EMAIL), Whom(user_id="u1")

    for whom in (by_email, by_id):
        LoopsWitness(stand.settings.loops, whom).identify()

    assert {"u1": "Loops"} == by_email.user_ids
    assert {EMAIL: "Loops"} == by_id.emails


def test_a_contact_that_two_identifiers_find_is_one(stand: WhyStand) -> None:
    """And two contacts are two."""
    stand.add_contact(email=EMAIL, userId="u1")
    stand.add_contact(email="other@example.com", userId="u2")
    whom = Whom(EMAIL, "u1")
    witness = LoopsWitness(stand.settings.loops, whom)

    one = witness.contacts()
    whom.learn(Identity(EMAIL, "u2"), "a record")
    two = witness.contacts()

    assert [[EMAIL], [EMAIL, "other@example.com"]] == [[each["email"] for each in found or ()] for found in (one, two)]


def test_nobody_is_found(stand: WhyStand) -> None:
    """Which is an answer."""
    witness = LoopsWitness(stand.settings.loops, Whom(EMAIL))

    witness.identify()

    assert ([], None) == (witness.contacts(), witness.problem)


def test_without_a_key_it_says_so(stand: WhyStand) -> None:
    """And asks nobody."""
    witness = LoopsWitness(LoopsSettings(base_url=stand.settings.loops.base_url), Whom(EMAIL))

    witness.identify()

    assert (None, "there is no key for Loops", 0) == (witness.contacts(), witness.problem, asked(stand))


def test_where_loops_fails_it_is_not_asked_again(stand: WhyStand) -> None:
    """A person need not wait twice."""
    stand.sandbox.inject(status=503, count=1)
    witness = LoopsWitness(stand.settings.loops, Whom(EMAIL))

    witness.identify()

    assert witness.contacts() is None
    assert witness.problem is not None
    assert "status 503" in witness.problem
    assert 1 == asked(stand)
