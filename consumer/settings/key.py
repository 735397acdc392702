"""The key of Loops: from the environment, or from a file that may change while the program runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from consumer.faults import Fault, Faults
from consumer.settings.secret import Secret, name_of_file

__all__ = ["API_KEY_VARIABLE", "KEY_LENGTH_MAX", "HeldKey", "KeySource"]

API_KEY_VARIABLE = "LOOPS_API_KEY"

KEY_LENGTH_MAX = 1024
"""Characters. Loops' keys have 32; what is longer than this is some other file."""

_PATH = "loops.api_key_file"


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the key comes from: the environment, which wins, or a file."""

    environment: Secret | None = None
    file: Path | None = None

    @property
    def place(self) -> str | None:
        """What to call it before people: the variable's name or the file's path; ``None`` where there is no key."""
        if self.environment is not None:
            return API_KEY_VARIABLE
        return None if self.file is None else name_of_file(self.file, "the key file")

    def read(self) -> Secret:
        """The key as it is now: a file is read again at each call.

        Raises :class:`Faults` where there is none, or where its file cannot be read, is empty, or holds no key.
        Nothing of what the file holds is shown.
        """
        if self.environment is not None:
            return _checked(self.environment.reveal(), "", Fault("", API_KEY_VARIABLE))
        if self.file is None:
            hint = f"set {API_KEY_VARIABLE}, or name a file that holds the key as {_PATH}"
            raise Faults([Fault("there is no key for Loops", path=_PATH, hint=hint)])
        place = self.place or ""
        try:
            with self.file.open(encoding="utf-8") as stream:
                text = stream.read(KEY_LENGTH_MAX + 2)
        except OSError as error:
            raise Faults([Fault(f"{place} cannot be read: {error.strerror}", path=_PATH)]) from None
        except ValueError:
            raise Faults([Fault(f"{place} is not text in UTF-8", path=_PATH)]) from None
        return _checked(text.strip(), f"{place} ", Fault("", path=_PATH))


class HeldKey:
    """The key that is used now. Calling it gives the key; :meth:`reload` looks for a newer one. Neither raises."""

    def __init__(self, source: KeySource) -> None:
        """Reads the key. Raises :class:`Faults` as :meth:`KeySource.read` does."""
        self._source = source
        self._key = source.read()

    def __call__(self) -> str:
        """The key to use now."""
        return self._key.reveal()

    def reload(self) -> None:
        """Takes what the source holds now; keeps the key it has where that is no key, as in mid-rotation."""
        try:
            self._key = self._source.read()
        except Faults:
            return

    def __repr__(self) -> str:
        return f"HeldKey(from {self._source.place})"


def _checked(key: str, subject: str, fault: Fault) -> Secret:
    """The key; ``subject`` begins the message of a fault that has the place of ``fault``."""
    if not key:
        raise Faults([replace(fault, message=f"{subject}is empty; it must hold the key of Loops and nothing else")])
    if len(key) > KEY_LENGTH_MAX or not key.isascii() or not key.isprintable() or " " in key:
        message = f"{subject}holds something that cannot be a key of Loops (it is not shown)"
        hint = "a key is one line of printable ASCII characters without spaces"
        raise Faults([replace(fault, message=message, hint=hint)])
    return Secret(key)
