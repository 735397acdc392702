"""Settings from environment variables: which there are, and their values by type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from consumer.faults import Fault, nearest
from consumer.settings.relations import Keys
from consumer.settings.sections import Settings

__all__ = ["ALIASES", "PREFIX", "Variables", "read_variables", "variable_names", "variables_given"]

PREFIX = "LOOPS_CONSUMER__"
"""With two underscores: Kubernetes makes LOOPS_CONSUMER_PORT and the like itself for a service ``loops-consumer``."""

ALIASES = {
    "KAFKA_BOOTSTRAP_SERVERS": "LOOPS_CONSUMER__KAFKA__BOOTSTRAP_SERVERS",
    "LOOPS_BASE_URL": "LOOPS_CONSUMER__LOOPS__BASE_URL",
}
"""Names that other programs use too; the long name wins."""

_OF_KUBERNETES = re.compile(r"(?:tcp|udp|sctp)://")
"""How the value of NAME_PORT begins, which Kubernetes makes for a service of that name."""

_FILE_ONLY: tuple[tuple[str, ...], ...] = (("kafka", "client"), ("kafka", "client_files"))


@dataclass(frozen=True, slots=True)
class Variables:
    """What the environment says: values nested like the file's, and the variable that gave each."""

    values: dict[str, Any] = field(default_factory=dict, repr=False)
    names: Mapping[Keys, str] = field(default_factory=dict)
    texts: Mapping[Keys, str] = field(default_factory=dict, repr=False)
    """What each of them holds, as it is written there."""
    faults: tuple[Fault, ...] = ()


def variable_names() -> dict[str, Keys]:
    """Every variable that sets a key, and the key."""
    return {PREFIX + "__".join(keys).upper(): keys for keys in _leaves(Settings) if keys not in _FILE_ONLY}


def read_variables(environ: Mapping[str, str]) -> Variables:
    """Reads the variables that are this program's. An empty one counts as not set, ``null`` as the YAML null.

    Unknown ones are faults, with the nearest name; wrong values are found later, with those of the file.
    """
    known = variable_names()
    given: dict[str, str] = {}
    names: dict[Keys, str] = {}
    faults: list[Fault] = []
    for name, value in [*((alias, environ.get(alias, "")) for alias in ALIASES), *sorted(environ.items())]:
        full = ALIASES.get(name, name)
        if not full.startswith(PREFIX):
            faults += _misspelt(name, value, known)
            continue
        if name in ALIASES and names.get(known[full]):
            continue
        keys = known.get(full.upper())
        if keys is None:
            faults.append(_unknown(name, known))
        elif value.strip():
            given[full] = value.strip()
            names[keys] = name
    texts = {known[full.upper()]: text for full, text in given.items()}
    return Variables(_Source(given)(), names, texts, tuple(faults))


def variables_given(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The names of those variables that set a key."""
    return tuple(read_variables(environ).names.values())


class _Known(Settings, BaseSettings):
    """Tells pydantic-settings which keys there are, and how they are named in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")


class _Source(EnvSettingsSource):
    """Nests the values and turns each from text into its key's type, as far as it can; what stays text is wrong."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = {name.lower(): None if text == "null" else text for name, text in given.items()}
        super().__init__(_Known)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002 - its base's
        """A list: as JSON, or comma separated; a regular expression, which may hold commas, stands alone."""
        if value.startswith("["):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return [value] if value.startswith("^") else [part.strip() for part in value.split(",")]


def _leaves(model: type[BaseModel], above: Keys = ()) -> Iterator[tuple[str, ...]]:
    for name, info in model.model_fields.items():
        keys = (*above, name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _leaves(info.annotation, keys)
        else:
            yield tuple(str(key) for key in keys)


def _misspelt(name: str, value: str, known: Mapping[str, Keys]) -> Iterator[Fault]:
    """A fault where the name is that of a key but for the number of its underscores, and its value is the user's."""
    if not name.upper().startswith("LOOPS_CONSUMER_") or not value.strip() or _OF_KUBERNETES.match(value):
        return
    meant = next((full for full in known if _single(full) == _single(name.upper())), None)
    if meant is not None:
        yield Fault("unknown variable", name, hint=f"did you mean {meant}?")


def _single(name: str) -> str:
    return re.sub("_+", "_", name)


def _unknown(name: str, known: Mapping[str, Keys]) -> Fault:
    upper = name.upper()
    for keys in _FILE_ONLY:
        section = PREFIX + "__".join(keys).upper()
        if upper == section or upper.startswith(section + "__"):
            return Fault(f"librdkafka's properties can be set in the file alone, under {'.'.join(keys)}", name)
    if upper.endswith("API_KEY"):
        return Fault("unknown variable", name, hint="the key of Loops is given as LOOPS_API_KEY")
    sections = {"__".join(full.split("__")[:-1]) for full in known}
    if upper in sections:
        inside = ", ".join(full for full in known if full.startswith(upper + "__"))
        return Fault("names a section and not a key", name, hint=f"its keys: {inside}")
    meant = nearest(upper.removeprefix(PREFIX), [full.removeprefix(PREFIX) for full in known])
    hint = f"did you mean {PREFIX}{meant}?" if meant else f"there are: {', '.join(known)}"
    return Fault("unknown variable", name, hint=hint)
