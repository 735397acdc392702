"""Columns into the JSON that Snowplow's Analytics SDK would make of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.snowplow_tsv import COLUMNS, tsv_document, tsv_event_name, tsv_field

DATA = {
    "schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
    "data": {"schema": "iglu:com.acme/trial_started/jsonschema/1-2-3", "data": {"plan": "pro", "seats": 5}},
}
ENTITIES = {
    "schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
    "data": [
        {"schema": "iglu:com.acme/user/jsonschema/1-0-0", "data": {"email": "user@example.com"}},
        {"schema": "iglu:org.w3/PerformanceTiming/jsonschema/1-0-0", "data": {"domComplete": 0}},
        {"schema": "iglu:com.acme/user/jsonschema/1-1-0", "data": {"email": "other@example.com"}},
        {"schema": "iglu:com.acme/user/jsonschema/2-0-0", "data": {"mail": "user@example.com"}},
    ],
}
DERIVED = {
    "schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1",
    "data": [{"schema": "iglu:nl.basjes/yauaa_context/jsonschema/1-0-4", "data": {"deviceClass": "Phone"}}],
}


def row(**cells: str) -> bytes:
    """An event with these cells; the others are empty."""
    return "\t".join((dict.fromkeys(COLUMNS, "") | cells)[name] for name in COLUMNS).encode()


def test_there_are_131_columns() -> None:
    """As the pipeline writes them, the name fifth from the end."""
    assert 131 == len(COLUMNS) == len(set(COLUMNS))
    assert ("app_id", "event_name", "true_tstamp") == (COLUMNS[0], COLUMNS[-5], COLUMNS[-1])


def test_a_whole_event_is_read() -> None:
    """Each column by its type, an empty one left out, entities and data under keys made of their schemas."""
    value = row(
        app_id="web",
        collector_tstamp="2026-05-01 10:00:02.5",
        event="unstruct",
        event_id="c6ef3124-b53a-4b13-a233-0088f79dcbcb",
        txn_id="41828",
        user_id="usr_42",
        geo_latitude="37.443604",
        geo_longitude="-122.4124",
        page_urlport="443",
        contexts=json.dumps(ENTITIES),
        se_value="1.5E3",
        unstruct_event=json.dumps(DATA),
        tr_total="99",
        br_features_pdf="1",
        br_cookies="0",
        derived_contexts=json.dumps(DERIVED),
        derived_tstamp="2026-05-01 10:00:00.000",
        event_vendor="com.acme",
        event_name="trial_started",
        event_format="jsonschema",
        event_version="1-2-3",
    )

    assert {
        "app_id": "web",
        "collector_tstamp": "2026-05-01T10:00:02.5Z",
        "event": "unstruct",
        "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb",
        "txn_id": 41828,
        "user_id": "usr_42",
        "geo_latitude": 37.443604,
        "geo_longitude": -122.4124,
        "geo_location": "37.443604,-122.4124",
        "page_urlport": 443,
        "contexts_com_acme_user_1": [{"email": "user@example.com"}, {"email": "other@example.com"}],
        "contexts_com_acme_user_2": [{"mail": "user@example.com"}],
        "contexts_org_w3_performance_timing_1": [{"domComplete": 0}],
        "se_value": 1500.0,
        "unstruct_event_com_acme_trial_started_1": {"plan": "pro", "seats": 5},
        "tr_total": 99.0,
        "br_features_pdf": True,
        "br_cookies": False,
        "contexts_nl_basjes_yauaa_context_1": [{"deviceClass": "Phone"}],
        "derived_tstamp": "2026-05-01T10:00:00.000Z",
        "event_vendor": "com.acme",
        "event_name": "trial_started",
        "event_format": "jsonschema",
        "event_version": "1-2-3",
    } == tsv_document(value)
    assert "trial_started" == tsv_event_name(value)


@pytest.mark.parametrize(
    ("schema", "key"),
    (
        ("iglu:org.schema/WebPage/jsonschema/1-0-0", "contexts_org_schema_web_page_1"),
        ("iglu:com.My-Company/my-Event.v2/jsonschema/12-0-0", "contexts_com_my_company_my_event_v2_12"),
        ("iglu:com.acme/HTTPRequest/jsonschema/1-0-0", "contexts_com_acme_httprequest_1"),
        ("iglu:com.acme/user_ID/jsonschema/1-0-0", "contexts_com_acme_user_id_1"),
    ),
)
def test_a_key_is_made_of_vendor_name_and_model(schema: str, key: str) -> None:
    """In snake case, with no dot or dash left."""
    contexts = json.dumps({"data": [{"schema": schema, "data": {"a": 1}}]})

    assert {key: [{"a": 1}]} == tsv_document(row(contexts=contexts))


@pytest.mark.parametrize("count", (1, 130, 132))
def test_another_number_of_columns_is_damage(count: int) -> None:
    """The reason says how many there are and should be."""
    value = b"\t".join([b"secret"] * count)

    for read in (tsv_document, tsv_event_name, lambda value: tsv_field(value, "app_id")):
        with pytest.raises(Unreadable, match=f"^the value is no JSON object, and has {count} columns and not 131$"):
            read(value)


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    (
        ("txn_id", "4.5", "is no whole number"),
        ("txn_id", "9" * 5000, "is no whole number"),
        ("tr_total", "secret", "is no number"),
        ("tr_total", "nan", "is no number"),
        ("tr_total", "1e999", "is no number"),
        ("br_cookies", "true", "is neither 0 nor 1"),
        ("contexts", "secret", "is not JSON"),
        ("contexts", "[]", "is JSON, and no object"),
        ("contexts", '{"data": {}}', "has no array of data"),
        ("contexts", '{"data": ["secret"]}', "holds something else than data with its schema"),
        ("derived_contexts", '{"data": [{"schema": 5, "data": {}}]}', "holds something else"),
        ("derived_contexts", '{"data": [{"schema": "iglu:a/b/c/1-0-0"}]}', "holds something else"),
        ("contexts", json.dumps({"data": [{}] * 1001}), "holds more than 1000 entities"),
        (
            "contexts",
            json.dumps({"data": [{"schema": f"iglu:a/{'b' * 201}/c/1-0-0", "data": 1}]}),
            "holds something else",
        ),
        ("unstruct_event", "{}", "holds something else"),
        ("unstruct_event", '{"data": {"schema": "iglu:a/b/c/one", "data": {}}}', "holds something else"),
        ("unstruct_event", '{"data":' * 5000, "is not JSON in UTF-8, or is nested too deep"),
    ),
)
def test_what_is_not_of_its_columns_type_is_damage(column: str, cell: str, why: str) -> None:
    """The reason names the column and quotes nothing."""
    with pytest.raises(Unreadable, match=f"^{column} {why}") as caught:
        tsv_document(row(**{column: cell}))

    assert "secret" not in str(caught.value)


def test_what_is_no_utf_8_is_damage() -> None:
    """In the name as in any other column."""
    for column in ("page_title", "event_name"):
        with pytest.raises(Unreadable, match=f"^{column} is not UTF-8$"):
            tsv_document(row(**{column: "XX"}).replace(b"XX", b"\xff\xfe"))
    with pytest.raises(Unreadable, match=r"^event_name is not UTF-8$"):
        tsv_event_name(row(event_name="XX").replace(b"XX", b"\xff\xfe"))


def test_an_event_without_a_name_has_none() -> None:
    """Old trackers sent such."""
    assert tsv_event_name(row(app_id="web")) is None


@pytest.mark.parametrize(
    ("field", "value"),
    (
        ("app_id", "web"),
        ("txn_id", 7),
        ("br_cookies", True),
        ("derived_tstamp", "2026-05-01T10:00:00Z"),
        ("geo_location", "1,2"),
        ("page_title", None),
        ("contexts", None),
        ("contexts_com_acme_user_1", None),
        ("unstruct_event", None),
        ("nothing", None),
    ),
)
def test_a_field_is_read_without_the_others(field: str, value: object) -> None:
    """As the whole event has it; arrays and objects are no values of a field."""
    found = row(
        app_id="web",
        txn_id="7",
        br_cookies="1",
        derived_tstamp="2026-05-01 10:00:00",
        geo_latitude="1",
        geo_longitude="2",
        contexts=json.dumps(ENTITIES),
        unstruct_event=json.dumps(DATA),
        tr_total="damaged",
    )

    assert value == tsv_field(found, field)


def test_the_events_own_data_could_be_anything() -> None:
    """So a field is left to the whole event, unless there is no data."""
    field = "unstruct_event_com_acme_trial_started_1"

    with pytest.raises(TypeError):
        tsv_field(row(unstruct_event=json.dumps(DATA)), field)
    assert tsv_field(row(), field) is None


CELLS: st.SearchStrategy[str] = st.text(alphabet='{}[]":,0e1.-datschemiglu \x00é', max_size=30)


@given(st.dictionaries(st.sampled_from(COLUMNS), CELLS, max_size=5))
def test_any_cells_make_a_document_or_are_unreadable(cells: dict[str, str]) -> None:
    """Nothing else is raised."""
    try:
        document: dict[str, Any] = tsv_document(row(**cells))
    except Unreadable:
        return
    assert {name: text for name, text in cells.items() if text}.keys() >= document.keys() - {"geo_location"}
