"""Which of the Kafka client's properties may come from a file, and what is taken of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.settings.client_files import FROM_FILES, SECRET_LENGTH_MAX, HeldSecrets, refused_files, wrong_files

SECRET = "hunter2"


def test_only_secrets_come_from_files() -> None:
    """What names a file itself, or is none, stands where it always stood."""
    assert [] == list(refused_files(FROM_FILES, {"security.protocol"}))
    assert [
        ("sasl.pasword", "did you mean sasl.password?"),
        ("ssl.ca.location", "every other property stands under kafka.client"),
    ] == [(name, hint) for name, _, hint in refused_files(["sasl.pasword", "ssl.ca.location"], ())]


def test_a_property_is_given_once() -> None:
    """Which of the two would count nobody could tell."""
    found = list(refused_files(["sasl.password"], ["sasl.password"]))

    assert [("sasl.password", "stands under kafka.client too; allowed: one of the two", None)] == found


@pytest.mark.parametrize(
    "content",
    (
        b"",
        b"\n",
        b"hunter2\nhunter2\n",
        b"hunter2\x00",
        b"\xff\xfehunter2",
        b"hunter2" * SECRET_LENGTH_MAX,
    ),
)
def test_a_file_that_holds_no_secret_is_a_fault_that_shows_none_of_it(tmp_path: Path, content: bytes) -> None:
    """Nor a part of it."""
    file = tmp_path / "password"
    file.write_bytes(content)

    ((name, message, _),) = wrong_files({"sasl.password": file})

    assert "sasl.password" == name
    assert message.startswith(f"{file} ")
    assert SECRET not in message


def test_a_file_that_is_not_there_is_named_unless_its_name_may_be_the_secret() -> None:
    """A password that stands where its file's name belongs is not shown."""
    files = {"sasl.password": Path("secrets/password"), "ssl.key.password": Path(SECRET)}

    assert [
        "secrets/password cannot be read: No such file or directory",
        "its file cannot be read: No such file or directory",
    ] == [message for _, message, _ in wrong_files(files)]


def test_what_a_file_holds_is_read_anew_and_what_it_held_stays_while_it_holds_nothing(tmp_path: Path) -> None:
    """As in the middle of a rotation, or where the volume is gone for a moment."""
    file = tmp_path / "password"
    files, held = {"sasl.password": file}, HeldSecrets()

    assert {} == held.now(files)
    file.write_text("first\r\n")
    assert {"sasl.password": "first"} == held.now(files)
    file.write_text("")
    assert {"sasl.password": "first"} == held.now(files)
    file.write_text("second")
    assert {"sasl.password": "second"} == held.now(files)
    file.unlink()
    assert {"sasl.password": "second"} == held.now(files)
    assert "second" not in f"{held} {held!r}"
