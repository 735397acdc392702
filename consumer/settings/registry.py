"""The schema registry: where it is, and who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from consumer.faults import Fault, Faults
from consumer.settings.addresses import checked_registries
from consumer.settings.secret import Secret, name_of_file

__all__ = ["PASSWORD_LENGTH_MAX", "SchemaRegistrySettings"]

PASSWORD_LENGTH_MAX: Final = 1024
"""Characters. What is longer than this is some other file."""

_USERNAME_LENGTH_MAX: Final = 255
_PATH: Final = "kafka.schema_registry.password_file"


def _checked_username(text: str) -> str:
    if not 1 <= len(text) <= _USERNAME_LENGTH_MAX or ":" in text or not text.isprintable():
        raise ValueError(f"found a name that cannot be sent; allowed: 1 to {_USERNAME_LENGTH_MAX} characters, no colon")
    return text


class SchemaRegistrySettings(BaseModel):
    """Where the schemas of values in Avro, Protobuf or JSON Schema are kept."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    url: Annotated[str, AfterValidator(checked_registries)] | None = Field(
        default=None, examples=["https://registry:8081"]
    )
    """Its address, several of one registry comma separated; null: none. Plain http only where no password is sent."""
    username: Annotated[str, AfterValidator(_checked_username)] | None = None
    """Who asks, by HTTP's basic authentication: a name, or a key of Confluent Cloud; null: nobody by name."""
    password_file: Annotated[Path, Strict(strict=False)] | None = None
    """A file that holds the password and nothing else, relative to this file; read again while it is refused."""
    ca_file: Annotated[Path, Strict(strict=False)] | None = None
    """Certificates in PEM that vouch for the registry, relative to this file; null: those that everyone trusts."""

    @property
    def host(self) -> str:
        """What to call it before people: its hosts with their ports; empty where it has no address."""
        return ", ".join(urlsplit(address).netloc for address in (self.url or "").split(","))

    def password(self) -> Secret | None:
        """The password as it is now: its file is read again at each call; ``None`` where there is none.

        Raises :class:`Faults` where its file cannot be read or is empty. Nothing of what it holds is shown.
        """
        if self.password_file is None:
            return None
        name = name_of_file(self.password_file, "the password file")
        try:
            with self.password_file.open(encoding="utf-8") as stream:
                text = stream.read(PASSWORD_LENGTH_MAX + 2).strip()
        except OSError as error:
            raise Faults([Fault(f"{name} cannot be read: {error.strerror}", path=_PATH)]) from None
        except ValueError:
            raise Faults([Fault(f"{name} is not text in UTF-8", path=_PATH)]) from None
        if not text or len(text) > PASSWORD_LENGTH_MAX or "\n" in text:
            message = f"{name} must hold the password and nothing else (it is not shown)"
            raise Faults([Fault(message, path=_PATH, hint=f"one line of 1 to {PASSWORD_LENGTH_MAX} characters")])
        return Secret(text)
