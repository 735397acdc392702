"""Settings: YAML and environment to frozen policies, with every fault reported at once."""

from __future__ import annotations

from consumer.settings.environment import variables_given
from consumer.settings.key import API_KEY_VARIABLE, HeldKey, KeySource
from consumer.settings.loading import Reading, load_settings, read_settings
from consumer.settings.registry import SchemaRegistrySettings
from consumer.settings.relations import Complaint
from consumer.settings.schema import json_schema
from consumer.settings.secret import Secret, looks_secret
from consumer.settings.sections import (
    AdminSettings,
    DeliverySettings,
    KafkaSettings,
    LoopsSettings,
    MergeSettings,
    Settings,
)

__all__ = [
    "API_KEY_VARIABLE",
    "AdminSettings",
    "Complaint",
    "DeliverySettings",
    "HeldKey",
    "KafkaSettings",
    "KeySource",
    "LoopsSettings",
    "MergeSettings",
    "Reading",
    "SchemaRegistrySettings",
    "Secret",
    "Settings",
    "json_schema",
    "load_settings",
    "looks_secret",
    "read_settings",
    "variables_given",
]
