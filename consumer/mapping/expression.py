"""JSONata behind two steps: what the user wrote is checked alone, then one program a rule is evaluated.

Absent and null are told apart only as members of an object: a member whose expression finds nothing is left out of
the result, one that finds null is ``None``. So a rule is one object expression, not one expression a property.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import orjson
from jlens import Expression, JlensError

from consumer.mapping.functions import FUNCTIONS, NOW_MS, Unfit
from consumer.mapping.habits import hint_for_name, hint_for_syntax, misread
from consumer.mapping.ranges import RANGE_ITEMS_MAX, unbounded_range
from consumer.mapping.scope import ENVIRONMENT, NO_SCOPE, Scope

__all__ = [
    "JSONATA_FUNCTIONS",
    "Audit",
    "EvaluationFailed",
    "ExpressionFault",
    "Members",
    "Program",
    "Source",
    "source_of",
    "variables_of",
]

Source: TypeAlias = str
"""The text of a JSONata expression that compiles."""

Members: TypeAlias = Mapping[str, "Source | Members"]
"""An object to build: a member is an expression or again an object."""

TIMEOUT_S = 0.25
"""Of one evaluation. Long beside its 5 µs: a container that is denied the CPU stands still for 0.1 s at a time."""
STEPS_MAX = 100_000
DEPTH_MAX = 200
ARRAY_ITEMS_MAX = 10_000
STRING_BYTES_MAX = 1_000_000
SEED = 1
"""Of ``$random()``: the same record gives the same request in any process."""

_NAMES = (
    "abs append assert average base64decode base64encode boolean ceil contains count decodeUrl "
    "decodeUrlComponent distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase "
    "formatInteger formatNumber fromMillis join keys length lookup lowercase map match max merge millis min not "
    "now number pad parseInteger power random reduce replace reverse round shuffle sift single sort split spread "
    "sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase zip"
)
JSONATA_FUNCTIONS = tuple(_NAMES.split())
"""JSONata 2's functions, as its documentation lists them."""

_MEANINGS = {
    "D1001": "a number is out of range",
    "D3030": "a value cannot be read as a number",
    "D3110": "a text is not a date",
    "D3137": "the expression itself says $error",
    "D3141": "the expression's own $assert does not hold",
    "T1003": "a name in an object is not text",
    "T1006": "something that is no function is called",
    "T2001": "the left side of an operator is no number",
    "T2002": "the right side of an operator is no number",
    "T2009": "values of different kinds are compared",
    "T2010": "something that is neither number nor text is compared",
}
_FAMILIES = {
    "D": "the values do not fit the function or operator",
    "T": "a value is of the wrong kind for the function or operator",
    "U": "it went past a limit of time, depth or size",
}


class ExpressionFault(Exception):  # noqa: N818 - it is a fault of the user's, with a place
    """An expression that cannot be used. ``position`` counts characters from 0."""

    def __init__(self, message: str, position: int = 0, hint: str | None = None) -> None:
        """Both texts are for a person."""
        super().__init__(message)
        self.message = message
        self.position = position
        self.hint = hint


class EvaluationFailed(Exception):  # noqa: N818 - named like the outcome it leads to
    """An expression that failed on one event. The engine's own text may quote values: it is not kept."""

    def __init__(self, code: str, member: str | None = None, said: str | None = None) -> None:
        """``code`` is JSONata's; ``member`` says which expression it was, where that could be found.

        ``said`` is the sentence of a function of ours.
        """
        meaning = _MEANINGS.get(code) or _FAMILIES.get(code[:1], "it failed")
        super().__init__(f"{member or 'an expression'}: {said or f'{meaning} ({code})'}")


class Audit(NamedTuple):
    """Why a condition said what it said. The lines quote values of the event: they are for whoever gave the event."""

    said: bool | None
    """``None``: it failed."""
    lines: tuple[str, ...]
    """Each part that decided, with the values that it saw; or the one reason why it failed."""


