"""The schema registry's settings, and that no fault shows the password."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from consumer.faults import Fault, Faults
from consumer.settings.registry import PASSWORD_LENGTH_MAX, SchemaRegistrySettings
from consumer.settings.secret import Secret

PASSWORD = "hunter-2"


def fault_of(file: Path) -> Fault:
    """The one fault of reading the password there."""
    with pytest.raises(Faults) as found:
        SchemaRegistrySettings(password_file=file).password()
    (fault,) = found.value.faults
    return fault


def test_the_password_is_read_again_each_time_without_its_line_end(tmp_path: Path) -> None:
    """So it can be replaced while the program runs. Without a file there is none."""
    file = tmp_path / "password"
    settings = SchemaRegistrySettings(password_file=file)

    file.write_text("first\n")
    assert Secret("first") == settings.password()
    file.write_text("second one\r\n")
    assert Secret("second one") == settings.password()
    assert SchemaRegistrySettings().password() is None


@pytest.mark.parametrize(
    "content", (b"", b" \n", b"\xff\xfe", f"{PASSWORD}\nmore".encode(), b"x" * (PASSWORD_LENGTH_MAX + 1))
)
def test_a_file_that_holds_no_password_is_a_fault_that_shows_none_of_it(tmp_path: Path, content: bytes) -> None:
    """Nor a part of it."""
    file = tmp_path / "password"
    file.write_bytes(content)
    fault = fault_of(file)

    assert fault.path == "kafka.schema_registry.password_file"
    assert fault.message.startswith(f"{file} ")
    assert PASSWORD not in str(fault)


def test_a_file_that_is_not_there_is_named() -> None:
    """But for a password that stands where its file's name belongs."""
    assert fault_of(Path("secrets/registry.txt")).message == (
        "secrets/registry.txt cannot be read: No such file or directory"
    )
    assert fault_of(Path(PASSWORD)).message == "the password file cannot be read: No such file or directory"


@pytest.mark.parametrize("name", ("", "a:b", "a\n", "x" * 256))
def test_a_name_that_cannot_be_sent_is_refused_and_not_shown(name: str) -> None:
    """A colon would end it; a name and a password in one are the password's."""
    with pytest.raises(ValidationError) as error:
        SchemaRegistrySettings(username=name)

    (found,) = error.value.errors()
    assert "found a name that cannot be sent; allowed: 1 to 255 characters, no colon" in found["msg"]


def test_a_registry_is_called_by_its_hosts() -> None:
    """Whatever else its addresses hold."""
    assert SchemaRegistrySettings(url="https://r.example.com/a/path,http://b:8081").host == "r.example.com, b:8081"
    assert SchemaRegistrySettings().host == ""
