"""From a file and the environment to settings, or to everything that is wrong with them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from consumer.documents import Document, dotted, read_document
from consumer.faults import Fault, Faults, nearest
from consumer.settings.client_files import FROM_FILES
from consumer.settings.environment import Variables, read_variables
from consumer.settings.key import API_KEY_VARIABLE
from consumer.settings.relations import Complaint, Keys, broken_relations, with_real_bound
from consumer.settings.secret import Secret, looks_secret
from consumer.settings.sections import Settings
from consumer.settings.wording import complaint_of

__all__ = ["Reading", "Rule", "load_settings", "read_settings"]

_SECTIONS = {"kafka", "loops", "delivery", "admin", "client", "client_files", "schema_registry"}
_KEY = re.compile(r"\s*(?:-\s+)*[\"']?[A-Za-z0-9_.-]+[\"']?\s*:")


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read: settings with defaults in place of what is wrong, and what is wrong.

    ``settings`` is ``None`` where nothing could be read. ``faulty`` are the keys that hold a default for that reason.
    """

    settings: Settings | None
    faults: tuple[Fault, ...]
    faulty: frozenset[Keys] = frozenset()


def load_settings(file: Path | None, environ: Mapping[str, str], *, key_required: bool = True) -> Settings:
    """The settings of ``file`` (defaults where ``None``) and of ``environ``, which wins.

    The names of files come out relative to the working directory. With ``key_required`` the key of Loops
    must be there and readable; without it, it is not looked at. Raises :class:`Faults` with all that is wrong.
    """
    reading = read_settings(file, environ, key_required=key_required)
    if reading.faults or reading.settings is None:
        raise Faults(reading.faults)
    return reading.settings


Rule: TypeAlias = Callable[[Settings], Iterable[Complaint]]
"""A further rule: what it complains of in settings that are valid, or have defaults where they are not."""


def read_settings(
    file: Path | None, environ: Mapping[str, str], *, key_required: bool = True, further: Rule | None = None
) -> Reading:
    """Like :func:`load_settings`, but raises nothing and keeps what is right."""
    variables = read_variables(environ)
    try:
        document = _document(file)
    except Faults as unreadable:
        return Reading(None, (*unreadable.faults, *variables.faults))
    values = _merged(_without_empty_sections(document.data or {}), variables.values)
    sources = _Sources(document, variables)
    complaints, settings = _validated(values, variables)
    faulty = frozenset(key for complaint in complaints for key in _with_parents(complaint.keys[0]))
    if settings is None:
        return Reading(None, (*(sources.fault(complaint) for complaint in complaints), *variables.faults), faulty)
    if ("loops", "timeout_s") not in faulty:
        complaints = [with_real_bound(found, settings) for found in complaints]
    complaints += [found for found in broken_relations(settings) if not faulty.intersection(found.keys)]
    settings = _completed(settings, sources, file, environ)
    if further is not None:
        known = {complaint.keys[0] for complaint in complaints}
        complaints += [found for found in further(settings) if found.keys[0] not in known]
    faults = [*(sources.fault(complaint) for complaint in complaints), *variables.faults]
    if key_required and ("loops", "api_key_file") not in faulty:
        faults += _key_faults(settings, sources)
    return Reading(settings, tuple(sorted(faults, key=_order)), faulty)


@dataclass(frozen=True, slots=True)
class _Sources:
    """Which of the two gave a value."""

    document: Document
    variables: Variables

    def fault(self, complaint: Complaint) -> Fault:
        """The complaint with the place of the first of its keys that someone gave."""
        for keys in complaint.keys:
            name = self.variable(keys)
            if name is not None:
                return Fault(complaint.message, name, dotted(complaint.keys[0]), hint=complaint.hint)
            if _holds(self.document.data, keys):
                found = self.document.fault(keys, complaint.message, of_key=complaint.of_key, hint=complaint.hint)
                source = None if _may_be_secret(keys) or looks_secret(found.source or "") else found.source
                return replace(found, path=dotted(complaint.keys[0]), source=source)
        return Fault(complaint.message, self.document.file or None, dotted(complaint.keys[0]), hint=complaint.hint)

    def variable(self, keys: Keys) -> str | None:
        """The variable that gave the value at ``keys``, or the list that it stands in."""
        return next((name for given, name in self.variables.names.items() if keys[: len(given)] == given), None)


def _document(file: Path | None) -> Document:
    if file is None:
        return Document("", "", {}, None)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(file))]) from None
    except ValueError:
        raise Faults([Fault("is not text in UTF-8", str(file))]) from None
    try:
        document = read_document(text, str(file))
    except Faults as broken:
        raise Faults(_unspoken(fault, text) for fault in broken.faults) from None
    if document.data is not None and not isinstance(document.data, dict):
        found = "a list" if isinstance(document.data, list) else "a single value"
        allowed = ", ".join(Settings.model_fields)
        raise Faults([Fault(f"found {found}; allowed: a mapping with the keys {allowed}", str(file))])
    return document


