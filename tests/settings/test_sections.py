"""The models: frozen, strict, and with the key out of sight."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from consumer.settings.secret import Secret
from consumer.settings.sections import AdminSettings, KafkaSettings, LoopsSettings, Settings


def test_all_defaults_are_valid_and_read_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constructing settings in a test is not at the mercy of the machine."""
    monkeypatch.setenv("LOOPS_CONSUMER__KAFKA__GROUP_ID", "other")

    settings = Settings()

    assert settings == Settings.model_validate(settings.model_dump())
    assert settings.kafka.group_id == "loops-consumer"
    assert settings.kafka.topics == ("product-events",)
    assert (settings.loops.rate_per_s, settings.loops.expected_rate_per_s) == ("auto", 10)
    assert settings.delivery.drain_s == 25


def test_settings_cannot_be_changed() -> None:
    """What was checked stays."""
    with pytest.raises(ValidationError):
        Settings().loops.rate_per_s = 20


@pytest.mark.parametrize("port", ("9464", 9464.0, True, -1, 65536, None))
def test_nothing_is_taken_for_something_else(port: object) -> None:
    """A text is no number, a float no whole one, and true is not 1."""
    with pytest.raises(ValidationError):
        AdminSettings.model_validate({"port": port})


def test_not_a_number_is_not_a_number_of_seconds() -> None:
    """YAML has ``.nan`` and ``.inf``."""
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValidationError):
            LoopsSettings.model_validate({"timeout_s": value})


def test_the_key_is_in_no_text_of_the_settings() -> None:
    """Neither the key of Loops nor a password for Kafka."""
    kafka = KafkaSettings.model_validate({"client": {"sasl.password": "hunter2"}})
    settings = Settings(kafka=kafka, loops=LoopsSettings().with_key(Secret("k-3f9a0c")))

    shown = f"{settings} {settings!r} {settings.loops!r} {settings.kafka!s} {settings.kafka.client}"
    assert "hunter2" not in shown
    assert "k-3f9a0c" not in shown
    assert "k-3f9a0c" not in settings.model_dump_json()
    assert Secret("k-3f9a0c") == settings.loops.api_key()
