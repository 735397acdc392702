"""The rules between keys."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.settings.relations import broken_relations
from consumer.settings.sections import Settings


def test_the_defaults_keep_every_rule() -> None:
    """A rule that the defaults break would stop everyone."""
    assert [] == list(broken_relations(Settings()))


@pytest.mark.parametrize(
    ("values", "key", "message"),
    (
        (
            {"loops": {"timeout_s": 20.5}},
            ("delivery", "drain_s"),
            "found 25; allowed: at least 25.5, which is loops.timeout_s (20.5) + 5",
        ),
        (
            {"delivery": {"backoff_min_s": 61}},
            ("delivery", "backoff_min_s"),
            "found 61; allowed: at most delivery.backoff_max_s, which is 60",
        ),
        (
            {"loops": {"connect_timeout_s": 11}},
            ("loops", "connect_timeout_s"),
            "found 11; allowed: at most loops.timeout_s, which is 10",
        ),
        (
            {"loops": {"reserve_per_s": 10}},
            ("loops", "reserve_per_s"),
            "found 10; allowed: less than 10, which auto begins with",
        ),
        (
            {"kafka": {"topics": ["loops-dead-letters"]}},
            ("kafka", "topics", 0),
            "loops-dead-letters would be read, which is where dead letters are written",
        ),
        (
            {"kafka": {"client": {"group.id": "x"}}},
            ("kafka", "client", "group.id"),
            "has a key of its own and must not stand under kafka.client",
        ),
        (
            {"kafka": {"client": {"sasl.password": "x"}, "client_files": {"sasl.password": "password"}}},
            ("kafka", "client_files", "sasl.password"),
            "stands under kafka.client too; allowed: one of the two",
        ),
        (
            {"kafka": {"schema_registry": {"ca_file": "ca.pem"}}},
            ("kafka", "schema_registry", "url"),
            "there is none, and ca_file is given; allowed: an address, as https://registry:8081",
        ),
        (
            {"kafka": {"schema_registry": {"url": "https://r", "username": "u"}}},
            ("kafka", "schema_registry", "username"),
            "needs password_file beside it",
        ),
        (
            {"kafka": {"schema_registry": {"url": "https://r", "password_file": "p"}}},
            ("kafka", "schema_registry", "password_file"),
            "needs username beside it",
        ),
        (
            {"kafka": {"schema_registry": {"url": "http://r:8081", "username": "u", "password_file": "p"}}},
            ("kafka", "schema_registry", "url"),
            'found "http://r:8081" with a username; allowed: https, or http to this machine alone',
        ),
    ),
)
def test_each_rule_complains_about_its_key(values: Any, key: tuple[str | int, ...], message: str) -> None:
    """With both numbers, since either may be the wrong one."""
    (complaint,) = broken_relations(Settings.model_validate(values))

    assert (key, message) == (complaint.keys[0], complaint.message)


@pytest.mark.parametrize(
    "values",
    (
        {"loops": {"timeout_s": 20}},
        {"delivery": {"backoff_min_s": 60}},
        {"loops": {"connect_timeout_s": 10}},
        {"loops": {"reserve_per_s": 9}},
        {"kafka": {"schema_registry": {"url": "http://registry:8081"}}},
        {"kafka": {"schema_registry": {"url": "http://localhost:8081", "username": "u", "password_file": "p"}}},
    ),
)
def test_the_bound_itself_is_allowed(values: Any) -> None:
    """At least and at most mean what they say."""
    assert [] == list(broken_relations(Settings.model_validate(values)))
