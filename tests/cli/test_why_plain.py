"""An answer as a program reads it."""

from __future__ import annotations

import json

from consumer.cli.why_plain import plain_answer
from tests.cli.why_answers import WAITS, answer_of, letter_of

TIME = "2026-05-01T10:00:00.000Z"


def test_all_of_it_is_there() -> None:
    """And it is JSON."""
    answer = answer_of({}, unwanted={"trial_started": 2, None: 1}, mentions=7, contacts=[{"email": "user@example.com"}])
    found = plain_answer(answer)

    assert found.keys() == json.loads(json.dumps(found)).keys()
    assert {"emails": {"user@example.com": ""}, "user_ids": {}, "left_out": 0} == found["looked_for"]
    assert (48_211, 12, False) == tuple(found["read"][name] for name in ("records", "partitions_of", "stopped"))
    assert {"name": "readers", "members": 2, "has_committed": True, "problem": None} == found["group"]
    assert {"sent": 1} == found["became"]
    assert [
        {"event": "trial_started", "records": 2, "meant": {"rule": "r0", "wants": "Trial Started"}},
        {"event": None, "records": 1, "meant": None},
    ] == found["unwanted"]
    assert (7, "events:3:0") == (found["mentions"]["records"], found["mentions"]["places"][0])
    assert [{"email": "user@example.com"}] == found["contacts"]


def test_a_record_has_its_place_its_standing_and_its_rules() -> None:
    """With the request, whatever its age is by now."""
    (record,) = plain_answer(answer_of({}, commits=WAITS))["records"]

    assert ("events:0:0", "events", 0, 0, TIME, "open") == tuple(
        record[name] for name in ("record", "topic", "partition", "offset", "at", "standing")
    )
    (rule,) = record["rules"]
    assert ("r0", "waiting", 1_240, 124.0) == tuple(
        rule[name] for name in ("rule", "became", "requests_ahead", "wait_s")
    )
    assert ("POST", "/events/send") == (rule["request"]["method"], rule["request"]["path"])


def test_a_letter_says_where_it_lies_and_what_became_of_it() -> None:
    """Also where no rule has its name any more."""
    answer = answer_of({}, letters=[letter_of(fate="delivered", done_ms=1_777_629_600_000), letter_of("former")])
    (record,) = plain_answer(answer)["records"]
    first, second = record["rules"]

    assert ("redriven", {"fate": "delivered", "at": TIME}) == (first["became"], first["letter"]["done"])
    assert ("former", "dead_letter", "0:7", None, None) == (
        second["rule"],
        second["became"],
        second["letter"]["letter"],
        second["letter"]["done"],
        second["request"],
    )


def test_a_repeated_one_names_the_first() -> None:
    """By its place."""
    records = plain_answer(answer_of({}, {}))["records"]

    assert ["sent", "repeated"] == [record["rules"][0]["became"] for record in records]
    assert "events:0:0" == records[1]["rules"][0]["same_as"]
