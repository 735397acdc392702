"""Dead letters on a real Kafka, and the command that sends them again, as users run it."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from consumer.sandbox.journal import Entry
from tests.kafka import product
from tests.kafka.consumer_process import clean_environment, command
from tests.kafka.job import EVENT_NAME, RULE, Job, let_in
from tests.redaction import API_KEY

__all__ = ["POISON", "PROFILE", "Redriving"]

PROFILE: Final = "profile"
"""The second rule: an update beside the event of the first one."""

POISON: Final = "poison"
"""The note of events that Loops refuses while :meth:`Redriving.letters_of` makes letters."""

_WITHIN_S: Final = 120
_ASK_WITHIN_S: Final = 60

MAPPING: Final[Mapping[str, Any]] = {
    "format": "segment",
    "rules": [
        {
            "name": RULE,
            "when": product.WANTED,
            "send": EVENT_NAME,
            "event": {"number": "properties.number", "note": "properties.note"},
            "max_age": None,
        },
        {
            "name": PROFILE,
            "when": product.WANTED,
            "update": True,
            "contact": {"note": "properties.note", "number": "properties.number"},
        },
    ],
}


class Redriving:
    """A job with two rules, whose letters are made by a consumer and redriven by the command."""

    def __init__(self, job: Job) -> None:
        """Maps it."""
        self.job = job
        job.map(MAPPING)

    def letters_of(self, events: Iterable[product.Made]) -> None:
        """Lets a consumer read these, of which the poisoned ones are refused, and ends it when all are committed."""
        fault = self.job.sandbox.inject(status=400, message="This is not to be.", body_contains=POISON)
        assert fault
        self.job.produce(events)
        consumer = self.job.start().until_ready()
        self.job.until_committed()
        consumer.terminate()
        assert consumer.exit_code() == 0
        self.job.sandbox.heal()

    def command(self, *arguments: str, code: int = 0) -> Any:
        """Runs ``dead-letters`` with these, and returns the JSON that it prints; it must end with ``code``."""
        with self.running(*arguments) as process:
            output, errors = process.communicate(timeout=_WITHIN_S)
        assert process.returncode == code, f"{process.returncode}\n{output}\n{errors}"
        return json.loads(output)

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """The command as a process, which is killed in the end where it still runs."""
        process = subprocess.Popen(  # noqa: S603 - this Python, and a file of ours
            command("dead-letters", *arguments, "--json", "--config", str(self.job.config)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(**self.job.environment),
        )
        with process:
            yield process
            process.kill()

    def redrive(self, *arguments: str, code: int = 0) -> dict[str, dict[str, int]]:
        """Redrives at the whole rate; what became of the letters, and what was left, as ``rule fate`` to a count."""
        found = self.command("redrive", "--share", "1", *arguments, code=code)
        return {
            "done": {f"{one['rule']} {one['fate']}": one["letters"] for one in found["done"]},
            "left": {f"{one['rule']} {one['reason']}": one["letters"] for one in found["left"]},
        }

    def open(self, *arguments: str) -> list[dict[str, Any]]:
        """The letters that are not done."""
        found: list[dict[str, Any]] = self.command("list", *arguments)["letters"]
        return found

    def add_contacts(self, users: Iterable[int]) -> None:
        """Makes these users contacts in Loops."""
        for user in users:
            self._ask("PUT", "/contacts/update", {"userId": f"user-{user}", "email": f"user-{user}@example.com"})

    def delete_contact(self, user: int) -> None:
        """Deletes one in Loops."""
        self._ask("POST", "/contacts/delete", {"userId": f"user-{user}"})

    def requests(self, path: str) -> list[Entry]:
        """What Loops let in there."""
        return let_in(entry for entry in self.job.sandbox.received() if entry.path == path)

    def _ask(self, method: str, path: str, body: Mapping[str, object]) -> None:
        headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
        address = self.job.sandbox.base_url + path
        asked = urllib.request.Request(address, json.dumps(body).encode(), headers, method=method)  # noqa: S310 - the sandbox
        with urllib.request.urlopen(asked, timeout=_ASK_WITHIN_S) as answer:  # noqa: S310 - as above
            assert answer.status == 200
