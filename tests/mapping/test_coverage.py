"""What the mapping's own tests leave open."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from consumer.core.record import Record
from consumer.mapping.coverage import GapKind, gaps_in
from consumer.mapping.explaining import Explainer
from consumer.mapping.rules import CompiledMapping
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of

PRO = TRIAL
FREE = TRIAL | {"properties": {"plan": "free"}}
OTHER = TRIAL | {"event": "Other"}


def open_in(mapping: CompiledMapping, *events: dict[str, Any], later_ms: int = 0) -> list[tuple[str, str]]:
    """Rule and kind of each gap that tests of these events leave."""
    explainer = Explainer(mapping)
    records = [Record("events", 0, 0, MAY_FIRST_MS, None, orjson.dumps(event)) for event in events]
    told = [explainer.explain(record, clock_ms=MAY_FIRST_MS + later_ms) for record in records]
    return [(gap.rule.id, gap.kind.value) for gap in gaps_in(mapping, told)]


@pytest.mark.parametrize(
    ("events", "kinds"),
    (
        ((), {GapKind.UNREACHED}),
        ((OTHER,), {GapKind.UNREACHED}),
        ((FREE,), {GapKind.WHERE_ALWAYS_FALSE}),
        ((PRO,), {GapKind.WHERE_ALWAYS_TRUE}),
        ((PRO, FREE), set()),
    ),
)
def test_a_condition_is_covered_where_it_was_true_and_false(
    events: tuple[dict[str, Any], ...], kinds: set[GapKind]
) -> None:
    """Of a rule that no event reaches it is enough to say that."""
    mapping = mapping_of('when: Trial Started, where: properties.plan != "free", send: a')

    assert [("r0", kind.value) for kind in kinds] == open_in(mapping, *events)


def test_a_rule_without_a_condition_needs_a_request() -> None:
    """One that is too old, or a dead letter, is none."""
    mapping = mapping_of("when: Trial Started, send: a, max_age: 1h")

    assert [] == open_in(mapping, PRO)
    assert [("r0", "no_request")] == open_in(mapping, PRO, later_ms=3_600_001)
    assert [("r0", "no_request")] == open_in(mapping, PRO | {"context": {}, "userId": None})


def test_a_condition_that_holds_and_makes_no_request_lacks_both() -> None:
    """It was never false, and nothing came of it."""
    mapping = mapping_of("when: Trial Started, where: true = true, create: true")

    assert [("r0", "no_request"), ("r0", "where_always_true")] == open_in(mapping, PRO | {"context": {}})


def test_gaps_are_in_the_order_of_the_rules_and_disabled_ones_have_none() -> None:
    """Nothing is asked of what does nothing."""
    mapping = mapping_of("when: B, send: b", "when: A, send: a, enabled: false", "when: C, send: c")

    assert [("r0", "unreached"), ("r2", "unreached")] == open_in(mapping, OTHER)


def test_what_no_test_can_read_reaches_no_rule() -> None:
    """It has no event."""
    assert [("r0", "unreached")] == open_in(mapping_of("when: {type: identify}, update: true"), {"type": 1})
