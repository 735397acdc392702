"""A first mapping as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.core.record import Received
from consumer.infer.writing import written
from consumer.mapping.rules import load_mapping
from consumer.mapping.select import Selector
from tests.infer.topics import EXAMPLES, OWN, Headers, inferred, messages, uncommented
from tests.mapping.making import TRIAL, Message

ALL = [(name, event, headers) for name, examples in EXAMPLES.items() for event, headers in examples]


@pytest.mark.parametrize(("name", "event", "headers"), ALL)
def test_it_loads_as_it_stands_and_with_every_rule_taken_in(
    name: str, event: dict[str, Any], headers: Headers | None
) -> None:
    """For every format."""
    text = inferred(*messages(event, 5, headers))

    assert f"format: {name}\n" in text or f"format: {{name: {name}" in text
    assert () == load_mapping(text, "mapping.yaml").rules
    load_mapping(uncommented(text), "mapping.yaml")


@pytest.mark.parametrize("take", (str, uncommented))
def test_nothing_is_read_until_a_person_says_so(take: Callable[[str], str]) -> None:
    """What is read while no rule wants it is finished, and a rule that is enabled afterwards never sees it."""
    assert load_mapping(take(inferred(*messages(TRIAL, 5))), "mapping.yaml").paused


def test_it_makes_no_request_of_anything() -> None:
    """Until a person takes a rule in."""
    given = messages(TRIAL, 5)
    found = Selector(load_mapping(inferred(*given), "mapping.yaml")).select(given)

    assert [Received(runs=[(0, 4)], records=5, last_timestamp_ms=given[0].time[1])] == [
        Received(runs=each.runs, records=each.records, wanted=each.wanted, last_timestamp_ms=each.last_timestamp_ms)
        for each in found.values()
    ]


def test_a_rule_that_is_taken_in_sends_what_it_proposes() -> None:
    """The first without its mark of being disabled."""
    text = inferred(*messages(TRIAL, 5)).replace("    enabled: false               # without this line it acts\n", "")
    (found,) = Selector(load_mapping(text, "mapping.yaml")).select(messages(TRIAL, 1)).values()
    (plan,) = found.wanted[0].plans

    assert b'"eventName":"trialStarted","eventProperties":{"plan":"pro","seats":5}' in (plan.http().body or b"")  # type: ignore[union-attr]  # it is a request


def test_events_are_proposed_by_how_often_they_come_and_those_without_a_name_last() -> None:
    """No more than asked; what is no event is none."""
    given = [
        *messages(TRIAL | {"event": "Often"}, 3),
        *messages({"type": "page", "name": "Home"}, 9),
        *messages(TRIAL, 2),
        *messages(TRIAL | {"event": "Seldom"}, 1),
        Message(b"junk"),
    ]
    rules = [line for line in inferred(*given, rules_max=3).splitlines() if "- name:" in line]

    assert ["often", "trial-started", "seldom"] == [line.split("- name: ")[1].split(" ")[0] for line in rules]
    assert "  # - name: page" in inferred(*given)
    assert "#   1  (cannot be read)" in inferred(*given)


def test_comments_stand_under_each_other() -> None:
    """Within a rule."""
    text = inferred(*messages(TRIAL, 5))
    rule = [line for line in text[text.index("rules:") :].splitlines() if "    # " in line]

    assert {rule[0].index("    # ")} == {line.index("    # ") for line in rule}


def test_whom_it_is_about_is_written_out_only_where_the_format_does_not_find_it() -> None:
    """And what was found is told with its share."""
    whom = "#   email: the format's own expression finds one in 100% of the events"
    assert whom in inferred(*messages(TRIAL, 5)).splitlines()
    own = inferred(*messages(OWN | {"event": "x"}, 5))
    assert "contact:\n  userId: customer.id    # in 100% of the events\n" in own
    assert "#   email: nothing was found that looks like one" in own


def test_an_address_that_the_format_does_not_look_for_is_proposed() -> None:
    """With JSONata's quotes inside YAML's."""
    event = {"type": "track", "event": "Invited", "userId": "u1", "properties": {"invited by": "user@example.com"}}
    text = inferred(*messages(event, 5))

    assert "contact:\n  email: 'properties.`invited by`'    # in 100% of the events" in text


def test_topics_with_several_formats_have_a_map() -> None:
    """And who it is about is looked for in each place in turn."""
    bill = OWN["customer"] | {"email": "user@example.com"}
    given = [*messages(TRIAL, 5), *messages(OWN | {"customer": bill}, 5, of_topic="billing")]
    text = inferred(*given)

    assert "format:\n  billing: {name: json, event: meta.type, time: meta.at}\n  events: segment\n" in text
    mapping = load_mapping(uncommented(text), "mapping.yaml", ("billing", "events"))
    selected = Selector(mapping).select(given)
    assert [[], []] == [found.wanted for found in selected.values()] or 2 == len(selected)
    assert "of billing" in text


def test_no_event_at_all_is_a_mapping_too() -> None:
    """With a rule to begin with."""
    text = inferred(Message(b"\x02junk"))

    assert "# No format was recognized in the 1 records that were looked at." in text
    load_mapping(text, "mapping.yaml")


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
VALUES = st.integers(-(2**31), 2**31) | st.booleans() | NAMES


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=5), st.dictionaries(NAMES, VALUES, max_size=5))
def test_whatever_names_and_keys_there_are_it_loads(names: list[str], properties: dict[str, Any]) -> None:
    """As it stands, and with every rule taken in."""
    given = [Message(orjson.dumps(TRIAL | {"event": name, "properties": properties})) for name in names if name]
    text = inferred(*given)

    assert () == load_mapping(text, "mapping.yaml").rules
    load_mapping(uncommented(text), "mapping.yaml")


def test_no_address_is_shown_wherever_it_stands() -> None:
    """In a name, a key or a value."""
    address = "user@example.com"
    properties = {address: "pro", "to": address, "in": {address: address}, "plan": address}
    given = [*messages(TRIAL | {"properties": properties}, 5), *messages(TRIAL | {"event": f"{address} left"}, 5)]

    assert "@" not in inferred(*given)


def test_of_names_without_end_only_some_are_listed() -> None:
    """The rest is a number."""
    names = Counter({f"e{number}": 1 for number in range(60)})

    assert "#   and 10 more names\n" in written([], names, read="60 records", rules_max=1)
