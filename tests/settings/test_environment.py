"""Which variables there are, and what their texts come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consumer.faults import Fault
from consumer.settings.environment import PREFIX, read_variables, variable_names, variables_given


def test_every_key_has_its_variable() -> None:
    """By its path with two underscores between the parts; librdkafka's properties have none."""
    names = variable_names()

    assert names[PREFIX + "KAFKA__GROUP_ID"] == ("kafka", "group_id")
    assert names[PREFIX + "DELIVERY__MERGE__UPDATES"] == ("delivery", "merge", "updates")
    assert names[PREFIX + "MAPPING"] == ("mapping",)
    assert PREFIX + "KAFKA__CLIENT" not in names


@pytest.mark.parametrize(
    ("name", "text", "keys", "value"),
    (
        ("KAFKA__GROUP_ID", "17", ("kafka", "group_id"), "17"),
        ("KAFKA__GROUP_INSTANCE_ID", "orders-0", ("kafka", "group_instance_id"), "orders-0"),
        ("KAFKA__GROUP_INSTANCE_ID", "null", ("kafka", "group_instance_id"), None),
        ("KAFKA__TOPICS", "a, b", ("kafka", "topics"), ["a", "b"]),
        ("KAFKA__TOPICS", '["a", "b"]', ("kafka", "topics"), ["a", "b"]),
        ("KAFKA__TOPICS", "^a{1,2}", ("kafka", "topics"), ["^a{1,2}"]),
        ("KAFKA__TOPICS", '["a"', ("kafka", "topics"), '["a"'),
        ("LOOPS__RATE_PER_S", "20", ("loops", "rate_per_s"), 20),
        ("LOOPS__RATE_PER_S", "ten", ("loops", "rate_per_s"), "ten"),
        ("LOOPS__TIMEOUT_S", "7.5", ("loops", "timeout_s"), 7.5),
        ("LOOPS__ON_WIRE_MAX", "auto", ("loops", "on_wire_max"), "auto"),
        ("LOOPS__ON_WIRE_MAX", "20", ("loops", "on_wire_max"), 20),
        ("LOOPS__API_KEY_FILE", "null", ("loops", "api_key_file"), None),
        ("KAFKA__SCHEMA_REGISTRY__URL", "http://r:8081", ("kafka", "schema_registry", "url"), "http://r:8081"),
        ("delivery__drain_s", " 30 ", ("delivery", "drain_s"), 30),
        ("MAPPING", "m.yaml", ("mapping",), Path("m.yaml")),
    ),
)
def test_a_text_becomes_a_value_of_its_keys_type(name: str, text: str, keys: tuple[str, ...], value: Any) -> None:
    """What cannot be read as that type stays text, and is a fault later."""
    variables = read_variables({PREFIX + name: text})

    found: Any = variables.values
    for key in keys:
        found = found[key]
    assert (value, type(value)) == (found, type(value))
    assert {keys: PREFIX + name} == variables.names
    assert () == variables.faults


def test_kafkas_and_loops_own_names_count_and_the_long_ones_win() -> None:
    """KAFKA_BOOTSTRAP_SERVERS is often there for other programs too."""
    short = {"KAFKA_BOOTSTRAP_SERVERS": "a:1", "LOOPS_BASE_URL": "https://example.com"}
    long = {PREFIX + "KAFKA__BOOTSTRAP_SERVERS": "b:1", PREFIX + "LOOPS__BASE_URL": "https://example.org"}

    assert read_variables(short).values == {
        "kafka": {"bootstrap_servers": "a:1"},
        "loops": {"base_url": "https://example.com"},
    }
    assert read_variables(short).names[("loops", "base_url")] == "LOOPS_BASE_URL"
    for both in (short | long, long | short):
        assert read_variables(both).values == read_variables(long).values
        assert read_variables(both).names[("loops", "base_url")] == PREFIX + "LOOPS__BASE_URL"


def test_an_empty_variable_counts_as_not_set() -> None:
    """Compose files pass ``${GROUP:-}`` on."""
    assert {} == read_variables({PREFIX + "KAFKA__GROUP_ID": "", "LOOPS_BASE_URL": " "}).values


def test_what_kubernetes_makes_of_a_service_is_not_ours() -> None:
    """A service ``loops-consumer`` gives LOOPS_CONSUMER_PORT, with one underscore."""
    environ = {
        "LOOPS_CONSUMER_PORT": "tcp://10.0.0.1:9464",
        "LOOPS_CONSUMER_SERVICE_HOST": "10.0.0.1",
        "LOOPS_CONSUMER_ADMIN_PORT": "tcp://10.0.0.1:9464",
        "LOOPS_CONSUMER_DEBUG": "1",
        "LOOPS_CONSUMER_KAFKA_GROUP_ID": "",
    }

    assert () == read_variables(environ).faults


@pytest.mark.parametrize(
    ("name", "meant"),
    (
        ("LOOPS_CONSUMER_KAFKA_GROUP_ID", "LOOPS_CONSUMER__KAFKA__GROUP_ID"),
        ("LOOPS_CONSUMER_KAFKA__GROUP_ID", "LOOPS_CONSUMER__KAFKA__GROUP_ID"),
        ("LOOPS_CONSUMER_ADMIN_PORT", "LOOPS_CONSUMER__ADMIN__PORT"),
        ("LOOPS_CONSUMER_MAPPING", "LOOPS_CONSUMER__MAPPING"),
    ),
)
def test_a_key_with_too_few_underscores_is_a_fault(name: str, meant: str) -> None:
    """It would do nothing in silence."""
    variables = read_variables({name: "17"})

    assert (Fault("unknown variable", name, hint=f"did you mean {meant}?"),) == variables.faults
    assert {} == variables.values


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    (
        ("KAFKA__GROUPID", "unknown variable", "did you mean LOOPS_CONSUMER__KAFKA__GROUP_ID?"),
        ("KAFKA__GRUP_ID", "unknown variable", "did you mean LOOPS_CONSUMER__KAFKA__GROUP_ID?"),
        ("LOOPS__API_KEY", "unknown variable", "the key of Loops is given as LOOPS_API_KEY"),
        (
            "KAFKA__CLIENT__SASL_PASSWORD",
            "librdkafka's properties can be set in the file alone, under kafka.client",
            None,
        ),
        (
            "KAFKA__CLIENT_FILES__SASL_PASSWORD",
            "librdkafka's properties can be set in the file alone, under kafka.client_files",
            None,
        ),
        (
            "ADMIN",
            "names a section and not a key",
            "its keys: LOOPS_CONSUMER__ADMIN__HOST, LOOPS_CONSUMER__ADMIN__PORT",
        ),
    ),
)
def test_an_unknown_variable_is_a_fault(name: str, message: str, hint: str | None) -> None:
    """With the nearest name, and without its value, which may be a secret."""
    variables = read_variables({PREFIX + name: "hunter2"})

    assert (Fault(message, PREFIX + name, hint=hint),) == variables.faults
    assert {} == variables.values


def test_a_variable_that_is_like_none_lists_those_there_are() -> None:
    """All of them."""
    (fault,) = read_variables({PREFIX + "QQQQ": "x"}).faults

    assert f"there are: {', '.join(variable_names())}" == fault.hint


def test_what_sets_a_key_is_told_by_name() -> None:
    """Neither unknown nor empty ones."""
    environ = {"LOOPS_BASE_URL": "x", PREFIX + "ADMIN__PORT": "1", PREFIX + "ADMIN__HOST": "", PREFIX + "X": "y"}

    assert ("LOOPS_BASE_URL", PREFIX + "ADMIN__PORT") == variables_given(environ)