def source_of(value: str | float | bool | None, scope: Scope = NO_SCOPE) -> Source:
    """The expression that a value of the mapping stands for: text is JSONata, anything else is itself.

    Raises :class:`ExpressionFault` for text that does not compile, names what there is not, or has no bounds.
    """
    if not isinstance(value, str):
        if isinstance(value, float) and not math.isfinite(value):
            raise ExpressionFault("found a number that JSON does not have")
        return orjson.dumps(value).decode()
    if not value.strip():
        raise ExpressionFault("there is no expression", 0, "for an empty text write '\"\"'")
    try:
        reads = Expression(value).reads()
    except JlensError as error:
        position = error.start if error.start is not None else error.position
        hint = hint_for_syntax(value, position)
        raise ExpressionFault(f"not a JSONata expression: {error}", position or 0, hint) from None
    if (found := misread(value, (*JSONATA_FUNCTIONS, *FUNCTIONS))) is not None:
        raise ExpressionFault(*found)
    _check_names(value, reads, scope)
    if (position := unbounded_range(value)) is not None:
        allowed = f"whole numbers for both ends of a range, at most {RANGE_ITEMS_MAX} items"
        raise ExpressionFault("this range may be too long", position, allowed)
    return value


def variables_of(source: Source) -> frozenset[str]:
    """The names of the variables and functions that an expression reads and does not set, JSONata's own apart."""
    return frozenset(Expression(source).reads()["bindings"])


def _check_names(source: str, reads: Mapping[str, Any], scope: Scope) -> None:
    """What is called or read but never set would only fail, or be absent without a word, on an event."""
    if reads.get("everyBinding"):
        message = "$eval is not allowed: what it would run cannot be checked"
        raise ExpressionFault(message, max(source.find("$eval"), 0))
    for name, members in reads["bindings"].items():
        if name == ENVIRONMENT:
            _check_environment(source, members, scope)
        elif name not in FUNCTIONS and name not in scope:
            place = _place_of(name, source)
            functions, definitions = [*JSONATA_FUNCTIONS, *FUNCTIONS], [*scope.definitions, ENVIRONMENT]
            hint = hint_for_name(name, source, place, functions=functions, definitions=definitions)
            raise ExpressionFault(f"there is no ${name}", place, hint)


def _check_environment(source: str, members: Any, scope: Scope) -> None:
    place = _place_of(ENVIRONMENT, source)
    if members is True:
        raise ExpressionFault("the environment is read variable by variable", place, "write $env.NAME")
    for name in members:
        if name not in scope.environment:
            listed = ", ".join(scope.environment)
            hint = f"env lists: {listed}" if listed else f"list it at the top of the file: env: [{name}]"
            raise ExpressionFault(f"env does not list {name}", place, hint)


def _place_of(name: str, source: str) -> int:
    found = re.search(rf"\${re.escape(name)}\b", source)
    return found.start() if found else 0


