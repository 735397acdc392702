"""What arrives against what may leave, at literal moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from consumer.core.record import TopicPartition
from consumer.load import RULES_MAX, Load, Reading, Standing
from consumer.status import LoadState, LoadStatus, RuleLoad

P0, P1 = (TopicPartition("events", number) for number in range(2))
EPOCH = 1


def standing(
    waiting: int = 0, position: int = 0, end: int | None = None, *, allowed: int = 10, rule: str = "trial"
) -> Standing:
    """One partition, read so far; without ``end`` nothing of it is unread."""
    reading = {(P0, EPOCH): Reading(position, position if end is None else end)}
    return Standing(Counter({rule: waiting} if waiting else {}), allowed, reading)


def followed(*looks: Standing, left: int, every_s: float = 5.0) -> Load:
    """So much left before each look but the first, whatever waited."""
    load = Load()
    for number, look in enumerate(looks):
        for _ in range(left if number else 0):
            load.left("trial")
        load.look(look, now=100.0 + number * every_s)
    return load


def status(load: Load, now: Standing, *, held: bool = False) -> LoadStatus:
    """What the load comes to."""
    return load.status(now, held=held)


def test_what_arrives_is_what_left_and_what_waits_more() -> None:
    """50 left in 5 s while 25 more came to wait: 15 a second."""
    load = followed(standing(0), standing(25), left=50)
    assert 15.0 == load.arriving_per_s()


def test_before_the_second_look_nothing_is_measured() -> None:
    """Unknown is not zero."""
    load = followed(standing(25), left=0)
    assert load.arriving_per_s() is None
    assert (None, LoadState.KEEPING_UP) == (status(load, standing(25)).arriving_per_s, status(load, standing(25)).state)


def test_a_replica_that_reads_no_more_still_sees_what_arrives() -> None:
    """Of 1,000 records read every tenth came to a request; 10 a second leave of them, and the topic grows by 200."""
    full = [standing(100 - 50 * at, 1_000, 1_000 + 1_000 * at) for at in range(3)]
    load = followed(standing(0, 0, 1_000), standing(100, 1_000, 1_000), left=0)
    for number, look in enumerate(full[1:], 2):
        for _ in range(50):
            load.left("trial")
        load.look(look, now=100.0 + 5.0 * number)
    # In 15 s 3,000 records were produced, but for the 1,000 that lay there at the first look: 200 requests.
    assert load.arriving_per_s() == pytest.approx(200 / 15)
    assert 200 == status(load, full[-1]).unread_requests


def test_records_that_come_to_no_request_are_no_load() -> None:
    """However many lie there."""
    load = followed(standing(0, 0, 9_000), standing(0, 1_000, 19_000), left=0)
    shown = status(load, standing(0, 1_000, 19_000))
    assert (0.0, 0, LoadState.KEEPING_UP, 0.0) == (
        shown.arriving_per_s,
        shown.unread_requests,
        shown.state,
        shown.drains_in_s,
    )


def test_what_a_record_comes_to_is_not_known_before_one_was_read() -> None:
    """Then nobody can say when it is done."""
    load = followed(standing(0, 0, 500), standing(0, 0, 500), left=0)
    assert (None, None) == (
        status(load, standing(0, 0, 500)).unread_requests,
        status(load, standing(0, 0, 500)).drains_in_s,
    )


def test_what_the_first_reads_came_to_counts_until_more_is_read() -> None:
    """They come with the assignment, between two looks that tell nothing of what arrives: 100 of 1,000 were wanted."""
    load = Load()
    load.look(Standing(Counter(), 10, {}), now=100.0)
    for _ in range(20):
        load.left("trial")
    read = Standing(Counter({"trial": 80}), 10, {(P0, EPOCH): Reading(1_000, 3_000)}, received=1_000)
    load.look(read, now=105.0)
    assert (200, None) == (status(load, read).unread_requests, status(load, read).arriving_per_s)


def test_a_change_of_the_assignment_is_no_arrival() -> None:
    """What another member brought in, or took away, is not measured; what left is."""
    more = {(P0, EPOCH): Reading(10, 10), (P1, 2): Reading(0, 90_000)}
    load = followed(standing(0, 10), Standing(Counter({"trial": 900}), 10, more), left=50)
    assert load.arriving_per_s() is None
    assert 10.0 == status(load, standing()).leaving_per_s
    load.look(Standing(Counter({"trial": 905}), 10, more), now=110.0)
    assert 1.0 == load.arriving_per_s()


def test_the_same_partition_assigned_anew_is_a_change() -> None:
    """It is read from its commit again."""
    again = Standing(Counter(), 10, {(P0, EPOCH + 1): Reading(0, 10)})
    assert followed(standing(0, 10), again, left=0).arriving_per_s() is None


def test_what_is_older_than_a_minute_does_not_count() -> None:
    """Twelve spans of five seconds."""
    load = followed(standing(0), standing(600), *[standing(600)] * 11, left=0)
    assert 10.0 == load.arriving_per_s()
    load.look(standing(600), now=165.0)
    assert 0.0 == load.arriving_per_s()


def test_it_is_overloaded_where_more_arrives_than_may_leave() -> None:
    """Measured over half a minute, and with more than ten seconds' worth waiting."""
    growing = [standing(100 + 25 * at) for at in range(7)]
    load = followed(*growing, left=50)
    shown = status(load, growing[-1])
    assert (LoadState.OVERLOADED, 15.0, 10.0, None) == (
        shown.state,
        shown.arriving_per_s,
        shown.allowed_per_s,
        shown.drains_in_s,
    )
    assert LoadState.CATCHING_UP is status(followed(*growing[:6], left=50), growing[5]).state
    assert LoadState.KEEPING_UP is status(load, standing(100)).state


