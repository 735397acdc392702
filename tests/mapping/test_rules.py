"""A whole mapping: what it compiles to, and what is said of the broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.core.request import Call
from consumer.faults import Faults
from consumer.mapping.formats.json import Json
from consumer.mapping.rules import json_schema, load_mapping
from tests.mapping.making import faults_of, mapping_of

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
CONFIG = Path(__file__).parents[2] / "config"

TWO = "rules:\n  - {name: a, when: A, send: a}\n  - {name: b, id: old, when: B, update: true, enabled: false}\n"


@pytest.mark.parametrize("file", BROKEN, ids=[file.stem for file in BROKEN])
def test_a_broken_mapping_says_all_that_is_wrong_with_it(file: Path) -> None:
    """With line, column, the line itself, and what to do: the text beside it."""
    with pytest.raises(Faults) as found:
        load_mapping(file.read_text(), file.name)

    assert file.with_suffix(".txt").read_text() == f"{found.value}\n"


@pytest.mark.parametrize(
    ("rules", "expected"),
    (
        (
            "",
            "m.yaml:1:1: rules: this key is missing; allowed: a list of at least one rule\n    format: segment\n    ^",
        ),
        ("rule: []\n", "m.yaml:2:1: rule: unknown key\n    rule: []\n    ^\n    did you mean rules?"),
        (
            "rules: {name: a}\n",
            (
                "m.yaml:2:8: rules: found a mapping; allowed: a list of at least one rule\n"
                "    rules: {name: a}\n           ^\n    each begins with a dash: - name: ..."
            ),
        ),
        (
            "rules:\n",
            ("m.yaml:2:1: rules: found nothing (null); allowed: a list of at least one rule\n    rules:\n    ^"),
        ),
    ),
)
def test_without_rules_there_is_no_fault_of_a_rule(rules: str, expected: str) -> None:
    """Only that there are none."""
    with pytest.raises(Faults) as found:
        load_mapping("format: segment\n" + rules, "m.yaml")

    assert expected == str(found.value)


def test_only_rules_in_use_are_compiled_to_use() -> None:
    """With their ids, names and calls."""
    mapping = load_mapping("format: segment\n" + TWO, "mapping.yaml")
    enabled = load_mapping("format: segment\n" + TWO.replace("false", "true"), "mapping.yaml")

    assert [("a", "a", Call.SEND)] == [(rule.id, rule.name, rule.call) for rule in mapping.rules]
    assert [("a", "a"), ("old", "b")] == [(rule.id, rule.name) for rule in enabled.rules]


def test_a_mapping_may_be_paused() -> None:
    """It is not, unless it says so."""
    assert not load_mapping("format: segment\n" + TWO, "mapping.yaml").paused
    assert load_mapping("format: segment\npaused: true\n" + TWO, "mapping.yaml").paused


def test_a_disabled_rule_is_checked_all_the_same() -> None:
    """It is meant to be enabled one day."""
    text = "format: segment\nrules:\n  - {name: a, when: A, where: a., send: a, enabled: false}\n"

    assert ["rules[0].where"] == [fault.path for fault in faults_of(text)]


def test_the_digest_follows_from_the_text() -> None:
    """Twelve hexadecimal characters."""
    one, other = load_mapping("format: segment\n" + TWO, "a"), load_mapping("format: segment \n" + TWO, "b")

    assert 12 == len(one.digest)
    assert int(one.digest, 16) >= 0
    assert load_mapping("format: segment\n" + TWO, "c").digest == one.digest != other.digest


def test_a_format_may_say_where_things_stand() -> None:
    """Paths from the top."""
    top = "format: {name: json, event: meta.name, id: meta.id, time: at}\ncontact: {userId: user}"

    form = mapping_of("when: A, send: a", top=top).formats

    assert Json(name_paths=(("meta", "name"),), id_path=("meta", "id"), time_paths=(("at",),)) == form


def test_a_map_of_formats_has_the_topics_that_are_read() -> None:
    """All of them and no other; a regular expression cannot be compared."""
    text = "format: {orders: segment, page: segment}\n" + TWO

    faults = faults_of(text, "orders", "pages")

    assert [("format", "the topic pages is read and has no format"), ("format.page", "this topic is not read")] == [
        (fault.path, fault.message) for fault in faults
    ]
    assert "did you mean pages?" == faults[1].hint
    assert [] == faults_of(text, "^pages.*") == faults_of(text)


def test_the_mappings_own_contact_takes_the_place_of_the_formats() -> None:
    """Each of the two alone; null takes it away."""
    both = mapping_of("when: A, send: a", top="format: segment\ncontact: {email: traits.mail}")
    (program,) = both.rules[0].programs.values()
    event = {"userId": "u1", "traits": {"mail": "a@example.com", "email": "b@example.com"}}
    alone = mapping_of("when: A, send: a", top="format: segment\ncontact: {email: null}")
    (without,) = alone.rules[0].programs.values()

    assert {"email": "a@example.com", "userId": "u1"} == program.evaluate(event, now_ms=0)
    assert {"userId": "u1"} == without.evaluate(event, now_ms=0)


def test_who_a_record_is_about_is_told_without_any_rule() -> None:
    """For each format; a rule's condition makes no difference."""
    top = "format: {web: segment, own: json}\ncontact: {userId: uid}\n"
    text = f"{top}rules: [{{name: a, when: b, where: false, update: true}}]"
    mapping = load_mapping(text, "mapping.yaml")
    event = {"uid": "u1", "traits": {"email": "user@example.com"}}

    assert [{"email": "user@example.com", "userId": "u1"}, {"userId": "u1"}] == [
        mapping.contacts[form].evaluate(event, now_ms=0)
        for topic in ("web", "own")
        if (form := mapping.format_of(topic)) is not None
    ]


def test_quotes_of_a_file_that_quotes_everything_say_nothing() -> None:
    """As JSON does, which is YAML too."""
    text = '{"format": "segment", "rules": [{"name": "a", "when": "A", "send": "a", "contact": {"plan": "plan"}}]}'

    assert [] == faults_of(text)


def test_the_shipped_mapping_has_no_faults() -> None:
    """And reads the topic of the shipped settings."""
    assert [] == faults_of((CONFIG / "mapping.yaml").read_text(), "product-events")


def test_the_schema_is_that_of_the_file() -> None:
    """Its title is the file's name."""
    assert "mapping.yaml" == json_schema()["title"]
