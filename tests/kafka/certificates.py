"""Certificates for a broker on loopback, each signed by itself: who trusts it names its own file as the authority."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12

from tests.kafka.listeners import KEYSTORE_PASSWORD

__all__ = ["Certificate", "make_certificate"]

_NAME: Final = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
"""All have one name: a running broker takes no certificate that has another than the one before."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Three files; what holds the key has the tests' password."""

    keystore: Path
    """PKCS #12, with the key: for the broker."""
    authority: Path
    """PEM, without the key: for a client's ``ssl.ca.location``."""
    key: Path
    """PEM: for a client that shows the certificate."""


def make_certificate(directory: Path, name: str) -> Certificate:
    """Makes one for 127.0.0.1, valid for a day."""
    made = Certificate(*(directory / f"{name}.{suffix}" for suffix in ("p12", "pem", "key.pem")))
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(_NAME, _NAME, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    locked = BestAvailableEncryption(KEYSTORE_PASSWORD.encode())
    made.keystore.write_bytes(pkcs12.serialize_key_and_certificates(b"broker", key, certificate, None, locked))
    made.authority.write_bytes(certificate.public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    return made
