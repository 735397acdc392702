"""The mapping's file while a backfill runs: a pause is heeded, and any other change ends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consumer.backfill.plans import Course
from consumer.backfill.selection import Selection
from consumer.core.rules import Rules
from consumer.mapping.renewal import RefusalKind, Renewal
from consumer.ports import MappingListener, MappingSource

__all__ = ["HeldMapping", "rules_on"]


def rules_on(course: Course, rules: Rules) -> Rules:
    """What the pipeline of a backfill has to know of a mapping."""
    return Rules(course.digest(rules.digest), rules.ids, rules.paused)


class HeldMapping:
    """Implements :class:`consumer.ports.MappingSource` over the real one, whose listener it is.

    What was found out beforehand, and is found out meanwhile, is found out by the rules that it began with.
    """

    def __init__(self, mapping: MappingSource, digest: str, selection: Selection, changed: Callable[[], None]) -> None:
        """``digest`` is that of the mapping it began with; ``changed`` is called when another is there."""
        self._mapping = mapping
        self._digest = digest
        self._selection = selection
        self._changed = changed
        self._listener: MappingListener | None = None

    def start(self, listener: MappingListener) -> None:
        """Begins to watch it."""
        self._listener = listener
        self._mapping.start(self)

    def stop(self) -> None:
        """Tells nothing more; may be called twice."""
        self._mapping.stop()

    def mapping_found(self, renewal: Renewal) -> None:
        """A pause, or the end of one where the mapping is the one from before it; else it ends."""
        rules = renewal.rules
        if self._listener is None:
            return
        if rules.paused or rules.digest == self._digest:
            found = rules_on(self._selection.course, rules)
            self._listener.mapping_found(Renewal(found, self._selection.of(renewal.select)))
        else:
            self._changed()

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """The one in use stays."""
        if self._listener is not None:
            self._listener.mapping_refused(kind, reasons)
