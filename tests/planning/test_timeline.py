"""Virtual time."""

from __future__ import annotations

from consumer.planning.timeline import Timeline


def test_what_is_due_happens_in_order_of_time_and_then_of_asking() -> None:
    """What is over happens as the next thing."""
    timeline, happened = Timeline(), list[tuple[str, float]]()

    def note(what: str) -> None:
        happened.append((what, timeline.now))

    timeline.at(2.0, note, "third")
    timeline.at(1.0, note, "first")
    timeline.at(1.0, note, "second")
    timeline.at(1.0, timeline.at, 0.5, note, "over")
    timeline.run(2.0)

    assert [("first", 1.0), ("second", 1.0), ("over", 1.0), ("third", 2.0)] == happened


def test_it_goes_to_the_moment_and_no_further() -> None:
    """What is due later is due still."""
    timeline, happened = Timeline(), list[int]()
    timeline.run(1.0)
    timeline.after(1.0, happened.append, 1)

    timeline.run(1.5)
    assert (1.5, []) == (timeline.now, happened)

    timeline.run(2.0)
    assert [1] == happened
