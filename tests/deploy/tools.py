"""Where the tools are that check ``deploy/``."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

__all__ = ["CUSTOM_RESOURCES", "ROOT", "tool"]

ROOT: Final = Path(__file__).parents[2]
CUSTOM_RESOURCES: Final = ROOT / ".cache" / "deploy" / "crds"
"""The operators' definitions of the custom resources that the chart makes."""

_ENVIRONMENT: Final = Path(sys.executable).parent
_OURS: Final = ROOT / ".cache" / "deploy" / "bin"


def tool(name: str) -> str:
    """The command of this name: of those that ``make deploy-tools`` fetched, of this environment, or of the machine.

    Fails without.
    """
    found = shutil.which(name, path=f"{_OURS}{os.pathsep}{_ENVIRONMENT}") or shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: make deploy-tools")
    return found
