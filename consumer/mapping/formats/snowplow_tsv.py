"""Snowplow's enriched events as tab-separated values, read as its Analytics SDKs write them as JSON.

Source of the columns and their types: those SDKs (of the Scala one where they differ), and the page "Enriched TSV
format" of Snowplow's documentation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.format import Document
from consumer.mapping.formats.json_objects import json_object

__all__ = ["COLUMNS", "tsv_document", "tsv_event_name", "tsv_field"]

_TEXT: Final = """
app_id platform etl_tstamp:time collector_tstamp:time dvce_created_tstamp:time event event_id txn_id:int name_tracker
v_tracker v_collector v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx:int network_userid
geo_country geo_region geo_city geo_zipcode geo_latitude:float geo_longitude:float geo_region_name ip_isp
ip_organization ip_domain ip_netspeed page_url page_title page_referrer page_urlscheme page_urlhost page_urlport:int
page_urlpath page_urlquery page_urlfragment refr_urlscheme refr_urlhost refr_urlport:int refr_urlpath refr_urlquery
refr_urlfragment refr_medium refr_source refr_term mkt_medium mkt_source mkt_term mkt_content mkt_campaign
contexts:contexts se_category se_action se_label se_property se_value:float unstruct_event:event tr_orderid
tr_affiliation tr_total:float tr_tax:float tr_shipping:float tr_city tr_state tr_country ti_orderid ti_sku ti_name
ti_category ti_price:float ti_quantity:int pp_xoffset_min:int pp_xoffset_max:int pp_yoffset_min:int pp_yoffset_max:int
useragent br_name br_family br_version br_type br_renderengine br_lang br_features_pdf:bool br_features_flash:bool
br_features_java:bool br_features_director:bool br_features_quicktime:bool br_features_realplayer:bool
br_features_windowsmedia:bool br_features_gears:bool br_features_silverlight:bool br_cookies:bool br_colordepth
br_viewwidth:int br_viewheight:int os_name os_family os_manufacturer os_timezone dvce_type dvce_ismobile:bool
dvce_screenwidth:int dvce_screenheight:int doc_charset doc_width:int doc_height:int tr_currency tr_total_base:float
tr_tax_base:float tr_shipping_base:float ti_currency ti_price_base:float base_currency geo_timezone mkt_clickid
mkt_network etl_tags dvce_sent_tstamp:time refr_domain_userid refr_device_tstamp:time derived_contexts:contexts
domain_sessionid derived_tstamp:time event_vendor event_name event_format event_version event_fingerprint
true_tstamp:time
"""
_SCHEMA: Final = re.compile(r"iglu:([\w.-]{1,200})/([\w.-]{1,200})/[\w.-]{1,50}/(\d{1,9})-\d{1,9}-\d{1,9}", re.ASCII)
_ENTITIES_MAX: Final = 1_000
"""In one column; a tracker sends a handful, and each costs some microseconds."""


def tsv_document(value: bytes) -> Document:
    """The whole event. An empty column is left out. Raises :class:`Unreadable`."""
    document: Document = {}
    cells = _cells(value)
    for name, read, cell in zip(COLUMNS, _READERS, cells, strict=True):
        if cell:
            document.update(read(name, _decoded(name, cell)))
    place = _place(cells)
    return document if place is None else document | {_PLACE: place}


def tsv_event_name(value: bytes) -> str | None:
    """The event's name, without a look at what is before it. Raises :class:`Unreadable`."""
    _check_count(value)
    name = value.rsplit(b"\t", _BEHIND_NAME + 1)[1]
    return _decoded("event_name", name) or None


def tsv_field(value: bytes, field: str) -> object:
    """What stands in a member of the event's document: text, a number, true or false; ``None`` for anything else.

    Raises :class:`Unreadable`, and ``TypeError`` for the event's own data, which could be anything.
    """
    cells = _cells(value)
    if field == _PLACE:
        return _place(cells)
    if field.startswith(_EVENT_PREFIX) and cells[_INDEX["unstruct_event"]]:
        raise TypeError
    index = _INDEX.get(field)
    if index is None or not cells[index]:
        return None
    return _READERS[index](field, _decoded(field, cells[index])).get(field)


def _cells(value: bytes) -> list[bytes]:
    _check_count(value)
    return value.split(b"\t")


def _check_count(value: bytes) -> None:
    found = value.count(b"\t") + 1
    if found != len(COLUMNS):
        raise Unreadable(f"the value is no JSON object, and has {found} columns and not {len(COLUMNS)}")


def _decoded(name: str, cell: bytes) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not UTF-8") from None


def _place(cells: list[bytes]) -> str | None:
    latitude, longitude = (_decoded(name, cells[_INDEX[name]]) for name in ("geo_latitude", "geo_longitude"))
    return f"{latitude},{longitude}" if latitude and longitude else None


def _text(name: str, text: str) -> Document:
    return {name: text}


def _time(name: str, text: str) -> Document:
    return {name: f"{text.replace(' ', 'T')}Z"}


def _int(name: str, text: str) -> Document:
    try:
        return {name: int(text)}
    except ValueError:
        raise Unreadable(f"{name} is no whole number") from None


def _float(name: str, text: str) -> Document:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Unreadable(f"{name} is no number")
    return {name: found}


def _bool(name: str, text: str) -> Document:
    if text not in {"0", "1"}:
        raise Unreadable(f"{name} is neither 0 nor 1")
    return {name: text == "1"}


def _event(name: str, text: str) -> Document:
    key, data = _self_describing(_EVENT_PREFIX, json_object(text, name).get("data"), name)
    return {key: data}


def _contexts(name: str, text: str) -> Document:
    entities = json_object(text, name).get("data")
    if not isinstance(entities, list):
        raise Unreadable(f"{name} has no array of data")
    if len(entities) > _ENTITIES_MAX:
        raise Unreadable(f"{name} holds more than {_ENTITIES_MAX} entities")
    found: dict[str, list[Any]] = {}
    for entity in entities:
        key, data = _self_describing("contexts_", entity, name)
        found.setdefault(key, []).append(data)
    return found


def _self_describing(prefix: str, entity: Any, name: str) -> tuple[str, Any]:
    """The key that the SDKs make of a schema's vendor, name and model, and the data."""
    schema = entity.get("schema") if isinstance(entity, dict) else None
    parts = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    if parts is None or "data" not in entity:
        raise Unreadable(f"{name} holds something else than data with its schema")
    vendor, own, model = parts.groups()
    vendor, own = (re.sub(r"[.-]", "_", part) for part in (vendor, own))
    snake = re.sub(r"([^A-Z_])([A-Z])", r"\1_\2", own)
    return f"{prefix}{vendor}_{snake}_{model}".lower(), entity["data"]


_KINDS: Final[Mapping[str, Callable[[str, str], Document]]] = {
    "": _text,
    "time": _time,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "event": _event,
    "contexts": _contexts,
}
_SPLIT: Final = tuple(column.partition(":") for column in _TEXT.split())
COLUMNS: Final = tuple(name for name, _, _ in _SPLIT)
"""The names of the columns, in their order."""
_READERS: Final = tuple(_KINDS[kind] for _, _, kind in _SPLIT)
_INDEX: Final = {name: index for index, name in enumerate(COLUMNS)}
_BEHIND_NAME: Final = len(COLUMNS) - 1 - _INDEX["event_name"]
_EVENT_PREFIX: Final = "unstruct_event_"
_PLACE: Final = "geo_location"
