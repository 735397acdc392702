"""Ways into a broker of the tests beside the plain listener that each one has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["KEYSTORE_PASSWORD", "SCRAM", "Listener", "by_certificate", "by_token", "scram_over_tls", "tls"]

KEYSTORE_PASSWORD: Final = "of-the-keystore"

_MODULES: Final = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True)
class Listener:
    """Another way to come in, on a port of its own."""

    name: str
    """In capitals; a listener's settings go by it."""
    protocol: str
    """As a client's ``security.protocol``."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of this listener alone."""
    java_options: tuple[str, ...] = ()
    """What the broker's process has to be started with."""

    def properties(self) -> dict[str, str]:
        """The broker's settings for it."""
        return {f"listener.name.{self.name.lower()}.{key}": value for key, value in self.settings.items()}


_BY_PASSWORD: Final = {
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "scram-sha-512.sasl.jaas.config": f"{_MODULES}.scram.ScramLoginModule required;",
}

SCRAM: Final = Listener("SCRAM", "SASL_PLAINTEXT", _BY_PASSWORD)
"""Name and password, which the broker keeps as SCRAM-SHA-512; no encryption."""


def tls(keystore: Path) -> Listener:
    """Encryption alone: the certificate and its key are in a PKCS #12 file with the tests' password."""
    return Listener("TLS", "SSL", _showing(keystore))


def scram_over_tls(keystore: Path) -> Listener:
    """Both: what most clusters have."""
    return Listener("SECURE", "SASL_SSL", {**_showing(keystore), **_BY_PASSWORD})


def by_certificate(keystore: Path, clients: Path) -> Listener:
    """Encryption, and a client has to show the certificate that ``clients`` holds as PEM."""
    trusted = {"ssl.client.auth": "required", "ssl.truststore.type": "PEM", "ssl.truststore.location": str(clients)}
    return Listener("MUTUAL", "SSL", {**_showing(keystore), **trusted})


def by_token(keystore: Path, keys: Path, *, issuer: str, audience: str) -> Listener:
    """Encryption, and a client brings the issuer's token for ``audience``, signed by one of the keys (a JWKS file)."""
    tokens = {
        "sasl.enabled.mechanisms": "OAUTHBEARER",
        "oauthbearer.sasl.jaas.config": f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required;",
        "oauthbearer.sasl.server.callback.handler.class": (
            f"{_MODULES}.oauthbearer.OAuthBearerValidatorCallbackHandler"
        ),
        "sasl.oauthbearer.jwks.endpoint.url": keys.as_uri(),
        "sasl.oauthbearer.expected.audience": audience,
        "sasl.oauthbearer.expected.issuer": issuer,
    }
    allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys.as_uri()}"
    return Listener("TOKEN", "SASL_SSL", {**_showing(keystore), **tokens}, (allowed,))


def _showing(keystore: Path) -> dict[str, str]:
    return {
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(keystore),
        "ssl.keystore.password": KEYSTORE_PASSWORD,
        "ssl.key.password": KEYSTORE_PASSWORD,
    }
