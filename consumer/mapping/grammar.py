"""What may stand in ``mapping.yaml``, key by key; the descriptions are what an editor shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    model_validator,
)

from consumer.mapping.envelope import Compression, Encoding
from consumer.mapping.rule import Identity, Once

__all__ = [
    "ContactText",
    "ExpectedText",
    "Expression",
    "FormatOptionsText",
    "FormatText",
    "MappingText",
    "PartText",
    "RuleText",
    "TestText",
    "TestsText",
    "WaitText",
    "WhenText",
    "json_schema",
    "schema_of_part",
    "schema_of_tests",
]

_FormatName: TypeAlias = Literal[
    "segment",
    "rudderstack",
    "posthog",
    "amplitude",
    "mixpanel",
    "snowplow",
    "cloudevents",
    "debezium",
    "outbox",
    "json",
]


def _in_dots(path: str) -> str:
    """Takes what cannot be a path of another language: JSONPath, a JSON pointer."""
    if path.startswith(("$.", "/")) or "[" in path:
        raise ValueError
    return path


_Path = Annotated[
    StrictStr,
    Field(pattern=r"^[^.\s][^.]*(\.[^.]+)*$", description="Keys from the top, joined by dots: meta.name."),
    AfterValidator(_in_dots),
]
Expression: TypeAlias = StrictStr | StrictBool | StrictInt | StrictFloat | None
_FieldValue: TypeAlias = StrictStr | StrictBool | StrictInt | StrictFloat
_FieldValues: TypeAlias = Annotated[list[_FieldValue], Field(min_length=1)]
_Name = Annotated[StrictStr, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
_Properties: TypeAlias = dict[StrictStr, Expression]
_MaxAge = Annotated[StrictStr, Field(pattern=r"^[1-9]\d{0,8}[smhd]$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class FormatOptionsText(_Section):
    """A format, what is around its values, and for json where things stand in them."""

    name: _FormatName = Field(description="The format's name.")
    event: _Path = Field("event", description="json: where the event's name stands.")
    id: _Path | None = Field(
        None,
        description="json: where the event's own id stands, if it has one: the same in each copy of one event, and in "
        "no other. An order's id is none. Without it the record's place in the topic counts.",
    )
    time: _Path = Field(
        "timestamp", description="json: where the event's time stands: ISO 8601, or a number since 1970."
    )
    compression: Compression | None = Field(None, description="What each value is compressed with.")
    encoding: Encoding | None = Field(
        None, description="What each value is encoded with; its schema comes from kafka.schema_registry."
    )
    wrapped: StrictBool = Field(False, description="true: each value is a JSON string that holds the JSON.")


def _kind(value: Any) -> str:
    """Which member of a union a value is meant for, so that only that one's faults are shown."""
    if isinstance(value, FormatOptionsText) or (isinstance(value, dict) and "name" in value):
        return "(options)"
    return "(map)" if isinstance(value, dict) else "(list)" if isinstance(value, list) else "(name)"


def _map_or_list(value: Any) -> str:
    return "(map)" if isinstance(value, dict) else "(list)" if isinstance(value, list) else "(name)"


_OneFormat: TypeAlias = Annotated[
    Annotated[_FormatName, Tag("(name)")] | Annotated[FormatOptionsText, Tag("(options)")], Discriminator(_kind)
]
FormatText: TypeAlias = Annotated[
    Annotated[_FormatName, Tag("(name)")]
    | Annotated[FormatOptionsText, Tag("(options)")]
    | Annotated[dict[StrictStr, _OneFormat], Tag("(map)"), Field(min_length=1)],
    Discriminator(_kind),
]
WhenText: TypeAlias = Annotated[
    Annotated[StrictStr, Tag("(name)"), Field(min_length=1)]
    | Annotated[list[Annotated[StrictStr, Field(min_length=1)]], Tag("(list)"), Field(min_length=1)]
    | Annotated[dict[StrictStr, _FieldValue | _FieldValues], Tag("(map)"), Field(min_length=1)],
    Discriminator(_map_or_list),
]


def _wait_or_name(value: Any) -> str:
    return "(wait)" if isinstance(value, dict | WaitText) else "(name)"


class WaitText(_Section):
    """How long a request waits for its contact."""

    wait_s: Annotated[StrictInt | StrictFloat, Field(ge=1, le=3600)] = Field(
        description="Seconds until it is a dead letter, 1 to 3600."
    )


def _expression_or_map(value: Any) -> str:
    return "(map)" if isinstance(value, dict) else "(expression)"


