"""Which addresses are taken, and why the others are not."""

from __future__ import annotations

import pytest

from consumer.settings.addresses import (
    checked_base_url,
    checked_brokers,
    checked_host,
    checked_registries,
    in_the_clear,
)


@pytest.mark.parametrize(
    "text",
    ("localhost:9092", "kafka:1", "a.example.com:9092,b.example.com:9093", "[::1]:9092", "SASL_SSL://a:9092"),
)
def test_brokers_as_librdkafka_takes_them(text: str) -> None:
    """Names, addresses, protocols or none."""
    assert text == checked_brokers(text)


def test_spaces_between_brokers_are_left_out() -> None:
    """The client would take them for a part of the name."""
    assert checked_brokers("a:1, b:2") == "a:1,b:2"


@pytest.mark.parametrize(
    ("text", "found", "hint"),
    (
        ("", "an empty address", None),
        ("a:1,,b:2", "an empty address", None),
        ("localhost:99999", '"localhost:99999"', None),
        ("a:0", '"a:0"', None),
        ("a:x", '"a:x"', None),
        ("a b:1", '"a b:1"', None),
        ("a:1/path", '"a:1/path"', None),
        ("localhost", '"localhost"', "did you mean localhost:9092?"),
        ("a:1,[::1]", '"[::1]"', "did you mean [::1]:9092?"),
        ("kafka://localhost:9092", '"kafka://localhost:9092"', "did you mean localhost:9092?"),
        ("ssl://u:hunter2" + "@" + "a:1", "an address with a name or password in it", None),
    ),
)
def test_other_brokers_are_refused(text: str, found: str, hint: str | None) -> None:
    """With the one of several that is wrong."""
    with pytest.raises(ValueError, match="found") as error:
        checked_brokers(text)

    said = f"found {found}; allowed: host:port, port 1 to 65535; several are comma separated"
    assert (said, hint) == error.value.args


@pytest.mark.parametrize(
    "text",
    (
        "https://app.loops.so/api/v1",
        "http://localhost:8025/api/v1",
        "http://127.0.0.1:8025/any",
        "http://127.9.9.9/api/v1",
        "http://[::1]:8025/api/v1",
    ),
)
def test_https_anywhere_and_http_on_this_machine(text: str) -> None:
    """With or without a slash at the end."""
    assert text == checked_base_url(text)
    assert text == checked_base_url(text + "/")


@pytest.mark.parametrize("text", ("https://app.loops.so", "http://127.0.0.1:8025", "http://[::1]:8025", "https://a/"))
def test_an_address_without_a_path_is_refused(text: str) -> None:
    """Every call would find a page for people, or nothing."""
    with pytest.raises(ValueError, match="path") as error:
        checked_base_url(text)

    assert (
        f'found "{text}", which has no path; Loops\' API is under /api/v1',
        f"did you mean {text.removesuffix('/')}/api/v1?",
    ) == error.value.args


@pytest.mark.parametrize(
    "text", ("http://app.loops.so/api/v1", "http://localhost.example.com", "http://10.0.0.1", "http://0.0.0.0:80")
)
def test_plain_http_over_the_network_is_refused(text: str) -> None:
    """The key would cross it unencrypted."""
    with pytest.raises(ValueError, match="found") as error:
        checked_base_url(text)

    assert (
        f'found "{text}"; allowed: https, or http to this machine alone (localhost, 127.0.0.1, ::1)',
        "the key of Loops would cross the network unencrypted",
    ) == error.value.args


@pytest.mark.parametrize(
    "text",
    (
        "",
        "app.loops.so",
        "ftp://example.com",
        "https://",
        "https://a:99999",
        "https://a:0",
        "https://a?b",
        "https://a b",
    ),
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Another scheme, no host, an impossible port, a query."""
    with pytest.raises(ValueError, match="allowed: an address"):
        checked_base_url(text)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    """It would end up in logs."""
    with pytest.raises(ValueError, match="name or password") as error:
        checked_base_url("https://someone:hunter2" + "@" + "app.loops.so")

    assert "hunter2" not in str(error.value)


def test_hosts_to_listen_at() -> None:
    """Names and addresses, of either version."""
    assert [checked_host(text) for text in ("10.0.0.1", "::1", "localhost")] == ["10.0.0.1", "::1", "localhost"]
    with pytest.raises(ValueError, match='found "a b"; allowed: a host name or an address'):
        checked_host("a b")


def test_registries_are_reached_with_or_without_tls() -> None:
    """Inside a cluster many speak plain http; several addresses of one are comma separated."""
    assert checked_registries("http://registry:8081/, https://r.example.com/path/") == (
        "http://registry:8081,https://r.example.com/path"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    (
        ("", 'found ""; allowed: an address, as https://registry:8081'),
        ("http://a,", 'found ""; allowed: an address, as https://registry:8081'),
        ("mock://a", 'found "mock://a"; allowed: an address, as https://registry:8081'),
        ("http://a:99999", 'found "http://a:99999"; allowed: an address, as https://registry:8081'),
        ("http://a/?x", 'found "http://a/?x"; allowed: an address without spaces, "?" and "#"'),
        (
            "https://u:hunter2" + "@" + "a",
            "found an address with a name or password in it; allowed: an address without them",
        ),
        (
            "u:hunter2" + "@" + "a:8081",
            "found an address with a name or password in it; allowed: an address without them",
        ),
    ),
)
def test_other_registries_are_refused(text: str, message: str) -> None:
    """With the one of several that is wrong, and no password."""
    with pytest.raises(ValueError, match="found") as error:
        checked_registries(text)

    assert (message,) == error.value.args


def test_a_registry_without_a_scheme_is_told_what_is_probably_meant() -> None:
    """As brokers are written; a name or password in it is not shown."""
    with pytest.raises(ValueError, match="found") as error:
        checked_registries("registry:8081")

    said = 'found "registry:8081"; allowed: an address, as https://registry:8081'
    assert (said, "did you mean http://registry:8081?") == error.value.args


def test_what_crosses_a_network_unencrypted_is_told_from_what_does_not() -> None:
    """One such address of several is enough."""
    assert not in_the_clear("https://a,http://localhost:8081,http://127.0.0.1,http://[::1]:1")
    assert in_the_clear("https://a,http://b:8081")
