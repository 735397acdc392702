"""What the callbacks of a rebalance do, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from confluent_kafka import OFFSET_BEGINNING, KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_status import Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from tests.fakes.scripted_client import ScriptedClient

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


class Listener:
    """Hands over what it was given to hand over."""

    def __init__(self) -> None:
        """Nothing to hand over."""
        self.events: list[object] = []
        self.to_hand: dict[TopicPartition, Committable] = {}
        self.still = False

    def told_assigned(
        self, epochs: Mapping[TopicPartition, int], committed: Mapping[TopicPartition, Committable | None]
    ) -> None:
        """Notes it."""
        self.events.append(("assigned", dict(epochs), dict(committed)))

    def told_lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Notes it."""
        self.events.append(("lost", list(partitions)))

    def hand_over(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, Committable]:
        """Notes it."""
        self.events.append(("revoked", list(partitions)))
        return self.to_hand

    def holds_still(self) -> bool:
        """As set."""
        return self.still


def known(topics: Topics) -> Topics:
    """The same, which knows its partitions."""
    topics.partitions = (FIRST, SECOND)
    return topics


class Member:
    """Assignments with a client that notes its calls."""

    def __init__(self, start: Literal["earliest", "latest"] = "earliest") -> None:
        """Nothing is assigned."""
        waits = Waits()
        self.client = ScriptedClient()
        self.listener = Listener()
        self.assignments = Assignments(known(Topics(("events",), waits)), waits, start)

    def does(self, name: str, *partitions: TopicPartition) -> None:
        """The client calls back."""
        found = [ClientPartition(*tp) for tp in partitions]
        self.assignments.callbacks(self.listener)[name](self.client.as_client, found)


def test_an_assignment_begins_where_the_group_stands_and_is_told() -> None:
    """Each partition under an epoch of its own."""
    member = Member()
    member.client.commits = {FIRST: 5}

    member.does("on_assign", FIRST, SECOND)

    expected = [("events", 0, 5), ("events", 1, OFFSET_BEGINNING)]
    assert [("incremental_assign", expected)] == member.client.named("incremental_assign")
    assert [("assigned", {FIRST: 1, SECOND: 2}, {FIRST: Committable(5), SECOND: None})] == member.listener.events


def test_latest_holds_until_the_group_had_a_commit() -> None:
    """With the topic its commits are deleted too: of the one made in its place nothing is left out."""
    member = Member("latest")
    member.client.commits = {FIRST: 5}
    member.does("on_assign", FIRST)
    member.does("on_lost", FIRST)
    member.client.commits = {}

    member.does("on_assign", FIRST)

    assert ("incremental_assign", [("events", 0, OFFSET_BEGINNING)]) == member.client.calls[-1]


def test_topics_are_not_asked_for_within_a_callback() -> None:
    """It would abort the process at the client's next callback: it is noted as due."""
    member = Member()

    member.does("on_assign", FIRST)
    member.does("on_revoke", FIRST)

    assert [] == member.client.named("list_topics")
    assert member.assignments.topics_due


def test_an_empty_assignment_resets_nothing() -> None:
    """Cooperative rebalances bring one; the client wants it to be assigned all the same."""
    member = Member()
    member.does("on_assign", FIRST)
    member.assignments.owned[FIRST].paused = True
    before = dict(member.assignments.epochs)

    member.does("on_assign")

    assert before == member.assignments.epochs
    assert member.assignments.owned[FIRST].paused
    assert ("incremental_assign", []) == member.client.calls[-1]
    assert ("assigned", {}, {}) == member.listener.events[-1]


def test_a_member_without_partitions_has_joined() -> None:
    """It stands by."""
    member = Member()

    member.does("on_assign")

    assert member.assignments.joined


def test_a_member_without_partitions_may_be_told_by_no_callback() -> None:
    """As under ``group.protocol=consumer``; the listener is told all the same, and nothing is touched."""
    member = Member()

    member.assignments.taken_in(member.listener)

    assert member.assignments.joined
    assert member.assignments.joined_ever
    assert [("assigned", {}, {})] == member.listener.events
    assert [] == member.client.calls


def test_who_was_a_member_once_is_known_after_all_is_lost() -> None:
    """Being put out is something else than not being taken in."""
    member = Member()
    assert not member.assignments.joined_ever
    member.does("on_assign", FIRST)
    member.does("on_lost", FIRST)

    assert (False, True) == (member.assignments.joined, member.assignments.joined_ever)


