"""Where the key comes from, and that no fault shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.faults import Fault, Faults
from consumer.settings.key import API_KEY_VARIABLE, KEY_LENGTH_MAX, HeldKey, KeySource
from consumer.settings.secret import Secret

KEY = "k-3f9a0c"


def fault_of(source: KeySource) -> Fault:
    """The one fault of reading it."""
    with pytest.raises(Faults) as found:
        source.read()
    (fault,) = found.value.faults
    return fault


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """And is what the user is told."""
    file = tmp_path / "loops.key"
    file.write_text("of-the-file")

    assert Secret(KEY) == KeySource(Secret(KEY), file).read()
    assert KeySource(Secret(KEY), file).place == API_KEY_VARIABLE
    assert KeySource(None, file).place == str(file)


def test_a_file_is_read_again_each_time_without_its_line_end(tmp_path: Path) -> None:
    """So a key can be replaced while the program runs."""
    file = tmp_path / "loops.key"
    source = KeySource(None, file)

    file.write_text("first\n")
    assert Secret("first") == source.read()
    file.write_text("second\r\n")
    assert Secret("second") == source.read()


def test_no_key_at_all_is_a_fault_that_says_how_to_give_one() -> None:
    """Both ways."""
    fault = fault_of(KeySource())

    assert fault.message == "there is no key for Loops"
    assert fault.hint == "set LOOPS_API_KEY, or name a file that holds the key as loops.api_key_file"
    assert KeySource().place is None


@pytest.mark.parametrize(
    ("content", "message"),
    (
        (b"", "is empty; it must hold the key of Loops and nothing else"),
        (b" \n", "is empty; it must hold the key of Loops and nothing else"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (KEY.encode() + b"\nsecond line", "holds something that cannot be a key of Loops (it is not shown)"),
        (KEY.encode() + b" word", "holds something that cannot be a key of Loops (it is not shown)"),
        (KEY.encode() * KEY_LENGTH_MAX, "holds something that cannot be a key of Loops (it is not shown)"),
        ("k-ü".encode(), "holds something that cannot be a key of Loops (it is not shown)"),
    ),
)
def test_a_file_that_holds_no_key_is_a_fault(tmp_path: Path, content: bytes, message: str) -> None:
    """The fault names the file and shows nothing of what it holds."""
    file = tmp_path / "loops.key"
    file.write_bytes(content)

    fault = fault_of(KeySource(None, file))

    assert f"{file} {message}" == fault.message
    assert KEY not in str(fault)


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """With the operating system's reason."""
    fault = fault_of(KeySource(None, tmp_path / "loops.key"))

    assert f"{tmp_path}/loops.key cannot be read: No such file or directory" == fault.message


def test_a_key_in_the_place_of_its_file_is_not_shown() -> None:
    """Someone pastes the key itself: it has no suffix, and digits as no file's name has."""
    source = KeySource(None, Path("config") / KEY)

    assert source.place == "the key file"
    assert fault_of(source).message == "the key file cannot be read: No such file or directory"


def test_a_held_key_is_read_again_only_when_asked(tmp_path: Path) -> None:
    """As after a 401."""
    file = tmp_path / "loops.key"
    file.write_text("first")
    key = HeldKey(KeySource(None, file))
    file.write_text("second")

    assert key() == "first"
    key.reload()
    assert key() == "second"
    assert "second" not in repr(key)


def test_a_held_key_outlives_a_rotation_that_is_half_done(tmp_path: Path) -> None:
    """An empty or missing file for a moment costs nothing."""
    file = tmp_path / "loops.key"
    file.write_text("first")
    key = HeldKey(KeySource(None, file))

    file.write_text("")
    key.reload()
    file.unlink()
    key.reload()

    assert key() == "first"


def test_a_held_key_starts_with_a_key() -> None:
    """Without one it does not exist."""
    with pytest.raises(Faults):
        HeldKey(KeySource())
