"""What librdkafka says of the user's properties."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from consumer.adapters.kafka_properties import WrongProperty, wrong_properties
from consumer.settings import KafkaSettings


def wrong(**properties: str | int | bool) -> list[WrongProperty]:
    """What is wrong with these; ``__`` stands for a dot."""
    client = {name.replace("__", "."): value for name, value in properties.items()}
    return list(wrong_properties(KafkaSettings.model_validate({"client": client})))


def test_properties_that_it_takes_are_right() -> None:
    """None at all, and those of a cluster with SASL."""
    assert [] == wrong()
    assert [] == wrong(security__protocol="SASL_SSL", sasl__mechanism="PLAIN", sasl__username="u", sasl__password="p")
    assert [] == wrong(session__timeout__ms=6000, client__id="me")


def test_unknown_names_are_all_found_with_the_nearest() -> None:
    """Not the first alone, at which the client itself stops."""
    message = "unknown property of librdkafka"

    assert [
        WrongProperty("sasl.mechansim", message, "did you mean sasl.mechanism?"),
        WrongProperty("sesion.timeout.ms", message, "did you mean session.timeout.ms?"),
        WrongProperty("qqq", message, "librdkafka's CONFIGURATION.md lists all"),
    ] == wrong(sasl__mechansim="x", sesion__timeout__ms=1, qqq="x")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    (
        ("security.protocol", "SASL_SLS", 'Invalid value "SASL_SLS" for configuration property "security.protocol"'),
        (
            "session.timeout.ms",
            0,
            'Configuration property "session.timeout.ms" value 0 is outside allowed range 1..3600000',
        ),
    ),
)
def test_a_value_that_it_refuses_is_told_in_its_words(name: str, value: str | int, said: str) -> None:
    """They name the bounds."""
    assert [WrongProperty(name, f"librdkafka says: {said}")] == wrong(**{name: value})


def test_a_file_that_is_not_there_is_found() -> None:
    """Before the first connection fails for it."""
    (found,) = wrong(security__protocol="SSL", ssl__ca__location="/nowhere/ca.pem")

    assert WrongProperty("ssl.ca.location", "/nowhere/ca.pem cannot be read: No such file or directory") == found


def test_a_file_that_holds_no_certificate_is_found(tmp_path: Path) -> None:
    """In librdkafka's words, which name the property."""
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    (found,) = wrong(security__protocol="SSL", ssl__ca__location=str(file))

    assert found.name == "ssl.ca.location"
    assert found.message.startswith("librdkafka says: ssl.ca.location failed")


def test_secrets_from_files_are_tried_with_the_rest(tmp_path: Path) -> None:
    """As the client will get them; one that is not known is no further fault."""
    file = tmp_path / "password"
    file.write_text("hunter2")
    client = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": "u"}
    by_file = KafkaSettings.model_validate({"client": client, "client_files": {"sasl.password": file}})
    without = KafkaSettings.model_validate({"client": {**client, "ssl.key.location": "/nowhere/key.pem"}})

    assert [] == list(wrong_properties(by_file))
    assert [] == list(wrong_properties(without, unread=["sasl.password", "ssl.key.password"]))
    assert ["ssl.key.location"] == [each.name for each in wrong_properties(without, unread=["sasl.password"])]


def test_nothing_is_asked_of_who_gives_tokens() -> None:
    """A client asks as soon as it is made, and sends its secret along."""
    oidc: dict[str, str | int | bool] = {
        "security__protocol": "SASL_SSL",
        "sasl__mechanism": "OAUTHBEARER",
        "sasl__oauthbearer__method": "oidc",
        "sasl__oauthbearer__client__id": "me",
        "sasl__oauthbearer__client__secret": "hunter2",
    }
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/token"

        assert [] == wrong(**oidc, sasl__oauthbearer__token__endpoint__url=address)
        with pytest.raises(TimeoutError):
            server.accept()

    (found,) = wrong(**oidc)
    assert "`sasl.oauthbearer.token.endpoint.url` is mandatory" in found.message


def test_properties_that_do_not_go_together_are_told_of_all() -> None:
    """No single one is the wrong one."""
    assert [
        WrongProperty(None, "librdkafka says: sasl.username and sasl.password must be set"),
    ] == wrong(security__protocol="SASL_SSL", sasl__mechanism="PLAIN")


def test_a_secret_is_not_shown() -> None:
    """The client quotes values."""
    found = wrong(security__protocol="SSL", ssl__key__pem="hunter2")

    assert [WrongProperty("ssl.key.pem", "librdkafka does not take this value (it is not shown)")] == found


def test_the_client_says_nothing_beside(capfd: pytest.CaptureFixture[str]) -> None:
    """Its own log lines would stand between the faults."""
    wrong(security__protocol="SSL", ssl__ca__location="/nowhere/ca.pem", acks="all")

    assert ("", "") == capfd.readouterr()
