"""The schemas that are printed are the ones that are shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from consumer.cli.main import main
from consumer.cli.schema import SchemaOf, schema_text

CONFIG = Path(__file__).parents[2] / "config"


SHIPPED = (SchemaOf.CONSUMER, SchemaOf.MAPPING)


@pytest.mark.parametrize("of", SHIPPED)
def test_the_shipped_schema_is_what_the_command_prints(of: SchemaOf, capsys: pytest.CaptureFixture[str]) -> None:
    """``loops-consumer schema X > config/X.schema.json`` makes it current."""
    assert main(["schema", of.value]) == 0

    printed = capsys.readouterr().out
    assert json.loads((CONFIG / f"{of.value}.schema.json").read_text(encoding="utf-8")) == json.loads(printed)
    assert schema_text(of) == printed


@pytest.mark.parametrize("of", SHIPPED)
def test_the_shipped_file_names_its_schema(of: SchemaOf) -> None:
    """In its first line, where editors look for it."""
    first = (CONFIG / f"{of.value}.yaml").read_text(encoding="utf-8").splitlines()[0]

    assert f"# yaml-language-server: $schema={of.value}.schema.json" == first


@pytest.mark.parametrize("of", SchemaOf)
def test_every_file_that_a_user_writes_has_a_schema(of: SchemaOf) -> None:
    """With words for whoever hovers over a key."""
    assert "description" in schema_text(of)
