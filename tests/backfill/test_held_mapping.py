"""What of the mapping's changes reaches a backfill."""

from __future__ import annotations

from collections.abc import Sequence

from consumer.backfill.held_mapping import HeldMapping, rules_on
from consumer.backfill.plans import Course
from consumer.backfill.selection import Selection
from consumer.core.rules import Rules
from consumer.mapping.renewal import RefusalKind, Renewal
from consumer.mapping.select import Selector
from consumer.ports import MappingListener
from tests.backfill.making import event
from tests.mapping.making import Message, mapping_of

MAPPING = mapping_of("when: Trial Started, send: t, contact: {seats: properties.seats}")
COURSE = Course("g")
RULES = Rules(MAPPING.digest, frozenset({"r0"}))


class Watched:
    """The mapping's file, whose changes a test tells; and who is told of them in the end."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self.found: list[Renewal] = []
        self.refused: list[Sequence[str]] = []
        self.changes = 0
        self.stops = 0
        self.listener: MappingListener | None = None
        selection = Selection(COURSE, {}, lambda _request, _at: False, lambda _: None)
        self.held = HeldMapping(self, MAPPING.digest, selection, self.changed)

    def start(self, listener: MappingListener) -> None:
        """Who listens to the file."""
        self.listener = listener

    def stop(self) -> None:
        """Counts."""
        self.stops += 1

    def changed(self) -> None:
        """Counts."""
        self.changes += 1

    def mapping_found(self, renewal: Renewal) -> None:
        """Keeps."""
        self.found.append(renewal)

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """Keeps."""
        assert kind == "faults"
        self.refused.append(reasons)


def watched() -> tuple[Watched, MappingListener]:
    """One that is started, and whom the file tells."""
    made = Watched()
    made.held.start(made)
    assert made.listener is not None
    return made, made.listener


def test_a_pause_is_heeded_and_its_end_goes_on_by_the_rules_from_before() -> None:
    """With this backfill's own plans and range."""
    told, file = watched()

    file.mapping_found(Renewal(Rules("0" * 12, RULES.ids, paused=True), Selector(MAPPING).select))
    file.mapping_found(Renewal(RULES, Selector(MAPPING).select))

    assert [True, False] == [renewal.rules.paused for renewal in told.found]
    assert rules_on(COURSE, RULES) == told.found[1].rules
    assert {} == told.found[1].select([Message(event(1, seats=1))])
    assert 0 == told.changes


def test_other_rules_end_it() -> None:
    """What was found out beforehand was found out by those from before."""
    told, file = watched()

    file.mapping_found(Renewal(Rules("f" * 12, RULES.ids), Selector(MAPPING).select))

    assert (1, []) == (told.changes, told.found)


def test_a_mapping_that_is_refused_changes_nothing() -> None:
    """It is shown as the consumer shows it."""
    told, file = watched()
    file.mapping_refused("faults", ("why",))
    told.held.stop()

    assert ([("why",)], 1, 0) == (told.refused, told.stops, told.changes)
