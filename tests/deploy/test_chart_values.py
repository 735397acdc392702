"""Values with a fault are refused with a sentence that says where, what, and what is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from consumer.settings import Settings
from tests.deploy.chart import CHART, HELMS, case, helm

SCHEMA: Final = json.loads((CHART / "values.schema.json").read_text())
VALUES: Final = YAML(typ="safe").load(CHART / "values.yaml")
WITHOUT_A_DEFAULT: Final = {"global", "settings"}
"""Helm's own, and those of the program, which has the others of its defaults."""

OF_THE_WRONG_SHAPE: Final = {
    "kafka.bootstrapServers=kafka": "kafka.bootstrapServers",
    "loops.existingSecret=My_Secret": "loops.existingSecret",
    "kafka.bootstrapServer=a:1": "bootstrapServer",
    "metrics.enabled=true": "metrics",
    "settings.loops.rate=10": "rate",
    "settings.mapping=other.yaml": "mapping",
    "settings.kafka.client=null": "client",
    "settings.delivery.drain_s=5": "settings.delivery.drain_s",
    "replicaCount=many": "replicaCount",
    r"kafka.secretFiles.client\.id=id": "client.id",
    r"mapping.files.\.\./b=c": "...b",
    "image.tag=latest": "image.tag",
    "image.digest=abc": "image.digest",
    "podDisruptionBudget.maxUnavailable=0": "podDisruptionBudget.maxUnavailable",
    "networkPolicy.kafka.ports[0]=99999999": "networkPolicy.kafka.ports.0",
    "monitoring.podMonitor.interval=15": "monitoring.podMonitor.interval",
    "keda.minReplicaCount=0": "keda.minReplicaCount",
}
"""A value that the schema does not take, and what helm names."""

AGAINST_A_RULE: Final = {
    "kafka.bootstrapServers=": "kafka.bootstrapServers is missing: host:port",
    "loops.existingSecret=": "loops.existingSecret is missing: the Secret that holds the key of Loops as api-key",
    "settings.loops.timeout_s=25": "settings.delivery.drain_s is 25; allowed: at least 30",
    r"settings.kafka.client.sasl\.password=x": "settings.kafka.client holds sasl.password",
    r"settings.kafka.client.ssl\.key\.pem=x": "settings.kafka.client holds ssl.key.pem",
    r"kafka.secretFiles.sasl\.password=password": "kafka.secretFiles needs a Secret",
    "externalSecret.enabled=true": "externalSecret.secretStoreRef.name is missing",
    "externalSecret.enabled=true,externalSecret.secretStoreRef.name=a": "externalSecret.apiKey.key is missing",
    "externalSecret.enabled=true,externalSecret.apiKey.key=a": "loops.existingSecret stands beside externalSecret",
    "externalSecret.enabled=true,kafka.existingSecret=a,externalSecret.kafka[0].file=b,externalSecret.kafka[0].key=c": (
        "kafka.existingSecret stands beside externalSecret.kafka"
    ),
    r"kafka.secretFiles.sasl\.password=a,externalSecret.kafka[0].file=b,externalSecret.kafka[0].key=c": (
        "kafka.secretFiles reads sasl.password from a, which externalSecret.kafka does not make; allowed: b"
    ),
    "externalSecret.kafka[0].file=a,externalSecret.kafka[0].key=b": "externalSecret.kafka counts only with",
    r"mapping.files.mapping\.yaml=a": "mapping.files holds mapping.yaml, which is mapping.inline",
    "mapping.existingSecret=a,mapping.existingConfigMap=b": "allowed: one of the two",
    "mapping.inline=": "mapping.inline is empty",
    r"mapping.existingSecret=a,mapping.files.b\.yaml=c": "mapping.files stands beside an existing ConfigMap or Secret",
    "mapping.items[0].key=a,mapping.items[0].path=b": "mapping.items counts only with",
    "mapping.existingSecret=a,mapping.onChange=rollOut": "which the chart can do only for a mapping in its values",
}
"""Values that do not go together, and what the chart says."""


@pytest.mark.parametrize("version", HELMS)
@pytest.mark.parametrize("values", OF_THE_WRONG_SHAPE)
def test_a_value_of_the_wrong_shape_is_refused_by_its_name(values: str, version: str) -> None:
    """Before anything reaches a cluster. Helm's majors say it in different words."""
    assert OF_THE_WRONG_SHAPE[values] in refusal(version, values).replace("/", ".")


@pytest.mark.parametrize("values", AGAINST_A_RULE)
def test_values_that_do_not_go_together_are_refused_with_what_is_allowed(values: str) -> None:
    """Rules between values are no schema's to say."""
    assert AGAINST_A_RULE[values] in refusal("helm4", values)


def test_all_that_is_missing_is_said_at_once() -> None:
    """Whoever begins with nothing is told of both values."""
    said = helm("helm4", "template", "loops-consumer", CHART).stderr

    assert "kafka.bootstrapServers is missing" in said
    assert "loops.existingSecret is missing" in said


def test_the_schema_and_the_values_have_the_same_keys() -> None:
    """A value without a schema would be taken whatever it is; one without a default would be known to nobody."""
    assert [] == list(differences(SCHEMA, VALUES, ""))


def test_every_object_of_the_schema_is_closed() -> None:
    """A misspelt value is a fault, at any depth."""
    assert [] == [path for path, one in objects_of(SCHEMA, "") if one.get("additionalProperties") is not False]


def test_defaults_of_settings_are_the_programs() -> None:
    """They stand in values.yaml since templates read them, or since everyone asks for them."""
    program = Settings().model_dump(mode="json")

    assert [] == [path for path, value, default in pairs(VALUES["settings"], program, "") if value != default]


def refusal(version: str, values: str) -> str:
    """What helm says of these beside the two values that must be given; it fails and renders nothing."""
    done = helm(version, "template", "loops-consumer", CHART, "--values", case("default"), "--set", values)
    assert (1, "") == (done.returncode, done.stdout)
    return done.stderr


def differences(schema: Mapping[str, Any], values: Mapping[str, Any], above: str) -> Iterator[str]:
    """Keys that one of the two has and the other has not."""
    known = schema["properties"]
    yield from (f"{above}{name} has no schema" for name in values if name not in known)
    for name, one in known.items():
        if name in values and "properties" in one:
            yield from differences(one, values[name], f"{above}{name}.")
        elif name not in values and name not in WITHOUT_A_DEFAULT:
            yield f"{above}{name} has no default"


def objects_of(schema: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every schema of an object whose members it names."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            yield path, schema
        for name, one in schema.items():
            yield from objects_of(one, f"{path}.{name}")
    elif isinstance(schema, list):
        for number, one in enumerate(schema):
            yield from objects_of(one, f"{path}[{number}]")


def pairs(values: Mapping[str, Any], program: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any, Any]]:
    """Each of the values with the program's own."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from pairs(value, program[name], f"{above}{name}.")
        else:
            yield f"{above}{name}", value, program[name]