class Program:
    """One rule's expressions as one; may be evaluated any number of times, from any thread."""

    def __init__(self, where: Source | None, members: Members, scope: Scope = NO_SCOPE) -> None:
        """Compiles it; each source must have passed :func:`source_of`. Raises :class:`ExpressionFault`."""
        self.where = where
        """The rule's condition; ``None``: it has none."""
        self.sources = {"where": where or "true", **_labelled(members)}
        """Each expression by what it is for, as ``contact.plan``."""
        self.scope = scope
        """What they may use beside the event."""
        body = _object(members)
        first, known = scope.prelude(variables_of(where) if where is not None else ())
        then, _ = scope.prelude(variables_of(body), without=known)
        body = f"({then}{body})" if then else body
        self._is_clocked = "$millis" in f"{first}{where}{body}"
        whole = f"{first}({where}) ? {body}" if where is not None else body
        try:
            self._program = _compiled(f"({whole})" if first else whole)
        except JlensError as error:
            raise ExpressionFault(f"the rule's expressions do not compile together: {error}") from None

    def evaluate(self, event: Mapping[str, Any], *, now_ms: int) -> dict[str, Any] | None:
        """The object, without the members that are absent; ``None`` where ``where`` says no.

        Expressions see ``now_ms`` (milliseconds since 1970) as the time. Raises :class:`EvaluationFailed`.
        """
        if self._is_clocked:
            NOW_MS.set(now_ms)
        try:
            made: dict[str, Any] | None = self._program.evaluate(event, now=now_ms, **_LIMITS)
        except JlensError as error:
            raise EvaluationFailed(error.code, self._culprit(event, now_ms, error.code)) from None
        except Unfit as unfit:
            raise EvaluationFailed("", self._culprit(event, now_ms, ""), str(unfit)) from None
        except (TypeError, ValueError, OverflowError, RecursionError):
            raise EvaluationFailed("input") from None
        return made

    def audit(self, event: Mapping[str, Any], *, now_ms: int) -> Audit:
        """How ``where`` came to what it says of this event. Far slower than :meth:`evaluate`: for people."""
        if self.where is None:
            return Audit(True, ())
        NOW_MS.set(now_ms)
        prelude, _ = self.scope.prelude(variables_of(self.where))
        whole = f"({prelude}{self.where})" if prelude else self.where
        try:
            found = _compiled(whole).evaluate_with_audit(event, level="full", now=now_ms, **_LIMITS)
            said = (
                None if found["error"] else bool(_compiled(f"$boolean({whole})").evaluate(event, now=now_ms, **_LIMITS))
            )
        except (JlensError, TypeError, ValueError, OverflowError, RecursionError):
            return Audit(None, (str(EvaluationFailed("input", "where")),))
        lines = [f"{'  ' * line['depth']}{line['text']}" for line in found["explanation"]["lines"]]
        return Audit(said, tuple(lines or [f"{self.where} \N{RIGHTWARDS ARROW} {found['explanation']['result']}"]))

    def _culprit(self, event: Mapping[str, Any], now_ms: int, code: str) -> str | None:
        """Which expression it is: the first that fails alone; a definition before what reads it.

        Past a limit it would take as long again: not asked.
        """
        if code.startswith("U"):
            return None
        used = self.scope.needed(name for source in self.sources.values() for name in variables_of(source))
        defined = {f"define.{name}": source for name, source in self.scope.definitions.items() if name in used}
        for label, source in (defined | self.sources).items():
            prelude, _ = self.scope.prelude(variables_of(source))
            try:
                _compiled(f"({prelude}{source})").evaluate(event, now=now_ms, **_LIMITS)
            except (JlensError, Unfit):
                return label
        return None


_LIMITS: Final[dict[str, Any]] = {
    "timeout": TIMEOUT_S,
    "max_depth": DEPTH_MAX,
    "max_steps": STEPS_MAX,
    "max_array_length": ARRAY_ITEMS_MAX,
    "max_string_length": STRING_BYTES_MAX,
    "max_result_size": STRING_BYTES_MAX,
    "seed": SEED,
}


def _compiled(source: str) -> Expression:
    """With those of our own functions that it calls. Raises ``JlensError``."""
    expression = Expression(source)
    for name, (function, signature) in FUNCTIONS.items():
        if f"${name}" in source:
            expression.register_function(name, function, signature)
    return expression


def _object(members: Members) -> str:
    parts = (
        f"{orjson.dumps(name).decode()}: {f'({member})' if isinstance(member, str) else _object(member)}"
        for name, member in members.items()
    )
    return "{" + ", ".join(parts) + "}"


def _labelled(members: Members, above: Sequence[str] = ()) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for name, member in members.items():
        if isinstance(member, str):
            found[".".join((*above, name))] = member
        else:
            found |= _labelled(member, (*above, name))
    return found
