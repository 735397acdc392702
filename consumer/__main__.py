"""The program: ``loops-consumer``, or ``python -m consumer``."""

from __future__ import annotations

import sys

from consumer.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
