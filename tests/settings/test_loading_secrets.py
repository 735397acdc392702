"""No secret of the file or the environment is shown, whatever is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from consumer.settings.loading import read_settings

ENVIRON = {"LOOPS_API_KEY": "k-3f9a0c"}


def faults_of(tmp_path: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """Each fault as a user reads it, without the folder."""
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    return [str(fault).replace(f"{tmp_path}/", "") for fault in read_settings(file, environ).faults]


@pytest.mark.parametrize(
    "text",
    (
        "kafka: {client: {sasl.password: [hunter2]}}",
        "kafka: {client: {sasl.password:\n  [hunter2]}}",
        "kafka: {client: {sasl.password: hunter2, group.id: x}}",
        "loops: {api_key: hunter2}",
        "loops: {key: hunter2}",
        "loops: {api_key_file: hunter2}",
        "api_key: hunter2",
        "kafka: {client_files: {sasl.password: [hunter2]}}",
        "kafka: {client_files: {sasl.pasword: hunter2}}",
        "kafka: {client: {sasl.pasword: [hunter2]}}",
        "kafka: {client: {sasl.password: hunter2}, client_files: {sasl.password: hunter2}}",
        "kafka: {client: {sasl.password: *hunter2}}",
        "kafka: {client: {sasl.password:\n  *hunter2}}",
        "kafka: {client: {sasl.password: !hunter2}}",
        "kafka:\n  client:\n    sasl.password:hunter2\n",
        "kafka:\n  client:\n    sasl.password:hunter2\n    sasl.username: u\n",
        "kafka:\n  client:\n    sasl.password:\n      a: b: hunter2\n",
        "kafka:\n  client:\n    sasl.password: a: hunter2\n",
        "kafka:\n  client:\n    ssl.key.pem: |\n      x\n     hunter2\n",
        "kafka: {bootstrap_servers: 'ssl://u:hunter2@a:1'}",
        'kafka: {client: {sasl.password: "hunter2',
        "kafka: {client: {sasl.password: hunter2, sasl.password: hunter2}}",
        "kafka: {client: {ssl.key.password: {hunter2: hunter2}}}",
        "loops: {base_url: https://u:hunter2@app.loops.so}",
    ),
)
def test_no_fault_shows_a_secret(tmp_path: Path, text: str) -> None:
    """Neither as the value that is wrong, nor in the line that is shown, nor in YAML's own words."""
    faults = faults_of(tmp_path, text, {})

    assert faults
    assert [] == [fault for fault in faults if "hunter2" in fault]


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        (
            "kafka:\n  client: {sasl.password: hunter2}\nadmin:\n  host: x\n  port:9464\n",
            "c.yaml:5:7: a space is needed after the colon\n      port:9464\n          ^",
        ),
        (
            "kafka:\n  client:\n    sasl.password: hunter2\n\tsasl.username: u\n",
            "c.yaml:4:1: a tab cannot indent; use spaces\n    \tsasl.username: u\n    ^",
        ),
        (
            "kafka:\n  client:\n    sasl.password: 'hunter2\n    sasl.username: 'u'\n",
            "c.yaml:3:20: this quote is not closed\n    end the value with the quote that it begins with",
        ),
        (
            "kafka:\n  client:\n    sasl.password: x\n    sasl.password: hunter2\n",
            "c.yaml:4:5: the key sasl.password stands twice, first in line 3",
        ),
        (
            "kafka:\n  client: {sasl.password: x\n  topics: [a]\n",
            'c.yaml:2:11: this "{" is not closed\n    end it with "}", or quote a value that begins with "{"',
        ),
    ),
)
def test_beside_a_secret_a_fault_of_yaml_has_place_reason_and_hint(tmp_path: Path, text: str, expected: str) -> None:
    """And its line, unless that holds the secret."""
    assert [expected] == faults_of(tmp_path, text)


def test_a_key_that_cannot_be_one_is_called_by_its_variable_once(tmp_path: Path) -> None:
    """And is not shown."""
    said = (
        "LOOPS_API_KEY: holds something that cannot be a key of Loops (it is not shown)\n"
        "    a key is one line of printable ASCII characters without spaces"
    )
    assert faults_of(tmp_path, "", {"LOOPS_API_KEY": "a b"}) == [said]


def test_a_secret_in_a_variable_is_not_shown_either(tmp_path: Path) -> None:
    """The variable's name says enough."""
    environ = {
        "LOOPS_CONSUMER__LOOPS__API_KEY": "hunter2",
        "LOOPS_CONSUMER__LOOPS__BASE_URL": "https://u:hunter2@app.loops.so",
        "LOOPS_API_KEY": "hunter2 hunter2",
    }

    faults = faults_of(tmp_path, "", environ)

    assert [fault.split(":")[0] for fault in faults] == [
        "LOOPS_CONSUMER__LOOPS__BASE_URL",
        "LOOPS_CONSUMER__LOOPS__API_KEY",
        "LOOPS_API_KEY",
    ]
    assert "hunter2" not in "".join(faults)
