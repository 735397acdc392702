"""Ways into a broker of the tests beside the plain listener that each one has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["KEYSTORE_PASSWORD", "SCRAM", "Listener", "tls"]

KEYSTORE_PASSWORD: Final = "of-the-keystore"


@dataclass(frozen=True, slots=True)
class Listener:
    """Another way to come in, on a port of its own."""

    name: str
    """In capitals; a listener's settings go by it."""
    protocol: str
    """As a client's ``security.protocol``."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of this listener alone."""

    def properties(self) -> dict[str, str]:
        """The broker's settings for it."""
        return {f"listener.name.{self.name.lower()}.{key}": value for key, value in self.settings.items()}


SCRAM: Final = Listener(
    "SCRAM",
    "SASL_PLAINTEXT",
    {
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    },
)
"""Name and password, which the broker keeps as SCRAM-SHA-512; no encryption."""


def tls(keystore: Path) -> Listener:
    """Encryption alone: the certificate and its key are in a PKCS #12 file with the tests' password."""
    return Listener(
        "TLS",
        "SSL",
        {
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.location": str(keystore),
            "ssl.keystore.password": KEYSTORE_PASSWORD,
            "ssl.key.password": KEYSTORE_PASSWORD,
        },
    )
