"""A YAML 1.2 document together with the place of each of its keys and values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from consumer.faults import Fault, Faults
from consumer.yaml_syntax import syntax_fault

__all__ = ["Document", "Path", "Scalar", "dotted", "read_document"]

Path: TypeAlias = Sequence[str | int]
"""Keys and indexes from the top, as ``("rules", 0, "when")``."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value that is neither a mapping nor a list, as it was written."""

    text: str
    """Without quotes and escapes, before it became a number, a date or anything else."""
    quote: str
    """``'``, ``"``, ``|`` or ``>``; empty for a plain one."""
    line: int
    column: int
    """Of its first character, which may be the quote; both count from 1."""


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data (dicts, lists, scalars) and where it stands in the text."""

    file: str
    text: str
    data: Any
    _root: Node | None

    def place(self, path: Path, *, of_key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at ``path`` (of its key where asked), or of the nearest parent.

        A value that is left empty has no place of its own, and its key's counts.
        """
        key, value = _find(self._root, path)
        node = key if key is not None and (of_key or _is_empty(value)) else value
        if node is None:
            return 1, 1
        return node.start_mark.line + 1, node.start_mark.column + 1

    def scalar(self, path: Path, *, of_key: bool = False) -> Scalar | None:
        """The value at ``path`` (its key where asked) as it was written; ``None`` where there is no such scalar."""
        key, value = _find(self._root, path)
        node = key if of_key else value
        if not isinstance(node, ScalarNode):
            return None
        return Scalar(node.value, node.style or "", node.start_mark.line + 1, node.start_mark.column + 1)

    def fault(self, path: Path, message: str, *, of_key: bool = False, hint: str | None = None) -> Fault:
        """A fault at that place, showing the line."""
        line, column = self.place(path, of_key=of_key)
        lines = self.text.splitlines()
        source = lines[line - 1] if line <= len(lines) else None
        return Fault(message, self.file, dotted(path), line, column, source, hint)


def read_document(text: str, file: str) -> Document:
    """Reads one document. Raises :class:`Faults` where it is no YAML, or names a key twice.

    The message and the hint of such a fault repeat names of keys and no values.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        data = yaml.load(text)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise Faults([syntax_fault(error, text, file)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise Faults([Fault(f"this is not YAML: {type(error).__name__}", file)]) from None
    return Document(file, text, data, root)


def dotted(path: Path) -> str:
    """``rules[0].when`` for ``("rules", 0, "when")``."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def _is_empty(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and not node.value and not node.style


def _find(root: Node | None, path: Path) -> tuple[Node | None, Node | None]:
    key: Node | None = None
    node = root
    for part in path:
        if isinstance(node, MappingNode):
            found = next(((k, v) for k, v in node.value if isinstance(k, ScalarNode) and k.value == str(part)), None)
            if found is None:
                return key, node
            key, node = found
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            key, node = None, node.value[part]
        else:
            return key, node
    return key, node
