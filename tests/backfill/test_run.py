"""A whole backfill, on librdkafka's mock cluster and the sandbox."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumer.backfill.progress import Progress
from consumer.core.effect import Fate
from tests.backfill.making import event
from tests.backfill.stand import TEXT, Stand, standing


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A quick sandbox, and nothing on the topic."""
    with standing(tmp_path) as stand:
        yield stand


def test_it_tells_of_contacts_and_ends_by_itself(stand: Stand) -> None:
    """All that lies there is finished and committed; who is deleted further on is not made; no event is sent."""
    stand.trials(range(10))
    stand.add(event(4, "Gone"), event(3, "Other"))

    ended = stand.backfill()

    assert (True, "", 9) == (ended.reached, ended.reason, ended.requests)
    assert {Fate.DELIVERED: 9, Fate.STALE: 1, Fate.FILTERED: 2} == {
        fate: count for fate, count in ended.fates.items() if count
    }
    assert {f"u{user}": 1 for user in range(10) if user != 4} == stand.contacts()
    assert [] == stand.sandbox.events()
    assert [7, 5] == stand.committed()
    assert (12, 12, 0.0) == (stand.seen[-1].done, stand.seen[-1].of, stand.seen[-1].left_s)
    ended = stand.backfill()
    assert (True, 0) == (ended.reached, ended.requests)


def test_what_comes_meanwhile_is_the_consumers_and_is_not_set_back(stand: Stand) -> None:
    """Of a contact that it deletes nothing more is told, and of a property that it sets nothing older."""
    stand.trials(range(0, 24, 2))

    def meanwhile(at: Progress) -> None:
        if at.of and not stand.seen:
            stand.seen.append(at)
            stand.add(event(20, "Gone"), event(22, seats=9))

    ended = stand.backfill(4, meanwhile)

    assert (True, 1, 11) == (ended.reached, ended.shortened, ended.requests)
    assert {**{f"u{user}": 1 for user in range(0, 20, 2)}, "u22": None} == stand.contacts()
    assert 12 == stand.committed()[0]


def test_events_go_on_demand_and_what_loops_has_had_becomes_an_update(stand: Stand) -> None:
    """Another second backfill of the same group would find nothing to do; one of a new group finds the keys used."""
    stand.trials(range(4))

    assert 4 == stand.backfill(send_events=True).requests
    assert 4 == len(stand.sandbox.events())
    stand.settings = stand.settings.model_copy(
        update={"kafka": stand.settings.kafka.model_copy(update={"group_id": "another"})}
    )
    ended = stand.backfill(send_events=True)
    assert (8, 4, 4) == (ended.requests, ended.fates[Fate.CAPPED], len(stand.sandbox.events()))


def test_another_mapping_ends_it_and_so_does_a_signal(stand: Stand) -> None:
    """Both after what is on its way; it goes on where it stopped."""
    stand.trials(range(30))

    def changed(at: Progress) -> None:
        if at.requests:
            stand.settings.mapping.write_text(TEXT.replace("seats", "chairs"))

    ended = stand.backfill(4, changed)
    assert not ended.reached
    assert "the mapping has changed" in ended.reason
    stand.settings.mapping.write_text(TEXT)

    def stopped(at: Progress) -> None:
        if at.requests and not stand.seen:
            stand.seen.append(at)
            os.kill(os.getpid(), signal.SIGTERM)

    ended = stand.backfill(4, stopped)
    assert (False, "") == (ended.reached, ended.reason)
    assert stand.backfill().reached
    assert 30 == len(stand.contacts())
    assert 30 == stand.sandbox.received_count()
