"""A text that cannot be printed, and which names of settings hold such a text."""

from __future__ import annotations

import hmac
import re
from pathlib import Path
from typing import NoReturn

__all__ = ["Secret", "looks_secret", "name_of_file"]

_SECRET = re.compile(
    r"://[^/\s]*@|(?:pass(?:word|wd|phrase)|secret|token|credential|jaas|private|oauthbearer[._]config|"
    r"(?:api|access|loops)[._-]?key|(?<![a-z0-9])key(?:[._]pem)?(?=[\"']?\s*(?::|$)))"
    r"(?![a-z]*(?:[._-][a-z]+)*[._-](?:file|location|path|url|uri|type)\b)",
    re.IGNORECASE,
)
"""A name, or a line of YAML with such a name or an address with a password in it; but no file, as ``api_key_file``."""

_HIDDEN = "…"


def looks_secret(name: str) -> bool:
    """Whether a key of this name, or a line of text that holds it, may hold a secret (``sasl.password``)."""
    return _SECRET.search(name) is not None


def name_of_file(file: Path, otherwise: str) -> str:
    """What to call the file of a secret before people: its path; ``otherwise`` where that may be the secret itself.

    A secret that was put where its file's path belongs has neither suffix nor a name of letters alone.
    """
    shown = file.suffix or re.fullmatch(r"[A-Za-z_-]{1,24}", file.name)
    return str(file) if shown else otherwise


class Secret:
    """A text that no ``str``, ``repr``, format, log or pickle shows; :meth:`reveal` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keeps ``value`` as it is."""
        self._value = value

    def reveal(self) -> str:
        """The text itself, to be sent and not to be kept."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN})"

    def __str__(self) -> str:
        return _HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")
