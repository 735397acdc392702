"""A memory with a bound."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["Recent"]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """What was put last under each key; past ``size_max`` keys the one that was put longest ago is forgotten."""

    __slots__ = ("_found", "_size_max")

    def __init__(self, size_max: int) -> None:
        """Empty."""
        self._found: OrderedDict[_Key, _Value] = OrderedDict()
        self._size_max = size_max

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._found)

    def put(self, key: _Key, value: _Value) -> None:
        """From now on the newest."""
        self._found[key] = value
        self._found.move_to_end(key)
        if len(self._found) > self._size_max:
            self._found.popitem(last=False)

    def get(self, key: _Key) -> _Value | None:
        """What was put under it; None where nothing is remembered."""
        return self._found.get(key)

    def drop(self, key: _Key) -> None:
        """It is not remembered any more, if it was."""
        self._found.pop(key, None)
