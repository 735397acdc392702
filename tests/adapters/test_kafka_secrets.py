"""A name and a password that change in their files are handed to the client; of the rest it is told that it changed."""

from __future__ import annotations

from pathlib import Path

import structlog

from consumer.adapters.kafka_secrets import LOOK_EVERY_S, SecretsWatch
from consumer.settings import KafkaSettings


class Client:
    """What the watch calls of a client."""

    def __init__(self) -> None:
        """Nothing was handed over."""
        self.given: list[tuple[str, str]] = []

    def set_sasl_credentials(self, username: str, password: str) -> None:
        """Keeps both."""
        self.given.append((username, password))


class Files:
    """Secrets in files, a watch over them, and its clock."""

    def __init__(self, folder: Path, *names: str, **client: str) -> None:
        """Each holds ``first``; ``__`` in ``client`` stands for a dot."""
        self.files = {name: folder / name for name in names}
        for name in names:
            self.write(name, "first")
        given = {name.replace("__", "."): value for name, value in client.items()}
        config = KafkaSettings.model_validate({"client": given, "client_files": self.files})
        self.now = 0.0
        self.client = Client()
        self._watch = SecretsWatch(config, tells=True, now=lambda: self.now)

    def write(self, name: str, text: str) -> None:
        """One of them changes."""
        self.files[name].write_text(text)

    def look(self, after_s: float = LOOK_EVERY_S) -> list[tuple[str, str]]:
        """What the client has got by then."""
        self.now += after_s
        self._watch.look(self.client)
        return self.client.given


def test_a_new_password_is_handed_over_once(tmp_path: Path) -> None:
    """With the name, whichever of the two stands in a file."""
    files = Files(tmp_path, "sasl.password", sasl__username="me")

    assert [] == files.look()
    files.write("sasl.password", "second")
    assert [("me", "second")] == files.look()
    assert [("me", "second")] == files.look()


def test_a_name_and_a_password_that_change_go_together(tmp_path: Path) -> None:
    """A name with another's password would be refused."""
    files = Files(tmp_path, "sasl.username", "sasl.password")
    files.write("sasl.username", "other")
    files.write("sasl.password", "second")

    assert [("other", "second")] == files.look()


def test_files_are_looked_at_now_and_then(tmp_path: Path) -> None:
    """It is asked far more often than they change."""
    files = Files(tmp_path, "sasl.password", sasl__username="me")
    files.write("sasl.password", "second")

    assert [] == files.look(LOOK_EVERY_S - 0.1)
    assert [("me", "second")] == files.look(0.1)


def test_where_no_secret_stands_in_a_file_nothing_is_looked_at(tmp_path: Path) -> None:
    """Most have none."""
    assert [] == Files(tmp_path, sasl__username="me", sasl__password="p").look(3_600)


def test_what_the_client_reads_once_is_logged_and_no_secret_is(tmp_path: Path) -> None:
    """Someone has to restart it, and is told for which property."""
    files = Files(tmp_path, "ssl.key.password", "sasl.password", sasl__username="me")
    files.write("ssl.key.password", "hunter2")
    files.write("sasl.password", "hunter2")
    with structlog.testing.capture_logs() as lines:
        files.look()

    (line,) = lines
    assert ("kafka_secrets_changed", ["sasl.password", "ssl.key.password"]) == (line["event"], line["properties"])
    assert ["ssl.key.password"] == line["at_restart"]
    assert "hunter2" not in str(line)
