"""Debezium's changes as they lie on topics."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Rejection
from consumer.core.request import SendEvent, UpdateContact
from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.debezium import Debezium
from consumer.mapping.formats.format import Event
from tests.mapping.agreement import assert_both_ways_agree, glanced, head_of
from tests.mapping.making import MAY_FIRST_MS, mapping_of, wanted

ROW = {"id": 42, "email": "user@example.com", "first_name": "Test"}
SOURCE = {
    "connector": "postgresql",
    "name": "app",
    "db": "app",
    "schema": "public",
    "table": "users",
    "lsn": 28581784,
    "txId": 644,
    "snapshot": "false",
}
CREATED: dict[str, Any] = {"before": None, "after": ROW, "source": SOURCE, "op": "c", "ts_ms": MAY_FIRST_MS}
DELETED = CREATED | {"op": "d", "before": {"id": 42, "email": None, "first_name": None}, "after": None}
KEY = b'{"id":42}'


def with_schema(change: Any) -> dict[str, Any]:
    """The change as Connect's converter writes it unless it is told not to."""
    return {
        "schema": {"type": "struct", "fields": [{"op": "x"}], "name": "app.public.users.Envelope"},
        "payload": change,
    }


def of(source: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A change whose source, and other members, are in part other ones."""
    return CREATED | {"source": SOURCE | source} | members


def event_of(change: Any, key: bytes | None = KEY) -> Event:
    """What a record means."""
    return Debezium().event(change if isinstance(change, bytes) else orjson.dumps(change), (), key)


@pytest.mark.parametrize("wrap", (dict, with_schema), ids=("bare", "with_schema"))
def test_a_change_is_read_with_the_defaults(wrap: Any) -> None:
    """Its name, who and when, whether its schema is with it or not."""
    mapping = mapping_of("when: users.create, send: x, event: {name: after.first_name}", top="format: debezium")

    found = wanted(mapping, wrap(CREATED), time=(0, 0))

    assert found is not None
    (plan,) = found.plans
    assert isinstance(plan, SendEvent)
    assert ("user@example.com", "42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)
    assert {"name": "Test"} == plan.event


@pytest.mark.parametrize("wrap", (dict, with_schema), ids=("bare", "with_schema"))
def test_a_deleted_row_is_known_by_what_it_was(wrap: Any) -> None:
    """By default PostgreSQL tells of it the primary key alone."""
    mapping = mapping_of("when: users.delete, delete: true", top="format: debezium")

    found = wanted(mapping, wrap(DELETED))

    assert found is not None
    assert [(None, "42")] == [(getattr(plan, "email", plan), getattr(plan, "user_id", plan)) for plan in found.plans]


def test_the_null_that_follows_a_delete_is_filtered() -> None:
    """So is the same with its schema."""
    mapping = mapping_of("when: users.delete, delete: true", "when: '*', update: true", top="format: debezium")

    assert wanted(mapping, None) is None
    assert wanted(mapping, with_schema(None)) is None


@pytest.mark.parametrize(
    ("change", "name"),
    (
        (CREATED, "users.create"),
        (CREATED | {"op": "u", "before": ROW}, "users.update"),
        (DELETED, "users.delete"),
        (CREATED | {"op": "r"}, "users.snapshot"),
        (CREATED | {"op": "t", "after": None}, "users.truncate"),
        (of({"table": None, "collection": "people"}), "people.create"),
        (of({"table": ""}, op="m", message={"prefix": "p", "content": "eA=="}, after=None), None),
        (of({"table": None}), None),
        (of({}, op="x"), None),
        (CREATED | {"source": None}, None),
        (CREATED | {"source": "text"}, None),
    ),
    ids=range(11),
)
def test_a_change_is_called_after_its_table_and_its_operation(change: dict[str, Any], name: str | None) -> None:
    """Or has no name, where it is about no table."""
    assert name == event_of(change).name
    assert name == event_of(with_schema(change)).name


@pytest.mark.parametrize(
    ("snapshot", "is_one"),
    (
        ("true", True),
        (True, True),
        ("first", True),
        ("last", True),
        ("last_in_data_collection", True),
        ("incremental", True),
        (1, True),
        ({}, True),
        ("false", False),
        (False, False),
        (None, False),
    ),
)
@pytest.mark.parametrize("op", ("c", "u"))
def test_whatever_says_that_it_is_of_a_snapshot_is_believed(snapshot: Any, is_one: bool, op: str) -> None:
    """A row that was there before must mail nobody."""
    event = event_of(of({"snapshot": snapshot}, op=op))

    assert is_one == (event.name == "users.snapshot")
    assert is_one == (not event.triggers)


@pytest.mark.parametrize("change", (CREATED | {"op": "r"}, of({"snapshot": "last"})))
@pytest.mark.parametrize("wrap", (dict, with_schema), ids=("bare", "with_schema"))
def test_a_row_of_a_snapshot_updates_and_never_sends(change: dict[str, Any], wrap: Any) -> None:
    """Whatever the rules say."""
    mapping = mapping_of(
        "when: 'users.*', send: x",
        "when: users.snapshot, update: true",
        "when: {op: [c, r]}, send: y",
        top="format: debezium",
    )

    found = wanted(mapping, wrap(change))

    assert found is not None
    assert [UpdateContact] == [type(plan) for plan in found.plans]


def test_a_message_of_the_log_that_is_of_no_table_triggers_nothing_in_a_snapshot_either() -> None:
    """Its name is not what tells."""
    assert not event_of(of({"table": None, "snapshot": "true"})).triggers


@pytest.mark.parametrize(
    ("change", "time_ms"),
    (
        (CREATED, MAY_FIRST_MS),
        (of({"ts_ms": MAY_FIRST_MS - 86_400_000}), MAY_FIRST_MS - 86_400_000),
        (of({"ts_ms": MAY_FIRST_MS + 5}), MAY_FIRST_MS),
        (of({"ts_ms": 0}), MAY_FIRST_MS),
        (of({"ts_ms": MAY_FIRST_MS}, ts_ms=None), MAY_FIRST_MS),
        (of({}, ts_ms="soon"), None),
    ),
    ids=range(6),
)
def test_it_happened_when_the_database_wrote_it(change: dict[str, Any], time_ms: int | None) -> None:
    """A connector that is set back reads old changes as if they were new."""
    assert time_ms == event_of(change).time_ms


def test_the_same_change_told_twice_has_one_id() -> None:
    """A connector that starts again reads a part of the log once more, at another time."""
    again = of({"sequence": '["1","2"]'}, ts_ms=MAY_FIRST_MS + 60_000)

    assert event_of(CREATED).id is not None
    assert event_of(CREATED).id == event_of(again).id == event_of(with_schema(CREATED)).id


@pytest.mark.parametrize(
    ("change", "key"),
    (
        (of({"lsn": 28581785}), KEY),
        (of({"name": "other"}), KEY),
        (of({"table": "people"}), KEY),
        (CREATED, b'{"id":43}'),
        (CREATED | {"after": ROW | {"first_name": "Other"}}, KEY),
        (DELETED, KEY),
    ),
    ids=("later", "of another database", "of another table", "of another row", "with other content", "a delete"),
)
def test_another_change_has_another_id(change: dict[str, Any], key: bytes) -> None:
    """A bulk load has one place in the log for several rows."""
    assert event_of(change, key).id not in {None, event_of(CREATED).id}


@pytest.mark.parametrize("change", (of({"lsn": None}), CREATED | {"source": None}, CREATED))
def test_without_a_place_in_the_log_or_a_key_there_is_no_id(change: dict[str, Any]) -> None:
    """Equal rows of a table without a key are several."""
    assert event_of(change, None if change is CREATED else KEY).id is None


def test_a_row_too_deep_to_be_written_has_no_id() -> None:
    """And is read all the same."""
    deep = orjson.dumps(CREATED).replace(b'"Test"', b"[" * 600 + b"]" * 600)

    assert ("users.create", None) == (event_of(deep).name, event_of(deep).id)


def test_rows_that_are_json_inside_a_string_are_objects() -> None:
    """As MongoDB's connector writes them."""
    change = of({"table": None, "collection": "users"}, after='{"_id": {"$oid": "5f"}, "email": "user@example.com"}')

    assert {"_id": {"$oid": "5f"}, "email": "user@example.com"} == event_of(change).document["after"]
    with pytest.raises(Unreadable, match="after is not JSON"):
        event_of(CREATED | {"after": "text"})


def test_a_decimal_in_base64_stays_text() -> None:
    """Only its schema would tell what it is: the connector has a setting for it."""
    assert "Jw8=" == event_of(CREATED | {"after": ROW | {"price": "Jw8="}}).document["after"]["price"]


@pytest.mark.parametrize(
    "value",
    (
        {"status": "BEGIN", "id": "571:53195829", "event_count": None, "data_collections": None, "ts_ms": 5},
        {"source": SOURCE, "databaseName": "app", "ddl": "DROP TABLE x", "tableChanges": [], "ts_ms": 5},
        {},
    ),
)
def test_what_debezium_writes_beside_changes_is_filtered(value: dict[str, Any]) -> None:
    """Bounds of transactions and changes of schema, with their schema and without."""
    mapping = mapping_of("when: '*', update: true", top="format: debezium")

    assert wanted(mapping, value) is None
    assert wanted(mapping, with_schema(value)) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    (
        (ROW, "ExtractNewRecordState makes of one is read with format json"),
        (with_schema(ROW), "ExtractNewRecordState makes of one is read with format json"),
        (CREATED | {"op": None}, "there is no op"),
        (with_schema([]), "payload is no object"),
        (CREATED | {"op": 5}, "op is not text"),
        (of({"table": 5}), "source.table is not text"),
        (b"[]", "the value is JSON, and no object"),
        (b"\xff", "the value is not JSON in UTF-8"),
        (orjson.dumps(CREATED)[:-9], "the value is not JSON in UTF-8"),
    ),
    ids=range(9),
)
def test_what_is_no_change_is_rejected(value: Any, reason: str) -> None:
    """By no rule, and with the way out."""
    mapping = mapping_of("when: users.create, send: x", top="format: debezium")

    found = wanted(mapping, value)

    assert found is not None
    (plan,) = found.plans
    assert isinstance(plan, Rejection)
    assert "undecodable" == plan.reason
    assert reason in plan.message


