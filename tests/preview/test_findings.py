"""All that is found out about records that were looked at."""

from __future__ import annotations

import orjson

from consumer.preview.findings import Findings
from consumer.preview.line import Merging
from consumer.preview.tally import Tally
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message, mapping_of

MAPPING = mapping_of("when: Trial Started, send: trialStarted, max_age: 1h")
TRIAL_BYTES = orjson.dumps(TRIAL)
OTHER_BYTES = orjson.dumps(TRIAL | {"messageId": "ajs-2", "userId": "u2", "context": {}})


def _found(*messages: Message, wall_ms: int = MAY_FIRST_MS) -> Findings:
    found = Findings(Merging(), held_max=100)
    found.note_times(messages)
    found.take(Tally(MAPPING).take(messages), wall_ms=wall_ms)
    return found


def test_requests_are_counted_by_contact_and_with_their_times() -> None:
    """And what comes again."""
    found = _found(Message(TRIAL_BYTES), Message(OTHER_BYTES, at=1), Message(TRIAL_BYTES, at=2))

    assert (3, 2, 3, 3) == (
        found.rehearsal.requests,
        found.contacts.count,
        found.arrivals.count,
        found.backlog.requests,
    )
    assert (1, 0) == (found.repeats.copies, found.repeats.differing)


def test_an_event_is_as_old_as_it_was_when_its_record_came() -> None:
    """Whenever it is looked at; only where a record has no time it is now."""
    year_later_ms = MAY_FIRST_MS + 365 * 86_400_000
    late = MAY_FIRST_MS + 3_600_001
    assert 1 == _found(Message(TRIAL_BYTES), wall_ms=year_later_ms).rehearsal.requests
    assert {"r0": 1} == _found(Message(TRIAL_BYTES, time=(1, late))).rehearsal.stale
    assert {"r0": 1} == _found(Message(TRIAL_BYTES, time=(0, -1)), wall_ms=year_later_ms).rehearsal.stale


def test_dead_letters_are_no_requests() -> None:
    """They are counted alone."""
    found = _found(Message(b"junk"))

    assert (1, 0, 0) == (found.rehearsal.letters.total(), found.contacts.count, found.arrivals.count)


def test_the_span_of_time_is_from_the_earliest_to_the_latest_that_has_one() -> None:
    """A time that is none does not count."""
    found = _found(Message(None, time=(1, 500)), Message(None, time=(0, -1)), Message(None, time=(1, 2**62)))
    assert (500, 500) == (found.first_ms, found.last_ms)
    found.note_times([Message(None, time=(1, 900)), Message(None, time=(1, 300))])
    found.note_times([])
    assert (300, 900) == (found.first_ms, found.last_ms)