def test_only_what_is_new_is_assigned_and_only_what_goes_is_unassigned() -> None:
    """The delta, never the whole."""
    member = Member()
    member.does("on_assign", FIRST)
    member.does("on_assign", SECOND)
    member.does("on_revoke", FIRST)

    assert [
        ("incremental_assign", [("events", 0, OFFSET_BEGINNING)]),
        ("incremental_assign", [("events", 1, OFFSET_BEGINNING)]),
        ("incremental_unassign", [FIRST]),
    ] == member.client.named("incremental_assign", "incremental_unassign")
    assert [SECOND] == list(member.assignments.owned)


def test_a_revoke_commits_what_was_handed_over_before_it_lets_go() -> None:
    """Of the partitions that go, and of no other."""
    member = Member()
    member.does("on_assign", FIRST, SECOND)
    member.listener.to_hand = {FIRST: Committable(7), SECOND: Committable(9)}

    member.does("on_revoke", FIRST)

    assert [("commit", [("events", 0, 7)]), ("incremental_unassign", [FIRST])] == member.client.calls[-2:]


def test_a_group_that_has_not_finished_its_last_step_is_asked_again() -> None:
    """The records would be sent again otherwise."""
    member = Member()
    member.does("on_assign", FIRST)
    member.listener.to_hand = {FIRST: Committable(7)}
    member.client.commit_errors = [KafkaError.REBALANCE_IN_PROGRESS]

    member.does("on_revoke", FIRST)

    assert 2 == len(member.client.named("commit"))
    assert 0 == member.assignments.commit_failures


def test_another_error_of_the_last_commit_is_counted_and_the_partition_goes_all_the_same() -> None:
    """The next owner begins where the group stands."""
    member = Member()
    member.does("on_assign", FIRST)
    member.listener.to_hand = {FIRST: Committable(7)}
    member.client.commit_errors = [KafkaError.ILLEGAL_GENERATION]

    member.does("on_revoke", FIRST)

    assert 1 == len(member.client.named("commit"))
    assert 1 == member.assignments.commit_failures
    assert {} == member.assignments.owned


def test_a_loss_commits_nothing() -> None:
    """It is told, and let go."""
    member = Member()
    member.does("on_assign", FIRST)
    member.listener.to_hand = {FIRST: Committable(7)}

    member.does("on_lost", FIRST)

    assert ("lost", [FIRST]) == member.listener.events[-1]
    assert [] == member.client.named("commit")
    assert {} == member.assignments.owned
    assert not member.assignments.joined


def test_a_partition_that_was_paused_when_it_went_is_resumed_when_it_comes_back() -> None:
    """The client keeps it paused beyond its assignment: it would be silent for ever."""
    member = Member()
    member.does("on_assign", FIRST, SECOND)
    member.assignments.owned[FIRST].paused = True
    member.does("on_revoke", FIRST, SECOND)

    member.does("on_assign", FIRST, SECOND)

    assert [("resume", [FIRST])] == member.client.named("resume")
    assert not member.assignments.owned[FIRST].paused


def test_what_comes_while_everything_holds_still_holds_still_too() -> None:
    """And is resumed with the rest, or, where it goes before that, when it comes back."""
    member = Member()
    member.listener.still = True
    member.does("on_assign", FIRST)
    member.does("on_revoke", FIRST)
    member.listener.still = False

    member.does("on_assign", FIRST)

    assert [("pause", [FIRST]), ("resume", [FIRST])] == member.client.named("pause", "resume")


def test_each_assignment_has_an_epoch_of_its_own() -> None:
    """So that nothing asked for under a former one is done."""
    member = Member()
    member.does("on_assign", FIRST)
    first = member.assignments.epochs[FIRST]
    member.does("on_lost", FIRST)
    member.does("on_assign", FIRST)

    assert first != member.assignments.epochs[FIRST]
    assert first != member.assignments.renew(member.client.as_client, FIRST, held=False)


def test_what_begins_anew_is_read_though_it_was_paused() -> None:
    """Whoever wanted it paused knows nothing of the new records; while all are held it waits like all."""
    member = Member()
    member.does("on_assign", FIRST, SECOND)
    for tp in (FIRST, SECOND):
        member.assignments.owned[tp].paused = True
    member.assignments.renew(member.client.as_client, FIRST, held=False)
    member.assignments.renew(member.client.as_client, SECOND, held=True)

    assert [("resume", [FIRST])] == member.client.named("resume")
    assert [False, False] == [owned.paused for owned in member.assignments.owned.values()]
