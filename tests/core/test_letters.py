"""Dead letters on their way."""

from __future__ import annotations

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.letters import RETRY_S, Letters
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import Rejection
from tests.core.driving import P0, P1, WALL, record, send


def _of(offset: int = 0) -> OpenRecord:
    return OpenRecord(record(offset), P0, 1, 1)


def test_a_rejection_s_letter_says_what_could_not_be_done() -> None:
    """Read, or mapped."""
    letters = Letters(60)
    unreadable = letters.of_rejection(Rejection("undecodable", "not JSON"), _of(), 0, wall=WALL)
    unmapped = letters.of_rejection(Rejection("no_contact", "neither email nor userId", "r"), _of(), 0, wall=WALL)
    assert ("decode", None, int(WALL * 1000)) == (unreadable.stage, unreadable.rule, unreadable.first_failed_at_ms)
    assert ("map", "r", unreadable.number + 1) == (unmapped.stage, unmapped.rule, unmapped.number)


def test_a_request_s_letter_holds_what_a_second_sending_needs() -> None:
    """The key, how often it was refused, how often it was tried, since when."""
    delivery = Delivery(send("a"), _of(), ("ua",), tries=8, failures=8, first_failed_ms=123)
    letter = Letters(60).of_delivery(delivery, Outcome(Verdict.RETRY, "timeout"), wall=WALL)
    assert ("timeout", "timeout", "key-a", 0, 8, 123) == (
        letter.reason,
        letter.message,
        letter.idempotency_key,
        letter.refusals,
        letter.attempts,
        letter.first_failed_at_ms,
    )


def test_a_letter_names_the_mapping_that_selected_its_record() -> None:
    """Whichever is in use when it is written."""
    letters, selected = Letters(60), OpenRecord(record(0), P0, 1, 1, "abc")
    of_request = letters.of_delivery(Delivery(send("a"), selected, ("ua",)), Outcome(Verdict.REFUSED, "r"), wall=WALL)
    of_rejection = letters.of_rejection(Rejection("value", "an array", "r"), selected, 0, wall=WALL)
    assert ("abc", "abc") == (of_request.mapping, of_rejection.mapping)


def test_one_that_failed_is_due_again_later() -> None:
    """And confirmed then."""
    letters, of = Letters(60), _of()
    letter = letters.of_rejection(Rejection("no_contact", "none", "r"), of, 0, wall=WALL)
    assert letters.add(letter, of, now=1.0)
    assert (of, [of], []) == (letters.failed(letter.number, now=1.0), letters.failing(), letters.writing())
    assert ([], [letter]) == (letters.due(now=1.0), letters.due(now=1.0 + RETRY_S))
    assert (of, None) == (letters.confirmed(letter.number), letters.confirmed(letter.number))


def test_what_cannot_be_read_is_held_beyond_its_rate_and_released_in_order() -> None:
    """One a minute here."""
    letters = Letters(1)
    made = []
    for offset in range(3):
        of = _of(offset)
        made.append(letters.of_rejection(Rejection("undecodable", "not JSON"), of, 0, wall=WALL))
        letters.add(made[-1], of, now=10.0)
    assert (2, 70.0) == (len(letters.held()), letters.next_at())
    assert ([], [made[1]], [made[2]]) == (letters.due(now=69.0), letters.due(now=70.0), letters.due(now=130.0))


def test_what_is_held_of_a_partition_can_be_dropped_alone() -> None:
    """What is being written of it stays, and so does what is held of another."""
    letters = Letters(1)
    for of in (_of(0), _of(1), OpenRecord(record(2, P1), P1, 1, 1)):
        letters.add(letters.of_rejection(Rejection("undecodable", "not JSON", "r"), of, 0, wall=WALL), of, now=10.0)
    letters.drop_held(P0)
    assert ([P0, P1], [P1]) == ([of.partition for of in letters.waiting()], [of.partition for of in letters.held()])
    assert ["r", "r"] == letters.rules()


def test_what_is_forgotten_does_not_come_back() -> None:
    """Being written, waiting, or held."""
    letters = Letters(1)
    ofs = [_of(offset) for offset in range(3)]
    for of in ofs:
        letters.add(letters.of_rejection(Rejection("undecodable", "not JSON"), of, 0, wall=WALL), of, now=10.0)
    letters.failed(1, now=10.0)
    letters.forget({id(of) for of in ofs})
    assert ([], [], [], []) == (letters.writing(), letters.failing(), letters.held(), letters.due(now=1000.0))
