"""Which addresses are allowed: Kafka's brokers, and Loops and schema registries, with TLS where a secret goes there."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

__all__ = ["checked_base_url", "checked_brokers", "checked_host", "checked_registries", "in_the_clear"]

_BROKER = re.compile(
    r"(?:(?:PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)://)?(?:\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})",
    re.IGNORECASE,
)
"""librdkafka takes any text in front of ``://`` and then finds no such host; a port left out it takes for 9092."""
_PORT_MAX = 65535
_PATH = "/api/v1"


def checked_brokers(text: str) -> str:
    """``host:port`` once or more, comma separated. Raises ``ValueError`` with a sentence for the user."""
    for broker in (each.strip() for each in text.split(",")):
        found = _BROKER.fullmatch(broker)
        if found is None or not 1 <= int(found["port"]) <= _PORT_MAX:
            shown = "an address with a name or password in it" if "@" in broker else f'"{broker}"'
            message = f"found {shown if broker else 'an empty address'}; allowed: host:port, port 1 to {_PORT_MAX}"
            raise ValueError(f"{message}; several are comma separated", _meant(broker))
    return ",".join(broker.strip() for broker in text.split(","))


def checked_host(text: str) -> str:
    """A name or an address to listen at. Raises ``ValueError`` with a sentence for the user."""
    if re.fullmatch(r"[A-Za-z0-9._:-]+", text) is None:
        raise ValueError(f'found "{text}"; allowed: a host name or an address, as 0.0.0.0 or ::1')
    return text


def checked_base_url(text: str) -> str:
    """An ``https`` address, or ``http`` on this machine, without a slash at its end.

    Raises ``ValueError`` with a sentence for the user, which shows no name or password of the address.
    """
    url = _checked_url(text, "https://app.loops.so/api/v1")
    if url.scheme == "http" and not _loopback(url):
        message = f'found "{text}"; allowed: https, or http to this machine alone (localhost, 127.0.0.1, ::1)'
        raise ValueError(message, "the key of Loops would cross the network unencrypted")
    if not url.path.strip("/"):
        message = f'found "{text}", which has no path; Loops\' API is under {_PATH}'
        raise ValueError(message, f"did you mean {text.rstrip('/')}{_PATH}?")
    return text.rstrip("/")


def checked_registries(text: str) -> str:
    """One address of a schema registry or more, comma separated, without slashes at their ends.

    Raises ``ValueError`` with a sentence for the user, which shows no name or password of an address.
    """
    addresses = [address.strip() for address in text.split(",")]
    for address in addresses:
        if address and "://" not in address and "@" not in address:
            message = f'found "{address}"; allowed: an address, as https://registry:8081'
            raise ValueError(message, f"did you mean http://{address}?")
        _checked_url(address, "https://registry:8081")
    return ",".join(address.rstrip("/") for address in addresses)


def in_the_clear(addresses: str) -> bool:
    """Whether what is sent to one of these, comma separated, crosses a network unencrypted."""
    urls = [urlsplit(address) for address in addresses.split(",")]
    return any(url.scheme == "http" and not _loopback(url) for url in urls)


def _checked_url(text: str, example: str) -> SplitResult:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise ValueError(f'found "{text}"; allowed: an address, as {example}') from None
    if url.username is not None or url.password is not None or ("@" in text and not url.netloc):
        raise ValueError("found an address with a name or password in it; allowed: an address without them")
    if url.scheme not in {"http", "https"} or not url.hostname or port == 0:
        raise ValueError(f'found "{text}"; allowed: an address, as {example}')
    if url.query or url.fragment or re.search(r"\s", text):
        raise ValueError(f'found "{text}"; allowed: an address without spaces, "?" and "#"')
    return url


def _meant(broker: str) -> str | None:
    """The address that is probably meant: without a scheme, and with Kafka's usual port."""
    host = broker.rpartition("://")[2]
    for candidate in (host, f"{host}:9092"):
        found = _BROKER.fullmatch(candidate)
        if found is not None and 1 <= int(found["port"]) <= _PORT_MAX:
            return f"did you mean {candidate}?"
    return None


def _loopback(url: SplitResult) -> bool:
    host = url.hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
