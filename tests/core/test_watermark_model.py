"""The watermark against the simplest model: what became of each offset, one by one."""

from __future__ import annotations

from typing import Final, Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consumer.core.watermark import Run, Watermark

State = Literal["unwanted", "unfinished", "finished", "passed"]
"""What became of a received offset; ``passed``: finished, and the watermark was above it since."""

Kind = Literal["wanted", "wanted by even", "wanted by odd", "unwanted", "nothing"]
"""What lies at an offset; some records are wanted by every second version of the mapping alone."""

kinds: Final = st.sampled_from(("wanted", "wanted", "wanted by even", "wanted by odd", "unwanted", "nothing"))
reads: Final = st.lists(st.tuples(kinds, st.integers(0, 5).map(bool)), min_size=1, max_size=8)
"""What lies at each next offset, where nobody has looked yet, and whether a record there is delivered."""


class WatermarkByOffsets(RuleBasedStateMachine):
    """A partition is read, some of it twice; records end in any order; other processes take over from the commit.

    Meanwhile the mapping changes.
    """

    def __init__(self) -> None:
        """Nothing is assigned."""
        super().__init__()
        self.watermark = Watermark(0)
        self.partition: dict[int, Kind] = {}
        self.states: dict[int, State] = {}
        self.next = 0
        self.mapping: Literal["even", "odd"] = "even"
        self.in_one_go = True
        """Nothing was read twice and nothing taken over: then runs are as long as they can be."""

    @property
    def unfinished(self) -> list[int]:
        """What waits to be finished, ascending."""
        return sorted(offset for offset, state in self.states.items() if state == "unfinished")

    @property
    def wanted_otherwise(self) -> list[int]:
        """What was read and not wanted, and would be under the next mapping."""
        other = "wanted by odd" if self.mapping == "even" else "wanted by even"
        unwanted = (offset for offset, state in self.states.items() if state == "unwanted" and offset < self.next)
        return [offset for offset in unwanted if self.partition[offset] == other]

    @property
    def expected(self) -> int:
        """The definition."""
        return min([*self.unfinished, self.next])

    @initialize(start=st.integers(0, 5))
    def assign(self, start: int) -> None:
        """The group has an offset and nothing beside it."""
        self.watermark = Watermark(start)
        self.next = start

    @rule(read=reads)
    def receive_some(self, read: list[tuple[Kind, bool]]) -> None:
        """A read brings what lies next, some of it perhaps not."""
        self.receive(read)

    def receive(self, read: list[tuple[Kind, bool]]) -> None:
        """Known offsets keep what lies there, whatever is drawn for them."""
        runs: list[Run] = []
        wanted = []
        for offset, (kind, delivered) in enumerate(read, self.next):
            if self.partition.setdefault(offset, kind) == "nothing" or not delivered:
                continue
            if runs and runs[-1][1] == offset - 1:
                runs[-1] = (runs[-1][0], offset)
            else:
                runs.append((offset, offset))
            if self.partition[offset] in {"wanted", f"wanted by {self.mapping}"}:
                wanted.append(offset)
            else:
                self.states.setdefault(offset, "unwanted")
        told = [offset for first, last in self.watermark.runs for offset in range(first, last + 1)]
        new = self.watermark.receive(runs, wanted)
        assert sorted(set(new)) == new
        for offset in wanted:
            state = self.states.get(offset)
            comes_first = state is None or (state == "unwanted" and offset not in told)
            assert (offset in new) == comes_first or state == "passed"
            if offset in new:
                self.states[offset] = "unfinished"
        assert set(new) <= set(wanted)
        self.next = runs[-1][1] + 1 if runs else self.next
        self.pass_over()

    @rule(kind=kinds)
    def receive_one(self, kind: Kind) -> None:
        """What lies next comes by itself."""
        self.receive([(kind, True)])

    @precondition(lambda self: self.unfinished)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """Any one that waits."""
        self.end([data.draw(st.sampled_from(self.unfinished))])

    @precondition(lambda self: self.unfinished)
    @rule()
    def finish_the_lowest(self) -> None:
        """Which moves the watermark."""
        self.end(self.unfinished[:1])

    def end(self, offsets: list[int]) -> None:
        """These are finished."""
        for offset in offsets:
            self.states[offset] = "finished"
            self.watermark.finish(offset)
            self.pass_over()

    @rule(back=st.integers(0, 12), remaps=st.booleans())
    def rewind(self, back: int, *, remaps: bool) -> None:
        """What comes next begins further down again; the mapping may have changed since, and want other records."""
        if remaps:
            self.mapping = "odd" if self.mapping == "even" else "even"
        self.next = max(0, self.next - back)
        self.watermark.rewind(self.next)
        self.in_one_go = self.in_one_go and not back
        self.pass_over()

    @precondition(lambda self: self.wanted_otherwise)
    @rule(data=st.data())
    def read_one_again(self, data: st.DataObject) -> None:
        """One that this mapping wants, and another did not, comes by itself; those beside it are finished."""
        offset = data.draw(st.sampled_from(self.wanted_otherwise))
        beside = (
            [at for at in self.unfinished[1:] if at < offset][-1:],
            [at for at in self.unfinished if at > offset][:1],
        )
        self.end(beside[0])
        self.rewind(self.next - offset, remaps=True)
        self.receive_one("nothing")
        self.end(beside[1])

    @precondition(lambda self: self.unfinished)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        """Some that wait are to come again, with all that lies above the lowest of them."""
        some = data.draw(st.lists(st.sampled_from(self.unfinished), min_size=1, unique=True))
        self.watermark.forget(some)
        for offset in some:
            del self.states[offset]
        self.next = min(self.next, *some)
        self.in_one_go = False
        self.pass_over()

    @rule()
    def be_taken_over(self) -> None:
        """The process is gone; another begins with what was committed, and knows no more."""
        start, runs = self.watermark.offset, self.watermark.runs
        self.watermark = Watermark(start, runs)
        told = {offset for first, last in runs for offset in range(first, last + 1)}
        self.states = dict.fromkeys(told, "finished")
        self.next = start
        self.in_one_go = False

    def pass_over(self) -> None:
        """What lies below the watermark need not be remembered."""
        for offset, state in self.states.items():
            if state == "finished" and offset < self.expected:
                self.states[offset] = "passed"

    @invariant()
    def it_stands_where_the_definition_says(self) -> None:
        """At the lowest that is received and not finished, else after the last received."""
        assert (self.expected, self.next) == (self.watermark.offset, self.watermark.next_offset)

    @invariant()
    def runs_tell_of_all_that_is_finished_and_of_nothing_else(self) -> None:
        """From the watermark on, ascending and apart. What was not received is in no run, nor what is unfinished."""
        runs = self.watermark.runs
        told = [offset for first, last in runs for offset in range(first, last + 1)]
        finished = {offset for offset, state in self.states.items() if state == "finished"}
        assert sorted(set(told)) == told
        assert not told or told[0] >= self.expected
        assert finished <= set(told)
        assert all(self.states.get(offset) in {"finished", "passed", "unwanted"} for offset in told)
        assert all(self.watermark.is_finished(offset) for offset in told)
        assert not any(self.watermark.is_finished(offset) for offset in self.unfinished)
        assert len(runs) == self.watermark.runs_count
        assert self.watermark.last_finished == (told[-1] if told else self.expected)

    @invariant()
    def runs_are_as_long_as_they_can_be(self) -> None:
        """They end only at what is unfinished or was not received."""
        if not self.in_one_go:
            return
        runs: list[Run] = []
        joins = False
        for offset in range(self.expected, self.next):
            state = self.states.get(offset)
            if state == "finished":
                runs[-1:] = [(runs[-1][0], offset)] if joins else [*runs[-1:], (offset, offset)]
            joins = state == "finished" or (state == "unwanted" and joins)
        assert tuple(runs) == self.watermark.runs


WatermarkByOffsets.TestCase.settings = settings(
    derandomize=True, deadline=None, max_examples=200, stateful_step_count=40
)
TestWatermark = WatermarkByOffsets.TestCase