def test_a_backlog_that_shrinks_is_caught_up() -> None:
    """4 a second arrive and 10 may leave: 600 that wait are gone in 100 s, and not in 60."""
    shrinking = [standing(780 - 30 * at) for at in range(7)]
    shown = status(followed(*shrinking, left=50), shrinking[-1])
    assert (LoadState.CATCHING_UP, 4.0, 100.0) == (shown.state, shown.arriving_per_s, shown.drains_in_s)


def test_what_is_not_read_yet_counts_for_the_time_to_drain() -> None:
    """300 here, and 300 in 6,000 records: 60 s at ten a second."""
    load = followed(standing(250, 0, 12_000), standing(300, 6_000, 12_000), left=250)
    read_on = standing(300, 6_000, 12_000)
    assert (300, 300, 60.0) == (
        status(load, read_on).waiting_requests,
        status(load, read_on).unread_requests,
        status(load, read_on).drains_in_s,
    )


def test_while_nothing_may_leave_it_is_held() -> None:
    """An outage, or no part of the limit while something waits; who has nothing to send keeps up without one."""
    load = Load()
    assert (LoadState.HELD, None) == (
        status(load, standing(), held=True).state,
        status(load, standing(), held=True).drains_in_s,
    )
    assert LoadState.HELD is status(load, standing(1, allowed=0)).state
    assert LoadState.KEEPING_UP is status(load, standing(0, allowed=0)).state


def test_what_it_is_held_against_is_its_part_on_the_mean() -> None:
    """Where slots go round, three and four of them; a part that has just grown counts at once."""
    parts = [standing(50, allowed=allowed) for allowed in (4, 3, 4, 3, 4)]
    load = followed(*parts, left=0)
    assert (3.5, 4.0) == tuple(status(load, standing(50, allowed=allowed)).allowed_per_s for allowed in (3, 4))


def test_rules_are_told_by_what_they_use_of_the_limit() -> None:
    """The largest first; of those that use none the one of which most waits."""
    load = Load()
    load.look(standing(), now=0.0)
    uses: Mapping[str | None, int] = {"trial": 5, "digest": 40, None: 1}
    for rule, count in uses.items():
        for _ in range(count):
            load.left(rule)
    load.look(standing(), now=10.0)
    waiting = Standing(Counter({"digest": 7, "import": 900, "other": 1}), 10, {})
    assert (
        RuleLoad("digest", 4.0, 7),
        RuleLoad("trial", 0.5, 0),
        RuleLoad("", 0.1, 0),
        RuleLoad("import", 0.0, 900),
        RuleLoad("other", 0.0, 1),
    ) == status(load, waiting).rules


def test_no_more_rules_are_told_than_a_metric_tells_apart() -> None:
    """What leaves is the sum of all, though."""
    load = Load()
    load.look(standing(), now=0.0)
    for number in range(RULES_MAX + 50):
        load.left(f"rule-{number}")
    load.look(standing(), now=10.0)
    shown = status(load, standing())
    assert (RULES_MAX, 15.0) == (len(shown.rules), shown.leaving_per_s)


def test_what_records_come_to_follows_a_change() -> None:
    """A topic of which all came to a request, and then none does: after some reading that is seen."""
    load = followed(standing(0, 0), standing(150_000, 150_000), left=0)
    for number in range(1, 20):
        load.look(standing(150_000, 150_000 + 100_000 * number), now=105.0 + 5 * number)
    unread = standing(0, 2_050_000, 2_051_000)
    assert 0 == pytest.approx(status(load, unread).unread_requests, abs=1)
