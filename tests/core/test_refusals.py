"""Events that go on after a refusal."""

from __future__ import annotations

from consumer.core.completions import Completions, Refusal, encode
from consumer.core.delivery import HELD, Delivery, OpenRecord
from consumer.core.effect import Committable
from consumer.core.outcome import Outcome
from consumer.core.refusals import Refusals, Room
from consumer.core.rules import fingerprint
from tests.core.driving import P0, REFUSED, record, send

DIGEST = "0badcafe"
ROOM = Room(fingerprint(DIGEST), 4_095, 0)


def _delivery(offset: int, plan: int = 0) -> Delivery:
    of = OpenRecord(record(offset), P0, 1, 2, DIGEST)
    return Delivery(send("a"), of, ("ua",), plan, refusals=1)


def _position(refusals: Refusals, room: Room = ROOM) -> Committable:
    told = Completions(mapping=room.mapping, refusals=refusals.to_tell(room))
    return Committable(room.offset, encode(told, offset=room.offset, bytes_max=room.bytes_max))


def test_one_leaves_once_its_number_is_committed() -> None:
    """It is held until then, and let go when the commit was taken."""
    refusals, delivery = Refusals(Completions()), _delivery(3)
    assert refusals.add(delivery, REFUSED, ROOM)
    assert (HELD, True, []) == (refusals.judge(delivery, ROOM), refusals.waits, refusals.let_go(ROOM))
    refusals.committed(_position(refusals))
    assert ([delivery], None, False) == (refusals.let_go(ROOM), refusals.judge(delivery, ROOM), refusals.waits)


def test_a_commit_that_does_not_hold_it_lets_nothing_go() -> None:
    """It was under way before, or is of another mapping."""
    refusals, first, second = Refusals(Completions()), _delivery(3), _delivery(3, plan=1)
    refusals.add(first, REFUSED, ROOM)
    before = _position(refusals)
    refusals.add(second, REFUSED, ROOM)
    assert [HELD, HELD] == [refusals.judge(one, ROOM) for one in (first, second)]
    refusals.committed(before)
    assert [first] == refusals.let_go(ROOM)
    other = Completions(mapping=ROOM.mapping + 1, refusals=refusals.to_tell(ROOM))
    refusals.committed(Committable(0, encode(other, offset=0)))
    assert [] == refusals.let_go(ROOM)


def test_where_there_is_no_room_it_does_not_go_on() -> None:
    """Nor where its plan is of a mapping of which the commit tells nothing; the others keep their room."""
    refusals = Refusals(Completions())
    for room in (Room(ROOM.mapping, 0, 0), Room(ROOM.mapping + 1, 4_095, 0)):
        assert not refusals.add(_delivery(3), REFUSED, room)
    few = Room(ROOM.mapping, 60, 0)
    taken = [offset for offset in range(100, 0, -1) if refusals.add(_delivery(offset), REFUSED, few)]
    assert 0 < len(taken) < 20
    assert taken == [one.offset for one in reversed(refusals.to_tell(few))]
    assert refusals.to_tell(few) == few.told(refusals.to_tell(few))


def test_one_whose_number_can_not_be_told_any_more_comes_to_its_end() -> None:
    """The mapping has changed, or the broker takes less."""
    for later in (Room(ROOM.mapping + 1, 4_095, 0), Room(ROOM.mapping, 0, 0)):
        refusals, delivery = Refusals(Completions()), _delivery(3)
        refusals.add(delivery, REFUSED, ROOM)
        refusals.judge(delivery, ROOM)
        assert ([delivery], REFUSED) == (refusals.let_go(later), refusals.judge(delivery, later))


def test_what_is_forgotten_is_let_go_to_nobody() -> None:
    """Its partition went, or is read again."""
    refusals, delivery = Refusals(Completions()), _delivery(3)
    refusals.add(delivery, REFUSED, ROOM)
    refusals.judge(delivery, ROOM)
    delivery.forgotten = True
    refusals.committed(_position(refusals))
    assert ([], False) == (refusals.let_go(ROOM), refusals.waits)


def test_the_next_owner_knows_the_number_under_the_same_mapping() -> None:
    """It is in a commit already, and told in each until the plan is final."""
    refusals = Refusals(Completions(mapping=ROOM.mapping, refusals=(Refusal(3, 1, 2), Refusal(5, 0, 1))))
    of, other = _delivery(3, plan=1).of, OpenRecord(record(3), P0, 1, 2, "ab")
    assert [2, 0, 0] == [refusals.number(of, 1), refusals.number(of, 0), refusals.number(other, 1)]
    again = _delivery(3, plan=1)
    again.refusals = 2
    assert refusals.judge(again, ROOM) is None
    refusals.finish(of, 1)
    assert (Refusal(5, 0, 1),) == refusals.to_tell(ROOM)
    assert () == refusals.to_tell(Room(ROOM.mapping, 4_095, 6))


def test_one_that_the_next_commit_would_not_tell_of_does_not_leave_though_the_last_one_did() -> None:
    """As the mapping is another, or the broker takes less; unless it has left since."""
    told = Completions(mapping=ROOM.mapping, refusals=(Refusal(3, 0, 1),))
    for room in (Room(ROOM.mapping + 1, 4_095, 0), Room(ROOM.mapping, 20, 0)):
        waiting, gone = Refusals(told), Refusals(told)
        delivery = _delivery(3)
        assert gone.judge(delivery, ROOM) is None
        assert isinstance(waiting.judge(delivery, room), Outcome)
        assert gone.judge(delivery, room) is None
