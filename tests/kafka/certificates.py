"""Certificates for a broker on loopback, each signed by itself: who trusts it names its own file as the authority."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.kafka.listeners import KEYSTORE_PASSWORD

__all__ = ["Certificate", "make_certificate"]

_MADE_WITHIN_S: Final = 60


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two files."""

    keystore: Path
    """PKCS #12, with the key: for the broker."""
    authority: Path
    """PEM: for a client's ``ssl.ca.location``."""


def make_certificate(directory: Path, name: str) -> Certificate:
    """Makes one for 127.0.0.1, valid for a day, with the tool that every Java has."""
    # All have one name: a running broker takes no certificate that has another than the one before.
    made = Certificate(directory / f"{name}.p12", directory / f"{name}.pem")
    _keytool(
        made.keystore,
        *("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "1"),
        *("-dname", "CN=127.0.0.1", "-ext", "SAN=IP:127.0.0.1", "-ext", "BC:critical=ca:true"),
    )
    _keytool(made.keystore, "-exportcert", "-rfc", "-file", str(made.authority))
    return made


def _keytool(keystore: Path, command: str, *arguments: str) -> None:
    program = shutil.which("keytool")
    assert program is not None, "keytool comes with Java"
    store = ("-keystore", str(keystore), "-storetype", "PKCS12", "-storepass", KEYSTORE_PASSWORD, "-alias", "broker")
    subprocess.run(  # noqa: S603 - the program is Java's and every argument is ours
        [program, command, *store, *arguments], check=True, capture_output=True, timeout=_MADE_WITHIN_S
    )
