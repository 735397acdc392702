"""The schema registry over HTTP, through confluent-kafka's client: one question, one answer, or why there is none."""

from __future__ import annotations

import ssl
from typing import Any, Final, NoReturn

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError

from consumer.adapters.schema_questions import OfVersion, Question, UnknownSchema
from consumer.faults import Fault, Faults
from consumer.mapping.envelope import NotYet
from consumer.settings import SchemaRegistrySettings

__all__ = ["RegistryClient"]

_TIMEOUT_S: Final = 5.0
"""To connect, and for each part of an answer."""

_UNKNOWN: Final = {40401, 40402, 40403}
"""The registry's own numbers for a subject, a version and a schema that it does not have; beside a 404 without one it
is the address that is wrong."""

_SERIALIZED: Final = "serialized"


class RegistryClient:
    """Asks one registry, and keeps nothing of what it says. Used by one thread at a time."""

    def __init__(self, settings: SchemaRegistrySettings) -> None:
        """Connects to nothing yet; ``settings`` must have a URL.

        Raises :class:`Faults` where the password or the certificates cannot be read.
        """
        self._settings = settings
        self._url = settings.url or ""
        self._who = f"the schema registry at {settings.host}"
        self._client: SchemaRegistryClient | None = self._made()

    def __call__(self, question: Question) -> Schema:
        """The schema, as text or serialized. Raises :class:`UnknownSchema`, and ``NotYet`` with a sentence."""
        try:
            schema = self._asked(question)
        except SchemaRegistryError as error:
            self._refused(error)
        except (NotYet, UnknownSchema):
            raise
        except Exception as error:  # noqa: BLE001 - its HTTP library has its own, and others for what is no JSON
            raise NotYet(self._why(error)) from None
        if not isinstance(schema.schema_str, str):
            raise NotYet(f"{self._who} answers something that is no schema: is kafka.schema_registry.url right?")
        return schema

    def _asked(self, question: Question) -> Schema:
        if self._client is None:
            self._client = self._again()
        asked, form = question.schema, _SERIALIZED if question.serialized else None
        try:
            if isinstance(asked, OfVersion):
                return self._client.get_version(asked.subject, asked.version, deleted=True, fmt=form).schema
            if isinstance(asked, int):
                return self._client.get_schema(asked, fmt=form)
            return self._client.get_schema_by_guid(asked, fmt=form)
        finally:
            # Its own memory has no bound, and does not tell a text from a serialized descriptor.
            self._client.clear_caches()  # type: ignore[no-untyped-call]  # confluent-kafka has no types there

    def _refused(self, error: SchemaRegistryError) -> NoReturn:
        status = error.http_status_code
        if status == 404 and error.error_code in _UNKNOWN:
            raise UnknownSchema from None
        if status in {401, 403}:
            # The password may have been replaced since.
            self._client = None
            keys = "kafka.schema_registry.username and password_file"
            raise NotYet(f"{self._who} answers {status}: it refuses who asks ({keys})") from None
        hint = "" if status == 429 or status >= 500 else ": is kafka.schema_registry.url right?"
        raise NotYet(f"{self._who} answers {status}{hint}") from None

    def _why(self, error: BaseException) -> str:
        if _is_about_tls(error):
            return f"{self._who} cannot be reached securely (kafka.schema_registry.ca_file)"
        if isinstance(error, ValueError | TypeError | AttributeError | KeyError):
            return f"{self._who} answers something that is no schema: is kafka.schema_registry.url right?"
        return f"{self._who} does not answer"

    def _again(self) -> SchemaRegistryClient:
        try:
            return self._made()
        except Faults as faults:
            raise NotYet(f"kafka.schema_registry: {faults.faults[0].message}") from None

    def _made(self) -> SchemaRegistryClient:
        settings = self._settings
        conf: dict[str, Any] = {"url": self._url, "timeout": _TIMEOUT_S, "max.retries": 0}
        if settings.ca_file is not None:
            conf["ssl.ca.location"] = str(settings.ca_file)
        if (password := settings.password()) is not None:
            conf["basic.auth.user.info"] = f"{settings.username}:{password.reveal()}"
        try:
            return SchemaRegistryClient(conf)
        except OSError as error:
            reason = "holds no certificates" if isinstance(error, ssl.SSLError) else f"cannot be read: {error.strerror}"
            path = "kafka.schema_registry.ca_file"
            raise Faults([Fault(f"{settings.ca_file} {reason}", path=path)]) from None


def _is_about_tls(error: BaseException | None) -> bool:
    """Whether it, or what led to it, is an error of TLS."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
