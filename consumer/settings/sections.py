"""The keys of ``config/consumer.yaml``: type, default, unit, bound and meaning of each.

The rules between keys are in ``relations.py``. Constructing these reads neither files nor the environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, Strict

from consumer.settings.addresses import checked_base_url, checked_brokers, checked_host
from consumer.settings.client_files import FROM_FILES, HeldSecrets
from consumer.settings.key import KeySource
from consumer.settings.properties import ClientProperties, PropertyValue
from consumer.settings.registry import SchemaRegistrySettings
from consumer.settings.secret import Secret
from consumer.settings.topics import checked_name, checked_topic

__all__ = [
    "AdminSettings",
    "DeliverySettings",
    "KafkaSettings",
    "LoopsSettings",
    "MergeSettings",
    "Settings",
    "TracingSettings",
]

_STRICT = ConfigDict(
    frozen=True,
    strict=True,
    extra="forbid",
    allow_inf_nan=False,
    use_attribute_docstrings=True,
    hide_input_in_errors=True,
)
LOOPS_RATE_PER_S = 10
"""Requests a second that Loops allows a team, by its documentation."""

_FilePath = Annotated[Path, Strict(strict=False)]


class KafkaSettings(BaseModel):
    """Where events are read from, and where dead letters go."""

    model_config = _STRICT

    bootstrap_servers: Annotated[str, AfterValidator(checked_brokers)] = Field(
        default="localhost:9092", examples=["localhost:9092"]
    )
    """Brokers to ask first: host:port once or more, comma separated. KAFKA_BOOTSTRAP_SERVERS sets it too."""
    group_id: str = Field(default="loops-consumer", min_length=1, max_length=255)
    """The consumer group: replicas with the same one share the partitions and the rate."""
    group_instance_id: Annotated[str, AfterValidator(checked_name)] | None = Field(default=None, examples=["orders-0"])
    """Static membership: a name that this replica alone has, as its pod's; null: none. A restart then moves nothing."""
    topics: Annotated[tuple[Annotated[str, AfterValidator(checked_topic)], ...], Strict(strict=False)] = Field(
        default=("product-events",), min_length=1, examples=[["product-events"]]
    )
    """Names of topics, or one regular expression, which starts with ^ and stands alone."""
    start: Literal["earliest", "latest"] = "earliest"
    """Where to begin in a partition for which the group has no commit at all."""
    dead_letter_topic: Annotated[str, AfterValidator(checked_name)] = "loops-dead-letters"
    """Where a record goes that cannot be delivered; it must exist."""
    client: Annotated[dict[str, PropertyValue], AfterValidator(ClientProperties)] = Field(
        default_factory=ClientProperties
    )
    """librdkafka's own properties by their dotted names, as security.protocol, sasl.* and ssl.*; only in the file."""
    client_files: dict[str, _FilePath] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"enum": [*FROM_FILES]}}
    )
    """Those that are secret, as sasl.password: each the name of a file that holds its value, relative to this file."""
    schema_registry: SchemaRegistrySettings = Field(default_factory=SchemaRegistrySettings)
    """Where the schemas of values in Avro, Protobuf or JSON Schema are kept."""

    _held: HeldSecrets = PrivateAttr(default_factory=HeldSecrets)

    def secrets(self) -> dict[str, str]:
        """The properties of ``client_files`` as they are now; see :meth:`HeldSecrets.now`."""
        return self._held.now(self.client_files)


