"""A secret is shown by nothing, and names that may hold one are known."""

from __future__ import annotations

import copy
import json
import logging
import pickle

import pytest

from consumer.settings.secret import Secret, looks_secret

TEXT = "k-3f9a0c"


def test_nothing_but_reveal_shows_it() -> None:
    """Neither ``str``, ``repr``, a format, a container, nor a log line."""
    secret = Secret(TEXT)
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "%s %r", (secret, secret), None)
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", repr({"a": [secret]}), record.getMessage()]

    assert TEXT == secret.reveal()
    assert [] == [text for text in shown if TEXT in text]


def test_it_is_not_written_by_serializers() -> None:
    """What copies objects byte by byte refuses it."""
    secret = Secret(TEXT)

    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        vars(secret)


def test_two_are_equal_where_their_texts_are() -> None:
    """And never equal to the text itself."""
    assert Secret(TEXT) == Secret(TEXT)
    assert hash(Secret(TEXT)) == hash(Secret(TEXT))
    assert Secret("other") != Secret(TEXT)
    assert Secret(TEXT) != TEXT


@pytest.mark.parametrize(
    "name",
    (
        "sasl.password",
        "kafka.client.sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.key.pem",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "sasl.jaas.config",
        "loops.api_key",
        "API-KEY",
        "loops_key",
        "key",
        "  client: {sasl.password: x, a: 1}",
        '  "api_key": x',
        "base_url: https://someone:word@example.com",
    ),
)
def test_names_and_lines_that_may_hold_a_secret(name: str) -> None:
    """Of librdkafka's properties, of the key of Loops, and addresses with a password."""
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    (
        "api_key_file",
        "loops.api_key_file",
        "password_file",
        "ssl.key.location",
        "ssl.ca.location",
        "ssl.certificate.pem",
        "sasl.oauthbearer.token.endpoint.url",
        "sasl.username",
        "group_id",
        "bootstrap_servers: localhost:9092",
        "base_url: https://example.com/api",
    ),
)
def test_names_that_hold_none(name: str) -> None:
    """A file's name is shown: it is what a person has to look at."""
    assert not looks_secret(name)
