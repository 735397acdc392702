"""Objects as a chart renders them and as a server holds them."""

from __future__ import annotations

import json
from typing import Any

from ruamel.yaml import YAML

__all__ = ["differences", "documents", "named", "pod_of", "written"]


def documents(text: str) -> list[dict[str, Any]]:
    """The objects of a manifest, the empty ones left out."""
    return [document for document in YAML(typ="safe", pure=True).load_all(text) if document]


def written(*objects: dict[str, Any]) -> str:
    """A manifest of these objects."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def named(whole: dict[str, Any]) -> str:
    """An object as ``Kind/name``."""
    return f"{whole['kind']}/{whole['metadata']['name']}"


def differences(rendered: Any, stored: Any, place: str = "") -> list[str]:
    """Where what is stored is not what was rendered; what the server added is none, nor an empty that it left out."""
    if rendered in (None, {}, []) and not stored:
        return []
    if isinstance(rendered, dict) and isinstance(stored, dict):
        return [
            found
            for name, value in rendered.items()
            for found in differences(value, stored.get(name), f"{place}.{name}")
        ]
    if isinstance(rendered, list) and isinstance(stored, list) and len(rendered) == len(stored):
        return [
            found
            for number, (one, other) in enumerate(zip(rendered, stored, strict=True))
            for found in differences(one, other, f"{place}[{number}]")
        ]
    return [] if rendered == stored else [f"{place.lstrip('.')}: {rendered!r} became {stored!r}"]


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    """The pod that a controller would make of a Deployment's or a StatefulSet's template."""
    template = workload["spec"]["template"]
    label = {"Deployment": "pod-template-hash", "StatefulSet": "statefulset.kubernetes.io/pod-name"}[workload["kind"]]
    name = f"{workload['metadata']['name']}-0"
    metadata = template["metadata"] | {"name": name, "labels": template["metadata"]["labels"] | {label: name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
