"""The files of a pod, laid out below a directory as the kubelet lays them out below the root."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.deploy.chart import Manifest, pod_spec

__all__ = ["DIRECTORY", "PodFiles", "secret"]

DIRECTORY: Final = "/etc/loops-consumer"
"""Where the chart mounts the program's files."""

_DATA: Final = "..data"
"""The link behind which the kubelet keeps a volume's files: it is renewed as one."""


def secret(name: str, **texts: str) -> Manifest:
    """A Secret as the API server holds it; a key's dashes are written as underscores here."""
    data = {key.replace("_", "-"): base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    return {"kind": "Secret", "metadata": {"name": name}, "data": data}


@dataclass(slots=True)
class PodFiles:
    """What the containers of a rendered workload see; all objects that it names must be among ``objects``."""

    root: Path
    objects: Iterable[Manifest]

    def __post_init__(self) -> None:
        """Lays them out, those of the settings once and for all."""
        self._lay_out(self.objects, renewed=False)

    def renew(self, objects: Iterable[Manifest]) -> None:
        """What of these the kubelet takes into a running pod: volumes, but never what is mounted as one file."""
        self._lay_out(objects, renewed=True)

    def arguments(self, container: str) -> list[str]:
        """The command line of a container, one of helm test's among them, with its files where they are here."""
        spec = pod_spec(self.objects)
        tests = [one["spec"] for one in self.objects if one["kind"] == "Pod"]
        every = (*spec["initContainers"], *(one for pod in (spec, *tests) for one in pod["containers"]))
        (found,) = (one for one in every if one["name"] == container)
        return [argument.replace(DIRECTORY, f"{self.root}{DIRECTORY}") for argument in found["args"]]

    @property
    def settings(self) -> Path:
        """Where consumer.yaml is here."""
        return Path(f"{self.root}{DIRECTORY}/consumer.yaml")

    def _lay_out(self, objects: Iterable[Manifest], *, renewed: bool) -> None:
        every = [*objects]
        spec = pod_spec(every)
        volumes = {one["name"]: _texts(one, every) for one in spec["volumes"]}
        for mount in spec["containers"][0]["volumeMounts"]:
            texts = volumes[mount["name"]]
            place = Path(f"{self.root}{mount['mountPath']}")
            if "subPath" not in mount:
                _write_volume(place, texts)
            elif not renewed:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(texts[mount["subPath"]].decode().replace(DIRECTORY, f"{self.root}{DIRECTORY}"))


def _texts(volume: Mapping[str, Any], every: Iterable[Manifest]) -> dict[str, bytes]:
    """The files of a volume, by their paths in it."""
    if "configMap" in volume:
        source, kind, name = volume["configMap"], "ConfigMap", volume["configMap"]["name"]
    elif "secret" in volume:
        source, kind, name = volume["secret"], "Secret", volume["secret"]["secretName"]
    else:
        return {}
    (held,) = (one["data"] for one in every if (one["kind"], one["metadata"]["name"]) == (kind, name))
    data = {key: base64.b64decode(text) if kind == "Secret" else text.encode() for key, text in held.items()}
    items = source.get("items") or [{"key": key, "path": key} for key in data]
    return {item["path"]: data[item["key"]] for item in items}


def _write_volume(place: Path, texts: Mapping[str, bytes]) -> None:
    """Files behind one link, which another one takes the place of in one step."""
    place.mkdir(parents=True, exist_ok=True)
    number = sum(1 for one in place.iterdir() if one.name.startswith("..v"))
    version = place / f"..v{number}"
    for path, text in texts.items():
        file = version / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
        top = place / path.split("/", maxsplit=1)[0]
        if not top.is_symlink():
            top.symlink_to(Path(_DATA, top.name))
    if texts:
        link = place / f"{_DATA}_new"
        link.symlink_to(version.name)
        link.replace(place / _DATA)
