"""Secrets of the Kafka client, each from a file of its own, which may change while the program runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from consumer.faults import nearest
from consumer.settings.secret import Secret, name_of_file

__all__ = ["FROM_FILES", "SECRET_LENGTH_MAX", "HeldSecrets", "refused_files", "wrong_files"]

FROM_FILES: Final = (
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.password",
    "sasl.username",
    "ssl.key.password",
    "ssl.keystore.password",
)
"""librdkafka's properties that are a secret, or one half of it; those of keys and certificates name files already."""

SECRET_LENGTH_MAX: Final = 4_096
"""Characters. What is longer than this is some other file."""


def refused_files(files: Collection[str], client: Collection[str]) -> Iterator[tuple[str, str, str | None]]:
    """Name, message and hint of each property that cannot come from a file, or that is given twice."""
    for name in files:
        if name not in FROM_FILES:
            meant = nearest(name, FROM_FILES)
            hint = f"did you mean {meant}?" if meant else "every other property stands under kafka.client"
            yield name, f"cannot come from a file; allowed: {', '.join(FROM_FILES)}", hint
        elif name in client:
            yield name, "stands under kafka.client too; allowed: one of the two", None


class HeldSecrets(dict[str, Secret]):
    """What was read last of each file; of one that holds nothing now, as in mid-rotation, that stays."""

    def now(self, files: Mapping[str, Path]) -> dict[str, str]:
        """The values of these files as they are now, by property; without what never could be read. Raises nothing."""
        for name, file in files.items():
            if isinstance(found := _read(file), Secret):
                self[name] = found
        return {name: self[name].reveal() for name in files if name in self}


def wrong_files(files: Mapping[str, Path]) -> Iterator[tuple[str, str, str | None]]:
    """Name, message and hint of each file that cannot be read or holds no such value, of which nothing is shown."""
    for name, file in files.items():
        if name in FROM_FILES and isinstance(found := _read(file), str):
            yield name, f"{name_of_file(file, 'its file')} {found}", None


def _read(file: Path) -> Secret | str:
    """What it holds without the end of its line, or what is wrong with it."""
    try:
        with file.open(encoding="utf-8") as stream:
            text = stream.read(SECRET_LENGTH_MAX + 3).rstrip("\r\n")
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except ValueError:
        return "is not text in UTF-8"
    if not text or len(text) > SECRET_LENGTH_MAX or not text.isprintable():
        return f"must hold one line of 1 to {SECRET_LENGTH_MAX} characters and nothing else (it is not shown)"
    return Secret(text)