def _validated(values: dict[str, Any], variables: Variables) -> tuple[list[Complaint], Settings | None]:
    """What is wrong, and the settings with defaults in place of it."""
    try:
        return [], Settings.model_validate(values)
    except ValidationError as error:
        found: dict[Keys, Complaint] = {}
        for detail in error.errors(include_url=False):
            keys = _data_keys(values, detail["loc"])
            written = variables.texts.get(keys)
            found.setdefault(keys, complaint_of(detail, keys, _at(values, keys), written=written))
    rest = copy.deepcopy(values)
    for keys in found:
        _remove(rest, keys)
    # A list all of whose items are wrong is too short for pydantic besides, which helps nobody.
    complaints = [found[keys] for keys in found if not any(keys == other[: len(keys)] != other for other in found)]
    try:
        return complaints, Settings.model_validate(rest)
    except ValidationError:
        return complaints, None


def _completed(settings: Settings, sources: _Sources, file: Path | None, environ: Mapping[str, str]) -> Settings:
    folder = Path() if file is None else file.parent

    def placed(path: Path, *keys: str) -> Path:
        return path if sources.variable(keys) is not None else folder / path

    loops, kafka, registry = settings.loops, settings.kafka, settings.kafka.schema_registry
    if loops.api_key_file is not None:
        loops = loops.model_copy(update={"api_key_file": placed(loops.api_key_file, "loops", "api_key_file")})
    files = {name: getattr(registry, name) for name in ("password_file", "ca_file")}
    given = {name: placed(path, "kafka", "schema_registry", name) for name, path in files.items() if path is not None}
    secrets = {name: placed(path, "kafka", "client_files", name) for name, path in kafka.client_files.items()}
    of_kafka = {"schema_registry": registry.model_copy(update=given), "client_files": secrets}
    kafka = kafka.model_copy(update=of_kafka)
    key = environ.get(API_KEY_VARIABLE, "").strip()
    return settings.model_copy(
        update={
            "mapping": placed(settings.mapping, "mapping"),
            "loops": loops.with_key(Secret(key) if key else None),
            "kafka": kafka,
        },
    )


def _key_faults(settings: Settings, sources: _Sources) -> Iterator[Fault]:
    try:
        settings.loops.api_key()
    except Faults as missing:
        for fault in missing.faults:
            if settings.loops.key_source.environment is not None:
                yield fault
                continue
            placed = sources.fault(Complaint((("loops", "api_key_file"),), fault.message, fault.hint))
            yield replace(placed, source=None)


def _may_be_secret(keys: Keys) -> bool:
    """By its name, or by one that was probably meant; a secret may stand where its file's name belongs."""
    above = keys[:2]
    meant = above == ("kafka", "client") and nearest(str(keys[-1]), FROM_FILES) is not None
    return above == ("kafka", "client_files") or meant or looks_secret(dotted(keys))


def _without_empty_sections(data: Mapping[str, Any]) -> dict[str, Any]:
    """A section all of whose keys are commented out is null in YAML, and means its defaults."""
    out = dict(data)
    for name, value in data.items():
        if value is None and name in _SECTIONS:
            del out[name]
        elif isinstance(value, dict) and name in _SECTIONS:
            out[name] = _without_empty_sections(value)
    return out


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(below)
    for name, value in above.items():
        lower = out.get(name)
        if isinstance(value, dict):
            out[name] = _merged(lower, value) if isinstance(lower, dict) else value if lower is None else lower
        else:
            out[name] = value
    return out


def _data_keys(values: Any, place: tuple[int | str, ...]) -> Keys:
    """The part of pydantic's place that is in the data: it goes on with the names of a union's members."""
    keys: list[int | str] = []
    node = values
    for part in place:
        named = isinstance(node, dict) and part in node
        if not named and not (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            break
        keys.append(part)
        node = node[part]
    return tuple(keys)


def _at(values: Any, keys: Keys) -> Any:
    for key in keys:
        values = values[key]
    return values


def _holds(values: Any, keys: Keys) -> bool:
    return _data_keys(values, keys) == keys


def _with_parents(keys: Keys) -> Iterator[Keys]:
    """A wrong item makes its list a default; a wrong section makes its keys defaults, which their faults cover."""
    yield keys
    if keys and isinstance(keys[-1], int):
        yield keys[:-1]


def _remove(values: Any, keys: Keys) -> None:
    """Takes the value away, and the whole list where it is an item of one."""
    if _holds(values, keys) and isinstance(_at(values, keys[:-1]), list):
        keys = keys[:-1]
    if keys and _holds(values, keys):
        del _at(values, keys[:-1])[keys[-1]]


def _unspoken(fault: Fault, text: str) -> Fault:
    """A fault of YAML itself, without a line that may be a secret: there is no structure yet to tell.

    A line is shown where it begins with a key, and neither it nor the line that it is indented under looks secret.
    """
    lines = text.splitlines()
    if fault.line is None or fault.source is None or not any(looks_secret(line) for line in lines):
        return fault
    indent = len(fault.source) - len(fault.source.lstrip())
    above = (line for line in reversed(lines[: fault.line - 1]) if line.strip())
    parent = next((line for line in above if len(line) - len(line.lstrip()) < indent), "")
    if not _KEY.match(fault.source) or looks_secret(fault.source) or looks_secret(parent):
        return replace(fault, source=None)
    return fault


def _order(fault: Fault) -> tuple[bool, int, int]:
    return fault.line is None, fault.line or 0, fault.column or 0
