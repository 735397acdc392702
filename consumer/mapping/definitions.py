"""``define`` and ``env``: what expressions of a mapping may use beside the event, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from consumer.faults import nearest
from consumer.mapping.expression import JSONATA_FUNCTIONS, variables_of
from consumer.mapping.functions import FUNCTIONS
from consumer.mapping.parts import Part
from consumer.mapping.scope import ENVIRONMENT, Scope

__all__ = ["scope_of"]

_SECRET = re.compile(r"KEY|SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE", re.IGNORECASE)
"""In the name of a variable: its value is none that a mapping may send to anybody."""


def scope_of(parts: Sequence[Part], env: Sequence[str], environ: Mapping[str, str], main: Part) -> Scope:
    """The scope of all rules. ``parts`` are in the order in which their definitions may read each other.

    Faults go to the findings of each part, those of ``env``, which stands in ``main``, to that one.
    """
    environment = dict(_environment(env, environ, main))
    scope = Scope(environment=environment)
    homes: dict[str, str] = {}
    for part in parts:
        # One of the wrong shape counts as there, so that those who read it are not faulty too.
        lost = {str(keys[1]).removeprefix("$") for keys in part.faulty if keys[0] == "define" and len(keys) > 1}
        scope = Scope({**scope.definitions, **dict.fromkeys(lost, "null")}, scope.reads, environment)
        for name, value in part.define.items():
            path = ("define", name)
            if part.is_faulty(*path):
                continue
            if name in homes:
                part.findings.add(path, f"${name} is defined twice, first in {homes[name]}", of_key=True)
            elif name == ENVIRONMENT or name in FUNCTIONS or name in JSONATA_FUNCTIONS:
                part.findings.add(path, f"${name} is there already; a definition needs a name of its own", of_key=True)
            else:
                # A faulty one counts as there, so that those who read it are not faulty too.
                source = part.findings.source(path, value, scope) or "null"
                reads = {**scope.reads, name: variables_of(source)}
                scope = Scope({**scope.definitions, name: source}, reads, environment)
            homes.setdefault(name, part.file)
    return scope


def _environment(names: Sequence[str], environ: Mapping[str, str], main: Part) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(names):
        path = ("env", index)
        if main.is_faulty(*path):
            continue
        if name in names[:index]:
            main.findings.add(path, f"{name} is listed twice")
        elif _SECRET.search(name):
            main.findings.add(path, f"{name} is the name of a secret, which no request may hold")
        elif name not in environ:
            meant = nearest(name, sorted(environ))
            main.findings.add(
                path, f"{name} is not set in the environment", f"did you mean {meant}?" if meant else None
            )
        yield name, environ.get(name, "")