class LoopsSettings(BaseModel):
    """Where requests go, and how fast."""

    model_config = _STRICT

    base_url: Annotated[str, AfterValidator(checked_base_url)] = Field(
        default="https://app.loops.so/api/v1", examples=["https://app.loops.so/api/v1"]
    )
    """Address of Loops' API; plain http only to this machine. LOOPS_BASE_URL sets it too."""
    api_key_file: _FilePath | None = None
    """A file that holds the key, relative to this file; read again while Loops says 401. LOOPS_API_KEY wins."""
    rate_per_s: Annotated[int, Field(ge=1, le=10_000)] | Literal["auto"] = "auto"
    """Requests a second of the team over all replicas; auto: 10, or what Loops says; a number: never more than it."""
    reserve_per_s: int = Field(default=0, ge=0, le=9_999)
    """How many of them a second are left to other programs of the team; less than rate_per_s."""
    on_wire_max: Annotated[int, Field(ge=1, le=1_000)] | Literal["auto"] = "auto"
    """Requests of a replica under way at once; auto: 10, or twice its rate times Loops' latency where that is more."""
    connect_timeout_s: float = Field(default=3.0, ge=0.1, le=60)
    """Seconds to open a connection; at most timeout_s."""
    timeout_s: float = Field(default=10.0, ge=0.5, le=300)
    """Seconds for one request, from connecting to the end of its answer."""
    outage_probe_max_s: float = Field(default=4.0, ge=0.5, le=300)
    """Seconds between two probes of an outage, at most."""

    _environment_key: Secret | None = PrivateAttr(default=None)

    @property
    def expected_rate_per_s(self) -> int:
        """What is set, or what Loops allows a team by its documentation."""
        return LOOPS_RATE_PER_S if self.rate_per_s == "auto" else self.rate_per_s

    @property
    def key_source(self) -> KeySource:
        """Where the key comes from; nothing is read yet."""
        return KeySource(self._environment_key, self.api_key_file)

    def api_key(self) -> Secret:
        """The key as it is now; see :meth:`KeySource.read`."""
        return self.key_source.read()

    def with_key(self, key: Secret | None) -> LoopsSettings:
        """The same, with a key that the environment gave."""
        copy = self.model_copy()
        copy._environment_key = key  # noqa: SLF001 - the copy is of this class
        return copy


class MergeSettings(BaseModel):
    """Which requests that wait for the same contact become one."""

    model_config = _STRICT

    updates: bool = True
    """Consecutive updates of one contact become one."""
    into_events: bool = True
    """An update is told by the event behind it, which needs no request of its own then."""


class DeliverySettings(BaseModel):
    """How much is held, how often it is tried, and how the program stops."""

    model_config = _STRICT

    in_flight_records_max: int = Field(default=10_000, ge=1, le=10_000_000)
    """Records that a rule wants, received and not finished; at the bound their partitions pause."""
    in_flight_bytes_max: int = Field(default=67_108_864, ge=1_024, le=68_719_476_736)
    """Bytes of their keys and values."""
    attempts_max: int = Field(default=8, ge=1, le=1_000)
    """Tries of a request that fails while others succeed; an outage costs none."""
    backoff_min_s: float = Field(default=0.5, ge=0.01, le=3_600)
    """Seconds that bound the wait before the second try; the bound doubles with each further one."""
    backoff_max_s: float = Field(default=60.0, ge=0.01, le=3_600)
    """Seconds that no wait exceeds; at least backoff_min_s."""
    starvation_s: float = Field(default=300.0, ge=1, le=86_400)
    """Seconds that a request may stand ready before it counts as of high priority, for half of what leaves."""
    merge: MergeSettings = Field(default_factory=MergeSettings)
    unchanged_for_s: float = Field(default=0.0, ge=0, le=86_400)
    """Seconds for which an update that tells what this process told last is not sent; 0: off. Others' changes stay."""
    drain_s: float = Field(default=25.0, ge=5.5, le=3_600)
    """Seconds to finish what is under way after SIGTERM; at least loops.timeout_s + 5."""
    undecodable_per_min: int = Field(default=60, ge=1, le=1_000_000)
    """Dead letters a minute, of a replica, for records that cannot be read; past it their partitions pause."""


class AdminSettings(BaseModel):
    """Where /metrics, /livez, /readyz and /status are served."""

    model_config = _STRICT

    host: Annotated[str, AfterValidator(checked_host)] = Field(default="0.0.0.0", examples=["0.0.0.0"])  # noqa: S104 - probes and Prometheus come from outside the pod
    """The address to listen at."""
    port: int = Field(default=9464, ge=0, le=65_535)
    """The port to listen at; 0: any free one, which the log names."""


class TracingSettings(BaseModel):
    """Spans of records and requests; the rest is in OpenTelemetry's own variables (OTEL_...)."""

    model_config = _STRICT

    enabled: bool = False
    """Whether they are made, and exported as OTLP over HTTP; needs the extra tracing."""


class Settings(BaseModel):
    """All of ``config/consumer.yaml``: frozen, strict, complete."""

    model_config = _STRICT

    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    loops: LoopsSettings = Field(default_factory=LoopsSettings)
    delivery: DeliverySettings = Field(default_factory=DeliverySettings)
    admin: AdminSettings = Field(default_factory=AdminSettings)
    tracing: TracingSettings = Field(default_factory=TracingSettings)
    mapping: _FilePath = Path("mapping.yaml")
    """The file that says which events become which requests, relative to this file."""
