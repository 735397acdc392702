"""The product's traffic, and whether what it says of it is what the program makes of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice, pairwise, takewhile
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from consumer.core.record import Rejection
from consumer.mapping.rules import CompiledMapping, load_mapping
from consumer.mapping.select import Selector
from consumer.sandbox.arrivals import arrival_of, compare
from consumer.sandbox.model import LoopsModel
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.traffic import Produced, traffic
from tests.mapping.making import Message

WALL: Final = 1_777_629_600.0
"""2026-05-01T10:00:00Z."""
MAPPING: Final = Path(__file__).parents[2] / "config" / "mapping.yaml"
SEEDS: Final = (1, 2, 3)


def made(seed: int, for_s: float = 120.0) -> list[Produced]:
    """The first seconds of it."""
    return list(takewhile(lambda record: record.at_s < for_s, traffic(seed, wall=WALL)))


def mapping() -> CompiledMapping:
    """The one that the repository has."""
    return load_mapping(MAPPING.read_text(), str(MAPPING))


def at_loops(record: Produced, offset: int, selector: Selector, loops: LoopsModel) -> int:
    """Does with a record what the consumer does; returns how many dead letters it comes to."""
    message = Message(record.value, offset, time=(1, int((WALL + record.at_s) * 1000)))
    (received,) = selector.select([message]).values()
    letters = 0
    for plan in (plan for wanted in received.wanted for plan in wanted.plans):
        if isinstance(plan, Rejection):
            letters += 1
            continue
        call = plan.http()
        headers = {"authorization": "Bearer sandbox", "idempotency-key": call.idempotency_key or ""}
        reply = loops.handle(
            call.method, call.path, call.query, headers, call.body or b"", now=record.at_s, wall=WALL + record.at_s
        )
        letters += reply.status != 200
    return letters


@pytest.mark.parametrize("seed", SEEDS)
def test_what_it_expects_is_what_the_mapping_and_loops_make_of_it(seed: int) -> None:
    """Record by record: the requests that take effect, and the dead letters."""
    selector, loops = Selector(mapping()), LoopsModel(SandboxOptions(rate_per_s=100_000))
    records = made(seed)
    letters = [at_loops(record, offset, selector, loops) for offset, record in enumerate(records)]
    expected = [record.arrival for record in records if record.arrival is not None]
    received = [arrival for entry in loops.journal if (arrival := arrival_of(entry)) is not None]
    assert [int(record.letter) for record in records] == letters
    assert expected == received


def test_a_rule_that_is_missing_or_doubled_is_noticed() -> None:
    """The comparison stands on the mapping, not on itself."""
    text = MAPPING.read_text()
    missing = text.replace("[Plan Upgraded,", "[No Such Event,")
    doubled = text.replace("rules:\n", "rules:\n  - {name: again, when: Signed Up, send: orderCompleted}\n")
    for changed in (missing, doubled):
        assert changed != text
        selector, loops = Selector(load_mapping(changed, "m")), LoopsModel(SandboxOptions(rate_per_s=100_000))
        records = made(1, 30)
        for offset, record in enumerate(records):
            at_loops(record, offset, selector, loops)
        expected = [record.arrival for record in records if record.arrival is not None]
        received = [arrival for entry in loops.journal if (arrival := arrival_of(entry)) is not None]
        assert not compare(expected, received).equal


@pytest.mark.parametrize("seed", SEEDS)
def test_95_in_100_are_of_no_interest(seed: int) -> None:
    """And a record has about 460 bytes."""
    records = made(seed, 300)
    wanted = sum(record.arrival is not None or record.letter for record in records)
    assert 0.045 < wanted / len(records) < 0.055
    assert 450 < sum(len(record.value) for record in records) / len(records) < 475


@pytest.mark.parametrize("seed", SEEDS)
def test_requests_come_slower_than_loops_takes_them_and_in_bursts_faster(seed: int) -> None:
    """So that something waits, and never for long."""
    records = [record for record in made(seed, 300) if record.arrival is not None]
    by_second = Counter(int(record.at_s) for record in records)
    assert 5.5 < len(records) / 300 < 7.5
    assert max(by_second.values()) > 12
    waiting, longest = 0, 0
    for second in range(300):
        waiting = max(0, waiting + by_second[second] - 9)
        longest = max(longest, waiting)
    assert 5 < longest < 60


def test_the_same_seed_gives_the_same_records() -> None:
    """And another one others."""
    assert made(1, 10) == made(1, 10)
    assert made(1, 10) != made(2, 10)


def test_records_come_in_the_order_of_their_times() -> None:
    """Which the events bear too."""
    records = list(islice(traffic(1, wall=WALL), 2000))
    assert all(before.at_s <= after.at_s for before, after in pairwise(records))
    times = [orjson.loads(record.value)["timestamp"] for record in records if not record.letter]
    assert "2026-05-01T10:00:00" == times[0][:19]
    assert sorted(times) == times


def test_a_users_records_have_one_key() -> None:
    """So they stay in one partition, in order."""
    keys: defaultdict[str, set[bytes]] = defaultdict(set)
    for document, record in documents(made(1)):
        keys[document["userId"] or document["anonymousId"]].add(record.key)
    assert {name: {name.encode()} for name in keys} == dict(keys)


def test_no_two_requests_of_a_user_are_equal_and_users_are_interleaved() -> None:
    """Otherwise a wrong order could not be seen."""
    arrivals = [record.arrival for record in made(1) if record.arrival is not None]
    assert len(arrivals) == len(set(arrivals))
    by_user = Counter(arrival.user_id for arrival in arrivals)
    assert max(by_user.values()) >= 5
    changes = sum(before.user_id != after.user_id for before, after in pairwise(arrivals))
    assert changes > len(arrivals) / 2


def test_every_call_is_made_with_and_without_an_address() -> None:
    """Later events of shy people have a userId alone."""
    records = [(document, record.arrival) for document, record in documents(made(1)) if record.arrival is not None]
    calls = {arrival.call for _, arrival in records}
    assert {"createContact", "updateContact", "sendEvent", "deleteContact"} == calls
    sent = [document for document, arrival in records if arrival.call == "sendEvent"]
    assert {True, False} == {"traits" in document["context"] for document in sent}


def test_dead_letters_are_of_three_kinds_from_the_first_seconds_on() -> None:
    """One cut short, one about nobody, one about somebody whom Loops does not know."""
    letters = [record for record in made(1, 12) if record.letter]
    assert len(letters) >= 3
    cut = [record for record in letters if not readable(record)]
    users = [orjson.loads(record.value)["userId"] for record in letters if readable(record)]
    assert cut
    assert {True, False} == {user is None for user in users}


def test_messages_have_an_id_of_their_own_and_a_library() -> None:
    """Idempotency keys are made of the first."""
    found = [document for document, _ in documents(made(1, 30))]
    assert len(found) == len({document["messageId"] for document in found})
    assert all(document["context"]["library"]["name"] for document in found)


def readable(record: Produced) -> bool:
    """Whether it is JSON."""
    try:
        orjson.loads(record.value)
    except orjson.JSONDecodeError:
        return False
    return True


def documents(records: list[Produced]) -> list[tuple[dict[str, Any], Produced]]:
    """The documents of those that are JSON."""
    return [(orjson.loads(record.value), record) for record in records if readable(record)]