def test_only_what_tells_is_read() -> None:
    """Damage elsewhere is not looked at."""
    head = head_of(Debezium(), "users.create")
    damaged = b'{"schema":{"\xff":1},"payload":{"after":{"\xff":"\xff"},"source":{"table":"orders"},"op":"c"}}'

    assert [] == glanced(head, damaged)


WHENS = (
    "users.create", "'*.snapshot'", "{op: [c, u]}", "{op: r}", "{ts_ms: 5}", "{flag: [true, x]}", "{payload: x}",
    "{schema: x}", "{source: x}",
)  # fmt: skip
HEADS = (
    head_of(Debezium(), *WHENS),
    head_of(Debezium(), *WHENS, "{after: x}", "{before: '{}'}"),
    head_of(Debezium(), "users.create", "'users.*'"),
)
SCALARS = st.none() | st.booleans() | st.sampled_from((5, 1, 0, 2.5, "x", "users", "c", "r", "true", "false", "{}", ""))
ROWS = st.dictionaries(st.sampled_from(("id", "email")), SCALARS) | SCALARS
SOURCES = st.dictionaries(st.sampled_from(("table", "collection", "snapshot", "lsn", "ts_ms")), SCALARS) | SCALARS
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "op": st.sampled_from(("c", "u", "d", "r", "t", "m")) | SCALARS,
    "source": SOURCES,
    **dict.fromkeys(("before", "after"), ROWS),
    **dict.fromkeys(("ts_ms", "flag", "schema", "payload"), SCALARS),
}
CHANGES: st.SearchStrategy[Any] = st.fixed_dictionaries({}, optional=MEMBERS)
PAYLOADS = st.builds(
    lambda payload, beside: beside | {"payload": payload},
    CHANGES | SCALARS,
    st.fixed_dictionaries({}, optional={"op": SCALARS, "schema": CHANGES, "flag": SCALARS, "source": SOURCES}),
)


@given(CHANGES | PAYLOADS)
def test_both_ways_agree(change: dict[str, Any]) -> None:
    """However it is wrapped, and whatever is wrong with it."""
    assert_both_ways_agree(HEADS, orjson.dumps(change))


@given(st.lists(st.tuples(st.sampled_from(("op", "source", "payload", "flag")), CHANGES | SCALARS), max_size=5))
def test_both_ways_agree_on_members_that_stand_twice(members: list[tuple[str, Any]]) -> None:
    """The last one counts."""
    value = "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(inner)}" for name, inner in members) + "}"

    assert_both_ways_agree(HEADS, value.encode())


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,\\opaylc1\x00', max_size=40).map(str.encode))
def test_no_bytes_raise_anything_else(value: bytes) -> None:
    """Junk is unreadable one way or the other."""
    assert_both_ways_agree(HEADS, value)
