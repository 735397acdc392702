"""What may stand in ``mapping.yaml``, key by key; the descriptions are what an editor shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
)

from consumer.mapping.rule import Identity

__all__ = [
    "ContactText",
    "ExpectedText",
    "Expression",
    "FormatText",
    "JsonFormatText",
    "MappingText",
    "RuleText",
    "TestText",
    "WhenText",
    "json_schema",
]

_FormatName: TypeAlias = Literal["segment", "rudderstack", "json"]
_Path = Annotated[
    StrictStr, Field(pattern=r"^[^.\s][^.]*(\.[^.]+)*$", description="Keys from the top, joined by dots: meta.name.")
]
Expression: TypeAlias = StrictStr | StrictBool | StrictInt | StrictFloat | None
_FieldValue: TypeAlias = StrictStr | StrictBool | StrictInt | StrictFloat
_FieldValues: TypeAlias = Annotated[list[_FieldValue], Field(min_length=1)]
_Name = Annotated[StrictStr, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
_Properties: TypeAlias = dict[StrictStr, Expression]
_MaxAge = Annotated[StrictStr, Field(pattern=r"^[1-9]\d{0,8}[smhd]$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class JsonFormatText(_Section):
    """JSON of one's own making, and where things stand in it."""

    name: Literal["json"]
    event: _Path = Field("event", description="Where the event's name stands.")
    id: _Path | None = Field(
        None,
        description="Where the event's own id stands, if it has one: the same in each copy of one event, and in no "
        "other. An order's id is none. Without it the record's place in the topic counts.",
    )
    time: _Path = Field("timestamp", description="Where the event's time stands: ISO 8601, or a number since 1970.")


def _kind(value: Any) -> str:
    """Which member of a union a value is meant for, so that only that one's faults are shown."""
    if isinstance(value, JsonFormatText) or (isinstance(value, dict) and "name" in value):
        return "(json)"
    return "(map)" if isinstance(value, dict) else "(list)" if isinstance(value, list) else "(name)"


def _map_or_list(value: Any) -> str:
    return "(map)" if isinstance(value, dict) else "(list)" if isinstance(value, list) else "(name)"


_OneFormat: TypeAlias = Annotated[
    Annotated[_FormatName, Tag("(name)")] | Annotated[JsonFormatText, Tag("(json)")], Discriminator(_kind)
]
FormatText: TypeAlias = Annotated[
    Annotated[_FormatName, Tag("(name)")]
    | Annotated[JsonFormatText, Tag("(json)")]
    | Annotated[dict[StrictStr, _OneFormat], Tag("(map)"), Field(min_length=1)],
    Discriminator(_kind),
]
WhenText: TypeAlias = Annotated[
    Annotated[StrictStr, Tag("(name)"), Field(min_length=1)]
    | Annotated[list[Annotated[StrictStr, Field(min_length=1)]], Tag("(list)"), Field(min_length=1)]
    | Annotated[dict[StrictStr, _FieldValue | _FieldValues], Tag("(map)"), Field(min_length=1)],
    Discriminator(_map_or_list),
]


class ContactText(_Section):
    """Who an event is about."""

    email: Expression = Field(None, description="JSONata: the contact's address.")
    userId: Expression = Field(None, description="JSONata: your own id of the contact.")  # noqa: N815 - Loops' name


class RuleText(_Section):
    """Which events become which request. Every rule that matches acts, in the order of the file."""

    name: _Name = Field(description="What people call the rule; also its id, unless there is one.")
    id: _Name | None = Field(
        None, description="Stands in idempotency keys and metrics. Keeps them the same when the name changes."
    )
    enabled: StrictBool = Field(True, description="false: the rule is checked and does nothing.")
    when: WhenText = Field(
        description="An event name, a list of them, or top-level fields and their values. * stands for any "
        "characters, ? for one. With Segment a name is that of a track call; other calls are named by "
        "{type: identify} or {type: page, name: Pricing}.",
        examples=["Trial Started", ["User Deleted", "Account Closed"], {"type": "identify"}],
    )
    where: Expression = Field(True, description="JSONata: the rule acts only where this is true.")
    send: StrictStr | None = Field(None, description="Sends this event to Loops (POST /events/send).")
    update: StrictBool = Field(
        False, description="Sets properties; makes the contact if absent (PUT /contacts/update)."
    )
    create: StrictBool = Field(False, description="Makes the contact, only if absent (POST /contacts/create).")
    delete: StrictBool = Field(False, description="Deletes the contact (POST /contacts/delete).")
    event: _Properties = Field(
        default_factory=dict, description="Properties of the event sent, each a JSONata expression; only with send."
    )
    contact: _Properties = Field(
        default_factory=dict,
        description="Properties of the contact, each a JSONata expression. Absent: left as it is. null: reset.",
    )
    lists: _Properties = Field(
        default_factory=dict, description="Mailing lists by id: true joins, false leaves. A JSONata expression each."
    )
    identity: Identity = Field(
        "both",
        description="Which identifiers go to Loops. With both, Loops overwrites the one that differs.",
    )
    max_age: _MaxAge | None = Field(
        None,
        description="An event older than this is dropped as stale: 90s, 30m, 24h, 7d. null: any age. Without the key: "
        "24h for send, any age for the others.",
        examples=["24h"],
    )
    stale: Literal["drop"] = Field("drop", description="What becomes of an event past max_age.")
    on_unknown_contact: Literal["dead_letter"] = Field(
        "dead_letter", description="What becomes of a request with a userId alone that Loops does not know."
    )


class ExpectedText(_Section):
    """A request that a test expects, with exactly these members."""

    send: StrictStr | None = Field(None, description="Loops' event name.")
    update: Literal[True] | None = None
    create: Literal[True] | None = None
    delete: Literal[True] | None = None
    email: StrictStr | None = None
    userId: StrictStr | None = None  # noqa: N815 - Loops' name
    event: dict[StrictStr, Any] = Field(default_factory=dict)
    contact: dict[StrictStr, Any] = Field(default_factory=dict)
    lists: dict[StrictStr, StrictBool] = Field(default_factory=dict)


class TestText(_Section):
    """One event and the requests that all rules together make of it."""

    __test__ = False  # for pytest, which takes a class of this name for its own

    name: _Name
    at: StrictStr | None = Field(None, description="The clock, ISO 8601; the event's own time otherwise.")
    topic: StrictStr | None = Field(None, description="The topic it lies in, where format is a map from topic to name.")
    given: dict[StrictStr, Any] = Field(description="The event as it lies in the topic.")
    expect: list[ExpectedText] = Field(description="Exactly these requests, in the order of the rules. []: none.")


class MappingText(_Section):
    """Which product events become which requests to Loops."""

    format: FormatText = Field(
        description="How the events lie in the topic: a name, a map from topic to name, or for json "
        "{name: json, event: PATH, id: PATH, time: PATH}."
    )
    contact: ContactText = Field(
        default_factory=ContactText, description="Who an event is about, where the format's default is not right."
    )
    recipients: Annotated[list[StrictStr], Field(min_length=1)] | None = Field(
        None,
        description="Only events with an address like one of these make requests, of whatever kind: for staging.",
        examples=[["*@example.com"]],
    )
    paused: StrictBool = Field(
        False, description="true: nothing is read and nothing leaves until it is false again; nothing is lost."
    )
    rules: Annotated[list[RuleText], Field(min_length=1)]
    tests: list[TestText] = Field(default_factory=list, description="Run by `loops-consumer test`.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``mapping.yaml``."""
    schema = MappingText.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "mapping.yaml"}
