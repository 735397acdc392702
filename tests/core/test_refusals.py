"""Events that go on after a refusal."""

from __future__ import annotations

from consumer.core.completions import Completions, Refusal, encode
from consumer.core.delivery import HELD, Delivery, OpenRecord
from consumer.core.effect import Committable, Fate
from consumer.core.outcome import Outcome
from consumer.core.refusals import FINISHED_MAX, Refusals, Room, key_fingerprint
from tests.core.driving import P0, REFUSED, record, send, update

ROOM = Room(4_095, 0)
KEY, OTHER = key_fingerprint("key-a"), key_fingerprint("key-b")


def _delivery(offset: int, user: str = "a", refusals: int = 1) -> Delivery:
    of = OpenRecord(record(offset), P0, 1, 2)
    return Delivery(send(user), of, (f"u{user}",), refusals=refusals)


def _position(refusals: Refusals, room: Room = ROOM) -> Committable:
    told = Completions(refusals=refusals.to_tell(room))
    return Committable(room.offset, encode(told, offset=room.offset, bytes_max=room.bytes_max))


def test_one_leaves_once_its_number_is_committed() -> None:
    """It is held until then, and let go when the commit was taken."""
    refusals, delivery = Refusals(Completions()), _delivery(3)
    assert refusals.add(delivery, REFUSED, ROOM)
    assert (HELD, True, []) == (refusals.judge(delivery, ROOM), refusals.waits, refusals.let_go(ROOM))
    refusals.committed(_position(refusals))
    assert ([delivery], None, False) == (refusals.let_go(ROOM), refusals.judge(delivery, ROOM), refusals.waits)


def test_a_commit_that_does_not_hold_it_lets_nothing_go() -> None:
    """It was under way before."""
    refusals, first, second = Refusals(Completions()), _delivery(3), _delivery(3, "b")
    refusals.add(first, REFUSED, ROOM)
    before = _position(refusals)
    refusals.add(second, REFUSED, ROOM)
    assert [HELD, HELD] == [refusals.judge(one, ROOM) for one in (first, second)]
    refusals.committed(before)
    assert [first] == refusals.let_go(ROOM)
    refusals.committed(Committable(0, ""))
    assert [] == refusals.let_go(ROOM)


def test_where_there_is_no_room_it_does_not_go_on() -> None:
    """The others keep their room."""
    refusals = Refusals(Completions())
    assert not refusals.add(_delivery(3), REFUSED, Room(0, 0))
    few = Room(60, 0)
    taken = [offset for offset in range(100, 0, -1) if refusals.add(_delivery(offset), REFUSED, few)]
    assert 0 < len(taken) < 20
    assert taken == [one.offset for one in reversed(refusals.to_tell(few))]
    assert refusals.to_tell(few) == few.told(refusals.to_tell(few))


def test_one_whose_number_can_not_be_told_any_more_comes_to_its_end() -> None:
    """The broker takes less."""
    refusals, delivery = Refusals(Completions()), _delivery(3)
    refusals.add(delivery, REFUSED, ROOM)
    refusals.judge(delivery, ROOM)
    later = Room(0, 0)
    assert ([delivery], REFUSED) == (refusals.let_go(later), refusals.judge(delivery, later))


def test_what_is_forgotten_is_let_go_to_nobody() -> None:
    """Its partition went, or is read again."""
    refusals, delivery = Refusals(Completions()), _delivery(3)
    refusals.add(delivery, REFUSED, ROOM)
    refusals.judge(delivery, ROOM)
    delivery.forgotten = True
    refusals.committed(_position(refusals))
    assert ([], False) == (refusals.let_go(ROOM), refusals.waits)


