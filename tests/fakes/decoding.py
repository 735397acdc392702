"""A registry and a decoder beside it, for tests that read what producers write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from consumer.adapters.schema_client import RegistryClient
from consumer.adapters.schema_questions import SchemaQuestions
from consumer.adapters.schema_registry import RegistryDecoder
from consumer.mapping.envelope import Encoding
from consumer.settings import SchemaRegistrySettings
from tests.fakes.encoding import Encoded
from tests.fakes.schema_registry import SchemaRegistry

__all__ = ["World", "world_of"]

_WAITS_S: Final = 10.0
_SURE_AFTER_S: Final = 0.05


class World(NamedTuple):
    """Both."""

    registry: SchemaRegistry
    decoder: RegistryDecoder

    def read(self, encoding: Encoding, written: Encoded) -> Any:
        """What the value says."""
        return self.decoder.decode(encoding, "events", written.value, written.headers)


@contextmanager
def world_of(*, waits_s: float = _WAITS_S) -> Iterator[World]:
    """A registry that knows nothing yet, until the end."""
    with SchemaRegistry() as registry:
        ask = RegistryClient(SchemaRegistrySettings(url=registry.url))
        questions = SchemaQuestions(ask, host=registry.host, waits_s=waits_s, sure_after_s=_SURE_AFTER_S)
        yield World(registry, RegistryDecoder(questions))