_Lists: TypeAlias = Annotated[
    Annotated[dict[StrictStr, Expression], Tag("(map)")] | Annotated[StrictStr, Tag("(expression)")],
    Discriminator(_expression_or_map),
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
    lists: _Lists = Field(
        default_factory=dict,
        description="Mailing lists by id: true joins, false leaves. A JSONata expression each, or one in all that "
        "makes an object of them.",
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
    stale: Literal["drop", "update"] = Field(
        "drop",
        description="What becomes of an event past max_age. update: its contact properties go all the same, never "
        "lists, never subscribed. An update can start a workflow too, and can revert a newer value.",
    )
    on_unknown_contact: Annotated[
        Annotated[Literal["dead_letter", "drop"], Tag("(name)")] | Annotated[WaitText, Tag("(wait)")],
        Discriminator(_wait_or_name),
    ] = Field(
        "dead_letter",
        description="What becomes of a request with a userId alone that Loops does not know: dead_letter, drop, or "
        "{wait_s: 30} to wait for the contact.",
    )
    priority: Literal["high", "normal", "low"] = Field(
        "normal", description="Who leaves first where the limit is short. The order within a contact is kept."
    )
    once: Once | None = Field(
        None,
        description="At most one event a contact and hour or day (UTC, by the event's time). It holds while the second "
        "is handled within 24 h of the first; its contact properties still go. Needs a max_age of at most 24h.",
    )
    max_per_hour: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Requests of this rule within an hour, over all replicas; past it they are dead letters."
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
    key: StrictStr | None = Field(None, description="The record's key.")
    headers: dict[StrictStr, StrictStr] = Field(default_factory=dict, description="The record's headers.")
    given: dict[StrictStr, Any] | StrictStr = Field(
        description="The event as it lies in the topic, out of any envelope: JSON, or for a format of text its line."
    )
    expect: list[ExpectedText] = Field(description="Exactly these requests, in the order of the rules. []: none.")


_Definitions: TypeAlias = dict[Annotated[StrictStr, Field(pattern=r"^[A-Za-z_]\w*$")], Expression]
_DEFINE = (
    "Expressions that several rules use: define: {plan: properties.plan} makes $plan. One may read those above it."
)


class PartText(_Section):
    """A file that a mapping includes: rules of the same mapping."""

    define: _Definitions = Field(default_factory=dict, description=_DEFINE)
    rules: list[RuleText] = Field(default_factory=list)
    tests: list[TestText] = Field(default_factory=list, description="Run by `loops-consumer test`.")


class TestsText(_Section):
    """A file of tests beside a mapping."""

    __test__ = False  # for pytest, which takes a class of this name for its own

    tests: list[TestText] = Field(description="Run by `loops-consumer test`.")


class MappingText(_Section):
    """Which product events become which requests to Loops."""

    format: FormatText = Field(
        description="How the events lie in the topic: a name, a map from topic to name, or a name with options: "
        "{name: json, event: PATH, id: PATH, time: PATH}, {name: segment, compression: gzip}."
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
    env: list[Annotated[StrictStr, Field(pattern=r"^[A-Za-z_]\w*$")]] = Field(
        default_factory=list, description="Variables of the environment that expressions may read, as $env.NAME."
    )
    define: _Definitions = Field(default_factory=dict, description=_DEFINE)
    include: list[Annotated[StrictStr, Field(min_length=1)]] = Field(
        default_factory=list,
        description="Further files with define, rules and tests, relative to this one. Their rules act after its own.",
    )
    rules: list[RuleText] = Field(description="Every rule that matches an event acts, in this order.")
    tests: list[TestText] = Field(default_factory=list, description="Run by `loops-consumer test`.")

    @model_validator(mode="before")
    @classmethod
    def _rules_may_be_included(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("include") and "rules" not in data:
            return {**data, "rules": []}
        return data


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``mapping.yaml``."""
    rules_here = {"required": ["rules"], "properties": {"rules": {"minItems": 1}}}
    either = {"required": ["format"], "anyOf": [{"required": ["include"]}, rules_here]}
    return _schema(MappingText, "mapping.yaml") | either


def schema_of_part() -> dict[str, Any]:
    """That of a file which a mapping includes."""
    return _schema(PartText, "a file that mapping.yaml includes")


def schema_of_tests() -> dict[str, Any]:
    """That of a file of tests beside a mapping."""
    return _schema(TestsText, "tests of mapping.yaml")


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(), "title": title}
