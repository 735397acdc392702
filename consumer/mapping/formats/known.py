"""The formats by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from consumer.mapping.formats.amplitude import Amplitude
from consumer.mapping.formats.cloudevents import CloudEvents
from consumer.mapping.formats.debezium import Debezium
from consumer.mapping.formats.format import Format
from consumer.mapping.formats.json import Json
from consumer.mapping.formats.mixpanel import Mixpanel
from consumer.mapping.formats.outbox import Outbox
from consumer.mapping.formats.posthog import PostHog
from consumer.mapping.formats.rudderstack import RudderStack
from consumer.mapping.formats.segment import Segment
from consumer.mapping.formats.snowplow import Snowplow

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        known.name: known
        for known in (
            Segment(),
            RudderStack(),
            PostHog(),
            Amplitude(),
            Mixpanel(),
            Snowplow(),
            CloudEvents(),
            Debezium(),
            Outbox(),
            Json(),
        )
    }
)
