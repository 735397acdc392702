"""Where the tools are that check ``deploy/``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

__all__ = ["CUSTOM_RESOURCES", "ROOT", "tool"]

ROOT: Final = Path(__file__).parents[2]
CUSTOM_RESOURCES: Final = ROOT / ".cache" / "deploy" / "crds"
"""The operators' definitions of the custom resources that the chart makes."""

_OURS: Final = ROOT / ".cache" / "deploy" / "bin"


def tool(name: str) -> str:
    """The command of this name: one of those that ``make deploy-tools`` fetched, else the machine's; fails without."""
    found = shutil.which(name, path=str(_OURS)) or shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: make deploy-tools")
    return found