def test_the_next_owner_knows_the_number_by_the_key_until_all_of_the_record_is_final() -> None:
    """It is in a commit already, and told in each until then."""
    first, second = sorted((Refusal(3, KEY, 2), Refusal(3, OTHER, 1)))
    refusals = Refusals(Completions(refusals=(first, second, Refusal(5, KEY, 1))))
    assert [2, 1, 1, 0, 0] == [
        refusals.number(offset, key)
        for offset, key in ((3, "key-a"), (3, "key-b"), (5, "key-a"), (5, "key-b"), (4, "key-a"))
    ]
    again = _delivery(3, refusals=2)
    assert refusals.judge(again, ROOM) is None
    refusals.finish(again.of)
    assert (Refusal(5, KEY, 1),) == refusals.to_tell(ROOM)
    assert () == refusals.to_tell(Room(4_095, 6))


def test_one_that_the_next_commit_would_not_tell_of_does_not_leave_though_the_last_one_did() -> None:
    """As the broker takes less; unless it has left since."""
    told, less = Completions(refusals=(Refusal(3, KEY, 1),)), Room(20, 0)
    waiting, gone = Refusals(told), Refusals(told)
    delivery = _delivery(3)
    assert [None, None] == [one.judge(delivery, ROOM) for one in (gone, waiting)]
    gone.leaves(delivery)
    assert isinstance(waiting.judge(delivery, less), Outcome)
    assert gone.judge(delivery, less) is None


def test_one_of_which_the_last_commit_told_no_more_waits_for_the_next_that_does() -> None:
    """It found no room there, and has room again as the watermark has moved."""
    refusals, delivery = Refusals(Completions(refusals=(Refusal(128, KEY, 1),))), _delivery(128)
    assert refusals.judge(delivery, ROOM) is None
    refusals.committed(_position(refusals, Room(32, 0)))
    near = Room(32, 128)
    assert (HELD, []) == (refusals.judge(delivery, near), refusals.let_go(near))
    refusals.committed(_position(refusals, near))
    assert ([delivery], None) == (refusals.let_go(near), refusals.judge(delivery, near))


def test_what_it_became_instead_bears_no_number_and_is_not_held() -> None:
    """An update of what is too old is sent whatever can be told."""
    refusals, delivery = Refusals(Completions(refusals=(Refusal(3, KEY, 1),))), _delivery(3)
    delivery.become(update("a"), Fate.STALE)
    assert refusals.judge(delivery, Room(0, 0)) is None


def test_what_is_read_again_after_its_end_waits_for_a_commit_once_more() -> None:
    """The last commit tells of it no more. What the watermark had not passed is not new, and stays finished."""
    refusals = Refusals(Completions(refusals=tuple(Refusal(at, KEY, 1) for at in (3, 5, 7))))
    for offset in (3, 5, 7):
        assert refusals.judge(_delivery(offset), ROOM) is None
        refusals.finish(_delivery(offset).of)
    refusals.rewind(4, 7)
    assert (Refusal(5, KEY, 1),) == refusals.to_tell(ROOM)
    assert [0, 1, 0] == [refusals.number(at, "key-a") for at in (3, 5, 7)]
    again = _delivery(5)
    assert HELD is refusals.judge(again, ROOM)
    refusals.committed(_position(refusals))
    assert ([again], None) == (refusals.let_go(ROOM), refusals.judge(again, ROOM))


def test_of_finished_ones_the_latest_are_remembered() -> None:
    """Within a bound."""
    many = FINISHED_MAX + 1
    refusals = Refusals(Completions(refusals=tuple(Refusal(at, KEY, 1) for at in range(many))))
    for offset in range(many):
        refusals.finish(_delivery(offset).of)
    refusals.rewind(0, many)
    assert list(range(1, many)) == [one.offset for one in refusals.to_tell(ROOM)]


def test_what_bears_no_key_is_never_held() -> None:
    """An update that was refused with what it carried goes on at once."""
    refusals = Refusals(Completions(refusals=(Refusal(3, key_fingerprint(""), 1),)))
    plain = Delivery(update("a"), _delivery(3).of, ("ua",), refusals=1)
    assert refusals.judge(plain, Room(0, 0)) is None
